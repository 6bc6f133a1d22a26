# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever opens a maintenance window closes it, whichever way it ends.

A stand-in for the program docker keeps the states of containers in files; the bed's tests do the same to real ones.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose import closer, window
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    OpsError,
    RefusedError,
    ToolError,
)

from tests.support.modules import module_environment
from tests.support.postgres_watchdog import wait_until
from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._compose.documents import container

DOCKER = r"""#!/bin/sh
# docker ps --format=… | inspect --format=… ID… | stop -t SECONDS ID | pause ID | unpause ID | start ID
echo "$*" >> "$STATES/calls"
test -e "$STATES/down" && { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
verb=$1 all=$*
shift
for each; do
    state="$STATES/$each"
    case "$verb $each" in
        *\ -*) ;;
        inspect*) test -e "$state" || { echo "Error: No such container: $each" >&2; exit 1; }
            read -r status < "$state"
            case "$all" in
                *Health*) test "$status" = running && echo true healthy || echo false healthy;;
                *) echo "$status unless-stopped";;
            esac;;
        stop*) test -e "$state" && echo exited > "$state";;
        pause*) echo paused > "$state";;
        start*|unpause*) echo running > "$state";;
    esac
done
case "$verb" in
    ps) cd "$STATES" && for each in *; do
        case $each in calls) ;; *) read -r status < "$each"; test "$status" != running || echo "$each name-$each";; esac
    done;;
esac
exit 0
"""

HOLDER = """
import os, sys
from ansible_collections.chatbot.ops.plugins.module_utils._compose import window
from tests.unit.plugins.module_utils._compose.test_window import CONTAINERS
window._PYTHON, window._LEAST_GRACE = sys.executable, -5
os.geteuid, is_folder = lambda: 0, os.path.isdir
os.path.isdir = lambda path: path != "/run/systemd/system" and is_folder(path)
with window.window(CONTAINERS, "stop", state=sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""

CONTAINERS = [
    read_container(container("n8n", needs="postgres:x:y", config={"StopTimeout": -5})),
    read_container(container("postgres", config={"StopTimeout": -5})),
]


class Docker:
    """The containers of the stand-in."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.state = folder / "containers", folder / "state"
        self.folder.mkdir()
        (folder / "bin").mkdir()
        program = folder / "bin" / "docker"
        program.write_text(DOCKER)
        program.chmod(0o755)
        self.environment = {"STATES": str(self.folder), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        for each in CONTAINERS:
            (self.folder / each.id).write_text("running\n")

    def states(self) -> list[str]:
        return [(self.folder / each.id).read_text().strip() for each in CONTAINERS]

    def calls(self, *verbs: str) -> list[str]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [f"{line.split()[0]} {title(line.split()[-1])}" for line in lines if line.split()[0] in verbs]

    @property
    def journals(self) -> list[pathlib.Path]:
        return sorted((self.state / "windows").glob("*.json"))

    def engine(self, *, up: bool) -> None:
        (self.folder / "down").unlink() if up else (self.folder / "down").touch()


def title(identifier: str) -> str:
    return next(each.service for each in CONTAINERS if each.id == identifier)


@pytest.fixture
def docker(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Docker]:
    made = Docker(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(window, "_PYTHON", sys.executable)
    monkeypatch.setattr(window, "_LEAST_GRACE", -5)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os.path, "isdir", lambda path: path != "/run/systemd/system" and pathlib.Path(path).is_dir())
    yield made
    watched = made.state / "windows"
    assert wait_until(lambda: list(watched.glob("*.watched")) == [], 10), "a watcher does not end"


def opened(docker: Docker, action: str = "stop", **more: Any) -> Any:
    return window.window(CONTAINERS, action, state=str(docker.state), **more)


def test_stopped_in_order_and_brought_back_in_the_other(docker: Docker) -> None:
    with opened(docker) as downtime:
        assert docker.states() == ["exited", "exited"]
        assert len(docker.journals) == 1
        assert json.loads(docker.journals[0].read_text())["containers"][0]["name"] == "lottery-chatbot-postgres-1"
    assert docker.states() == ["running", "running"]
    assert docker.calls("stop", "start") == ["stop n8n", "stop postgres", "start postgres", "start n8n"]
    assert docker.journals == []
    assert downtime.seconds > 0
    assert downtime.healthy is True


def test_paused(docker: Docker) -> None:
    with opened(docker, "pause"):
        assert docker.states() == ["paused", "paused"]
    assert docker.calls("pause", "unpause")[-1] == "unpause n8n"


def test_what_does_not_run_stays_as_it_is(docker: Docker) -> None:
    stopped = [read_container(container("n8n", state={"Status": "exited"}))]
    with window.window(stopped, "stop", state=str(docker.state)) as downtime:
        pass
    assert (downtime.seconds, downtime.healthy) == (0.0, None)
    assert not docker.state.exists()


def test_an_error_in_the_body_closes_it_too(docker: Docker) -> None:
    with pytest.raises(ZeroDivisionError), opened(docker):
        raise ZeroDivisionError
    assert docker.states() == ["running", "running"]


def test_a_killed_holder(docker: Docker, tmp_path: pathlib.Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "state"],
        cwd=CHECKOUT,
        env={
            **module_environment(),
            **docker.environment,
            "PYTHONPATH": f"{CHECKOUT}:{module_environment().get('PYTHONPATH', '')}",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        assert docker.states() == ["exited", "exited"]
        holder.send_signal(signal.SIGKILL)
    assert wait_until(lambda: docker.states() == ["running", "running"], 10)
    assert wait_until(lambda: docker.journals == [], 10)


def test_after_its_limit_it_is_closed_from_outside_and_the_work_counts_for_nothing(docker: Docker) -> None:
    def body() -> None:
        with opened(docker, limit=0.3):
            assert wait_until(lambda: docker.journals == [], 10)
            assert docker.states() == ["running", "running"]

    with pytest.raises(OpsError, match="closed after its limit of 0 seconds"):
        body()


def test_work_that_ends_while_an_overdue_window_is_being_closed_counts_for_nothing(
    docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "_LEAST_GRACE", -2)  # three seconds in which the watcher makes sure

    def body() -> None:
        with opened(docker, limit=0.3):
            assert wait_until(lambda: docker.states() == ["running", "running"], 10)
            assert docker.journals != []

    with pytest.raises(OpsError, match="closed after its limit"):
        body()
    assert wait_until(lambda: docker.journals == [], 10)


def test_one_that_the_engine_keeps_restarting_is_stopped_and_not_paused(docker: Docker) -> None:
    restarting = [read_container(container("n8n", state={"Status": "restarting"}, config={"StopTimeout": -5}))]
    with window.window(restarting, "pause", state=str(docker.state)):
        assert not docker.state.exists()
    with window.window(restarting, "stop", state=str(docker.state)):
        assert docker.states()[0] == "exited"
    assert docker.states()[0] == "running"


@pytest.mark.parametrize("action", ["stop", "pause"])
def test_what_somebody_starts_in_the_middle_counts_for_nothing(docker: Docker, action: str) -> None:
    message = "Somebody started lottery-chatbot-n8n-1 in the maintenance window"
    with pytest.raises(OpsError, match=message), opened(docker, action):
        (docker.folder / CONTAINERS[0].id).write_text("running\n")
    assert docker.states() == ["running", "running"]
    assert docker.journals == []


class TestAnEngineThatWasKilled:
    """It stops all containers when it is back, and leaves them so."""

    @pytest.fixture(autouse=True)
    def engine(self, docker: Docker, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
        pid = tmp_path / "docker.pid"
        pid.write_text(f"{os.getpid()}\n")
        monkeypatch.setattr(closer, "_ENGINE_PID", str(pid))
        (docker.folder / "api").write_text("running\n")
        return pid

    def test_what_ran_beside_runs_again(self, docker: Docker, engine: pathlib.Path) -> None:
        with opened(docker):
            engine.write_text(f"{os.getppid()}\n")
            (docker.folder / "api").write_text("exited\n")
        assert docker.states() == ["running", "running"]
        assert (docker.folder / "api").read_text() == "running\n"

    def test_what_was_stopped_beside_stays_so_if_the_engine_lives(self, docker: Docker) -> None:
        with opened(docker):
            (docker.folder / "api").write_text("exited\n")
        assert (docker.folder / "api").read_text() == "exited\n"

    def test_while_the_containers_get_healthy(
        self, docker: Docker, engine: pathlib.Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []

        def dying(action: str, *arguments: str) -> str:
            if "Health" not in arguments[0]:
                return real(action, *arguments)
            said.append(action)
            if len(said) == 1:
                engine.write_text(f"{os.getppid()}\n")
                for each in docker.folder.iterdir():
                    if each.name != "calls":
                        each.write_text("exited\n")
            if len(said) < 3:
                raise ToolError("Cannot connect to the Docker daemon")
            return real(action, *arguments)

        real = window._docker
        monkeypatch.setattr(window, "_docker", dying)
        checked = [
            read_container({**container("n8n"), "State": {"Status": "running", "Health": {"Status": "healthy"}}})
        ]
        (docker.folder / checked[0].id).write_text("running\n")
        with window.window(checked, "stop", state=str(docker.state)) as downtime:
            pass
        assert downtime.healthy is True
        assert {each.read_text() for each in docker.folder.iterdir() if each.name != "calls"} == {"running\n"}
        assert docker.journals == []


def test_an_engine_that_is_down_when_it_is_to_be_closed(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_RETURN_PATIENCE", 0.2)
    with pytest.raises(ToolError, match="A watcher keeps trying"), opened(docker):
        docker.engine(up=False)
    docker.engine(up=True)
    assert wait_until(lambda: docker.states() == ["running", "running"], 10)
    assert wait_until(lambda: docker.journals == [], 10)


def test_two_at_once(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_OTHERS_PATIENCE", 0.2)
    with opened(docker), pytest.raises(BusyError, match="has lottery-chatbot-"), opened(docker):
        raise AssertionError("it opened")
    assert docker.states() == ["running", "running"]


def test_a_watcher_that_does_not_start(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_PYTHON", "/bin/false")
    monkeypatch.setattr(window, "_WATCHER_PATIENCE", 0.2)
    with pytest.raises(ToolError, match="the watcher that would close it did not start"), opened(docker):
        raise AssertionError("it opened")
    assert docker.states() == ["running", "running"]
    assert docker.journals == []


def test_it_takes_root(docker: Docker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(RefusedError, match="takes root"), opened(docker):
        raise AssertionError("it opened")


class TestAfterABoot:
    def journal(self, docker: Docker) -> pathlib.Path:
        (docker.state / "windows").mkdir(parents=True)
        path = docker.state / "windows" / "20261124T031500Z-1c9e.json"
        containers = [{"id": each.id, "name": each.name} for each in CONTAINERS]
        path.write_text(json.dumps({"id": path.stem, "limit": 900, "grace": 0, "containers": containers}))
        return path

    def test_what_nobody_holds_is_closed(self, docker: Docker) -> None:
        path = self.journal(docker)
        (docker.folder / CONTAINERS[0].id).write_text("exited\n")
        (docker.folder / CONTAINERS[1].id).unlink()  # removed meanwhile
        assert closer.main(["all", str(path.parent)]) == 0
        assert (docker.folder / CONTAINERS[0].id).read_text() == "running\n"
        assert docker.journals == []

    def test_what_stays_open_is_told(
        self, docker: Docker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = self.journal(docker)
        docker.engine(up=False)
        monkeypatch.setattr(closer, "PATIENCE", 0.1)
        assert closer.main(["all", str(path.parent)]) == 1
        assert "Failed to bring back lottery-chatbot-n8n-1: Cannot connect" in capsys.readouterr().err
        assert docker.journals == [path]

    def test_what_killed_ones_left_is_removed(self, docker: Docker) -> None:
        folder = self.journal(docker).parent
        old, young = folder / "a.json.making", folder / "b.json.making"
        for each in (old, young, folder / "c.json.watched", folder / "c.json.halted"):
            each.touch()
        os.utime(old, (1, 1))
        assert closer.main(["all", str(folder)]) == 0
        assert list(folder.iterdir()) == [young]

    def test_nothing_to_watch(self, docker: Docker) -> None:
        assert closer.main(["watch", str(docker.state / "none.json")]) == 0

    def test_a_command_that_makes_no_sense(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert closer.main([]) == 2
        assert "close_windows.py watch JOURNAL" in capsys.readouterr().err


class TestWhatIsStoppedAfterAll:
    """The engine goes on stopping when the one who asked for it is dead."""

    ENGINE = "boot-id 4711 17"

    def close(self, docker: Docker, monkeypatch: pytest.MonkeyPatch, *, engine: str | None, halted: bool) -> list[str]:
        """Close what a dead module left, while a container stops, and return the states that are left then."""
        path = TestAfterABoot().journal(docker)
        path.write_text(json.dumps({**json.loads(path.read_text()), "grace": 1.5, "engine": self.ENGINE, "beside": []}))
        if halted:
            path.with_name(path.name + closer.HALTED).touch()
        monkeypatch.setattr(closer, "_PAUSE", 0.3)
        monkeypatch.setattr(closer, "engine_run", lambda: engine)
        with subprocess.Popen(["sh", "-c", f"sleep 0.5; echo exited > {docker.folder / CONTAINERS[0].id}"]):
            assert closer.main(["all", str(path.parent)]) == 0
        assert list(path.parent.iterdir()) == []
        return docker.states()

    @pytest.mark.parametrize(
        ("engine", "halted"),
        [(ENGINE, False), ("boot-id 4712 18", True), (None, True)],
        ids=["halting", "died", "unseen"],
    )
    def test_it_is_started_again(
        self, docker: Docker, monkeypatch: pytest.MonkeyPatch, engine: str | None, halted: bool
    ) -> None:
        assert self.close(docker, monkeypatch, engine=engine, halted=halted) == ["running", "running"]

    @pytest.mark.parametrize(
        ("engine", "halted"), [(ENGINE, True), ("another 1 1", False)], ids=["all was halted", "booted"]
    )
    def test_nobody_waits_for_what_cannot_be(
        self, docker: Docker, monkeypatch: pytest.MonkeyPatch, engine: str, halted: bool
    ) -> None:
        assert self.close(docker, monkeypatch, engine=engine, halted=halted) == ["exited", "running"]


def test_a_dead_module_says_that_all_was_halted(docker: Docker) -> None:
    with opened(docker):
        (journal,) = docker.journals
        assert journal.with_name(journal.name + closer.HALTED).exists()
    assert wait_until(lambda: list(journal.parent.iterdir()) == [], 10)
