# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole stack comes up beside the one in service: nobody notices, nothing leaves, and nothing stays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Load, Outcome, port_by_name
from tests.bed.process import wait_until
from tests.bed.server import Server
from tests.bed.site import ADDRESSES, BOT, PROJECT, REPOSITORY
from tests.e2e.player import Play, Player

pytestmark = pytest.mark.thorough

_COUNTER = Path(__file__).with_name("outgoing.py")
#: Where the workflow that must not run calls, by a name and by an address: each second, if it were active.
_NAME = "callout-of-a-rehearsal"
_ADDRESS = ADDRESSES["s3"]
_CALLING = "callout000000001"
#: What the operator's message is called; the API takes no other names.
_PROBE = "00000000-0000-4000-8000-0000000000a1"
_N8N = ("docker", "exec", f"{PROJECT}-n8n-1", "n8n")


def _workflow() -> dict[str, Any]:
    trigger = {
        "id": "c0000000-0000-4000-8000-000000000001",
        "name": "Every second",
        "type": "n8n-nodes-base.scheduleTrigger",
        "typeVersion": 1.2,
        "position": [0, 0],
        "parameters": {"rule": {"interval": [{"field": "seconds", "secondsInterval": 1}]}},
    }
    calls = [
        {
            "id": f"c0000000-0000-4000-8000-00000000000{number}",
            "name": f"Call {url}",
            "type": "n8n-nodes-base.httpRequest",
            "typeVersion": 4.2,
            "position": [220, 100 * number],
            "parameters": {"method": "POST", "url": url, "options": {"timeout": 2000}},
        }
        for number, url in enumerate((f"http://{_NAME}.lottery.test/", f"http://{_ADDRESS}:8333/"), start=2)
    ]
    targets = [{"node": each["name"], "type": "main", "index": 0} for each in calls]
    return {
        "id": _CALLING,
        "name": "Call out every second",
        "active": False,
        "nodes": [trigger, *calls],
        "connections": {"Every second": {"main": [targets]}},
        "settings": {"executionOrder": "v1"},
        "pinData": {},
    }


@dataclass
class Outgoing:
    """While in use, counts what leaves the server by its outer interface."""

    server: Server
    counted: dict[str, int] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Outgoing:
        self.server.shell("rm -f /run/stop-counting")
        self.server.ssh("tee", "/run/outgoing.py", stdin=_COUNTER.read_bytes())
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        wait_until(lambda: None if self._runs() else "it does not run", "count what leaves the server", 20)
        return self

    def __exit__(self, *_about: object) -> None:
        self.server.shell("touch /run/stop-counting")
        if self._thread is not None:
            self._thread.join(60)
        self.server.shell("rm -f /run/stop-counting /run/outgoing.py")

    def _runs(self) -> bool:
        return self.server.shell("pgrep -f '^python3 /run/outgoing.py' || true").strip() != ""

    def _count(self) -> None:
        words = ("python3", "/run/outgoing.py", "eth0", ADDRESSES["production"], _ADDRESS, _NAME, "/run/stop-counting")
        self.counted = json.loads(self.server.ssh(*words, timeout=500))


@dataclass
class Rehearsed:
    """What a rehearsal under load came to."""

    play: Play
    outcomes: list[Outcome]
    counted: dict[str, int]
    record: dict[str, Any]
    started: tuple[dict[str, str], dict[str, str]]
    """When each container of the stack began, before and after it."""


class Rehearsals:
    """The production server with a set whose n8n would call out."""

    def __init__(self, bed: Bed, player: Player, folder: Path) -> None:
        self.bed, self.player, self.folder = bed, player, folder
        self.server = bed.production

    def variables(self, **others: Any) -> dict[str, Any]:
        """What the operator says on the command line."""
        probe = {
            "url": f"https://{BOT}/webhook/inbound",
            "body": _message(_PROBE),
            "expect": _PROBE,
            "workflows": ["Inbound message"],
        }
        given = {"rehearsal_mode": "isolated", "rehearsal_report_folder": str(self.folder), "quarantine_probe": probe}
        return {**given, **others}

    def run(self, **others: Any) -> Rehearsed:
        """Rehearses, while customers write."""
        before = self.started()
        with Outgoing(self.server) as outgoing, Load(port_by_name(self.bed.site), self.bed.site.authority) as load:
            play = self.player.play("rehearse_recovery", **self.variables(**others))
        records = sorted(self.folder.glob("rehearsal-*.json"))
        assert play.succeeded, play.output[-6000:]
        record = json.loads(records[-1].read_text(encoding="utf-8"))
        return Rehearsed(play, load.outcomes, outgoing.counted, record, (before, self.started()))

    def started(self) -> dict[str, str]:
        """When each of the stack's containers began to run."""
        names = self.server.shell(
            f"docker ps --filter='name=^{PROJECT}-[a-z0-9]*-1$' --format='{{{{.Names}}}}'"
        ).split()
        return {
            each: self.server.ssh("docker", "inspect", "--format={{.State.StartedAt}}", each).strip() for each in names
        }

    def left(self) -> list[str]:
        """What is there of copies: containers, networks, volumes, folders."""
        label = "--filter=label=chatbot.ops.quarantine"
        found = self.server.ssh("docker", "ps", "--all", label, "--format={{.Names}}").split()
        for kind in ("network", "volume"):
            found += self.server.ssh("docker", kind, "ls", "--format={{.Name}}").split()
        folders = self.server.shell("ls /var/lib/chatbot-ops/quarantine 2>/dev/null || true").split()
        return [each for each in [*found, *folders] if "-rehearsal-" in each]


def _message(message_id: str) -> dict[str, Any]:
    message = {"from": "+570000000000", "id": message_id, "type": "text", "text": {"body": "prueba"}}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [message]}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}


@pytest.fixture(scope="module")
def rehearsals(bed: Bed, player: Player, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsals]:
    """A set was taken while that workflow was active; the stack's own n8n has it no longer by then."""
    server = bed.production
    server.shell(f"rm -rf {REPOSITORY}/*")
    before = player.must("backup_stack", backup_max_age="").result("n8n_volume_backup")["backup_id"]
    server.ssh(
        "docker", "exec", "-i", f"{PROJECT}-n8n-1", "tee", "/tmp/callout.json", stdin=json.dumps([_workflow()]).encode()
    )
    try:
        server.ssh(*_N8N, "import:workflow", "--input=/tmp/callout.json", timeout=120)
        server.ssh(*_N8N, "publish:workflow", f"--id={_CALLING}", timeout=120)
        taken = player.must("backup_stack", backup_max_age="").result("n8n_volume_backup")
        assert taken["manifest"]["proof"]["database"]["workflows"]["active"] == 3
        server.ssh(*_N8N, "unpublish:workflow", f"--id={_CALLING}", timeout=120)
        stack.compose(server, "restart", "n8n", timeout=120)
        stack.up(server)
        yield Rehearsals(bed, player, tmp_path_factory.mktemp("rehearsals"))
    finally:
        restored = {"restore_confirm": PROJECT, "restore_backup_id": before, "restore_keep_previous": False}
        player.must("restore_n8n", **restored)
        server.shell(f"rm -rf {REPOSITORY}/*")


def test_nobody_notices_and_nothing_leaves(rehearsals: Rehearsals) -> None:
    server = rehearsals.server
    found = rehearsals.run(rehearsal_keep=True)
    assert [each.failure for each in found.outcomes if each.failure] == []
    assert len(found.outcomes) > 50
    assert len(found.started[0]) == 4
    assert found.started[0] == found.started[1]
    assert found.counted["all"] > 0
    assert {key: found.counted[key] for key in ("foreign", "to", "word")} == {"foreign": 0, "to": 0, "word": 0}

    proofs = {each["source"]: each["proof"]["equal"] for each in found.record["sources"]}
    assert proofs == {"n8n": True, "database": True, "config": True}
    assert [each["id"] for each in found.record["phases"]] == [
        "choose",
        "prepare",
        "restore",
        "start",
        "prove",
        "remove",
    ]

    # The copy is still there: all of it works, and nothing in it calls anybody.
    names = server.shell("docker ps --filter=label=chatbot.ops.quarantine --format='{{.Names}} {{.Status}}'")
    copies = dict(line.split(" ", 1) for line in names.splitlines())
    assert len(copies) == 4
    assert [each for each in copies.values() if "(healthy)" not in each] == []
    n8n = next(each for each in copies if each.endswith("-n8n-1"))
    (active,) = _workflows(server, n8n, "--active=true")
    assert active == "inbound000000001"
    assert _CALLING in _workflows(server, n8n)
    with Outgoing(server) as outgoing:
        for container in copies:
            if container.endswith(("-n8n-1", "-api-1")):
                assert _calls_out(server, container) == ["no", "no"]
    assert {key: outgoing.counted[key] for key in ("foreign", "to", "word")} == {"foreign": 0, "to": 0, "word": 0}
    with Outgoing(server) as outgoing:
        _calls_out(server, f"{PROJECT}-api-1")
    assert outgoing.counted["to"] > 0, "the counter would have seen it"
    assert outgoing.counted["word"] > 0, "the counter would have seen it"

    # The message went through the copy's chain, and through no other.
    database = next(each for each in copies if each.endswith("-postgres-1"))
    statement = f"SELECT id FROM messages WHERE id = '{_PROBE}'"
    words = ("docker", "exec", database, "psql", "-U", "postgres", "-Atc", f'"{statement}"', stack.DATABASE)
    assert server.ssh(*words).split() == [_PROBE]
    assert stack.psql(server, statement) == ""


def test_one_that_is_killed_halfway_is_removed_by_the_next(rehearsals: Rehearsals) -> None:
    assert rehearsals.left() != []  # the one that was kept
    started = rehearsals.player.start("rehearse_recovery", **rehearsals.variables())
    try:
        kept = set(rehearsals.left())

        def half() -> str | None:
            made = {each for each in rehearsals.left() if each.endswith("-postgres-1")} - kept
            return None if made else "no container of the copy is there"

        wait_until(half, "see the rehearsal halfway", 120)
    finally:
        started.kill()
    time.sleep(3)
    assert any(each.endswith("-postgres-1") for each in rehearsals.left())
    found = rehearsals.run()
    assert [each.failure for each in found.outcomes if each.failure] == []
    assert {key: found.counted[key] for key in ("foreign", "to", "word")} == {"foreign": 0, "to": 0, "word": 0}
    assert rehearsals.left() == []


def test_one_whose_service_does_not_get_healthy_fails_and_is_removed(rehearsals: Rehearsals) -> None:
    before = rehearsals.started()
    failed = rehearsals.player.play(
        "rehearse_recovery",
        # The API's image has no n8n in it.
        **rehearsals.variables(quarantine_wait_limit=20, quarantine_images={"n8n": _image(rehearsals.server, "api")}),
    )
    assert not failed.succeeded
    assert f"Not all services of the copy of {PROJECT} got healthy" in " ".join(failed.output.split()), failed.output[
        -4000:
    ]
    assert rehearsals.left() == []
    assert rehearsals.started() == before
    assert stack.obstacle(rehearsals.server) is None


def _image(server: Server, service: str) -> str:
    return server.ssh("docker", "inspect", "--format={{.Config.Image}}", f"{PROJECT}-{service}-1").strip()


def _workflows(server: Server, container: str, *options: str) -> list[str]:
    """The ids of the workflows, as n8n's own command line tells them."""
    told = server.ssh("docker", "exec", container, "n8n", "list:workflow", "--onlyId", *options, timeout=120)
    known = ("heartbeat0000001", "inbound000000001", _CALLING)
    return [each for each in told.split() if each in known]


def _calls_out(server: Server, container: str) -> list[str]:
    """Whether programs in the container reach the name and the address: yes or no each."""
    script = (
        f"for (const url of ['http://{_NAME}.lottery.test/', 'http://{_ADDRESS}:8333/'])"
        " await fetch(url, {signal: AbortSignal.timeout(3000)}).then(() => console.log('yes'), () => console.log('no'))"
    )
    words = ("docker", "exec", "-i", container, "node", "--input-type=module", "-")
    return server.ssh(*words, stdin=script.encode()).split()
