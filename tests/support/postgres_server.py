# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private PostgreSQL server that leaves nothing behind."""

from __future__ import annotations

import atexit
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from tests.support import postgres_watchdog as watchdog
from tests.support.postgres_binaries import Account, copy_for, find_binaries, server_account
from tests.support.running import Running

SUPERUSER = "postgres"
HOST = "127.0.0.1"

SETTINGS = {
    "listen_addresses": HOST,
    "max_connections": "50",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    # Nothing replicates from it, so that a restore need not write its rows to the log as well.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests that do not care what a power failure would leave.
NO_FSYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# A socket's path has at most 107 bytes, and PostgreSQL appends `/socket/.s.PGSQL.<port>.lock` to the folder's.
LONGEST_FOLDER = 75

T = TypeVar("T")


class PostgresServerError(Exception):
    """The server, or a program that spoke to it, failed; the message ends with what it said."""


class PostgresServer(Running):
    """A PostgreSQL cluster of one's own, on a free port of 127.0.0.1, with password authentication.

    Run by root, the server itself runs as another account. A process of its own watches the owner: the server is
    stopped and its folder removed when the object is closed, when the interpreter ends and when it is killed.

    :param folder: a folder for the cluster that does not exist yet; without it, a temporary one. It is removed in
        the end either way. The server's account must be able to reach it.
    :param flavour: which PostgreSQL: see `find_binaries`.
    :param fsync: False for speed, where no power failure matters.
    :param settings: further lines of postgresql.conf.
    :param superuser: the name of the cluster's first user.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        flavour: str | Path = "auto",
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
        superuser: str = SUPERUSER,
    ) -> None:
        self._wanted_folder = folder
        self._flavour = flavour
        self._settings = {**SETTINGS, **({} if fsync else NO_FSYNC), **(settings or {})}
        self.password = secrets.token_urlsafe(24)
        self.superuser = superuser
        self._account = Account()
        self._folder: Path | None = None
        self._bin_dir: Path | None = None
        self._port: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """The server's own folder, with `data`, `socket` and `server.log`."""
        return _started(self._folder)

    @property
    def bin_dir(self) -> Path:
        """The folder with this server's programs, `psql` and `pg_dump` among them."""
        return _started(self._bin_dir)

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return _started(self._port)

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return watchdog.data_folder(self.folder)

    @property
    def socket_dir(self) -> Path:
        """The folder of the unix socket."""
        return self.folder / "socket"

    @property
    def pid(self) -> int | None:
        """The process id of the running server; None while it is stopped."""
        return watchdog.server_pid(self.data)

    def start(self) -> None:
        """Starts the server and returns when it accepts connections; makes the cluster the first time.

        :raises PostgresUnavailableError: if this machine has no server programs of that flavour.
        :raises PostgresServerError: if the server does not start.
        """
        if self._folder is None:
            try:
                self._create()
                self._launch()
            except BaseException:
                self.close()  # also for who starts it without a `with` statement
                raise
        elif self.pid is None:
            self._launch()

    def stop(self) -> None:
        """Stops the server as an administrator would; its data stay, and `start` takes them up again."""
        self._end(watchdog.FAST)

    def kill(self) -> None:
        """Ends all processes of the server with SIGKILL: the next `start` is a crash recovery."""
        self._end(watchdog.CRASH)

    def close(self) -> None:
        """Stops the server for good and removes its folder. May be called again."""
        atexit.unregister(self.close)
        if self._watchdog is None:
            return
        guard, self._watchdog = self._watchdog, None
        assert guard.stdin is not None
        guard.stdin.close()  # the same as if this process had died, so that there is one way to end and no other
        if guard.wait() != 0:
            raise PostgresServerError(f"Failed to stop the PostgreSQL server in {self._folder}, or to remove it")
        if self._server is not None:
            self._server.wait()
        self._folder = None

    def connection(self, dbname: str = "postgres") -> dict[str, Any]:
        """The superuser's connection parameters, as psycopg2.connect takes them."""
        return {
            "host": HOST,
            "port": str(self.port),
            "user": self.superuser,
            "password": self.password,
            "dbname": dbname,
        }

    def dsn(self, dbname: str = "postgres") -> str:
        """The same as a URI; it holds the password."""
        return f"postgresql://{self.superuser}:{quote(self.password)}@{HOST}:{self.port}/{quote(dbname, safe='')}"

    def environment(self, dbname: str = "postgres") -> dict[str, str]:
        """The same as environment variables, as every PostgreSQL program reads them."""
        return {
            "PGHOST": HOST,
            "PGPORT": str(self.port),
            "PGUSER": self.superuser,
            "PGPASSWORD": self.password,
            "PGDATABASE": dbname,
        }

    def psql(self, sql: str, dbname: str = "postgres", variables: Mapping[str, str] | None = None) -> str:
        """Runs SQL by the server's own psql.

        :param variables: psql's: `:"name"` in the SQL stands for the value as an identifier, `:'name'` as a literal.
        :return: the rows, one a line, fields separated by `|`, without headers.
        :raises PostgresServerError: at the first statement that fails.
        """
        # By standard input, like the SQL: a value may be a password.
        assignments = [f"\\set {name} {_quoted(value)}\n" for name, value in (variables or {}).items()]
        done = subprocess.run(
            [self.bin_dir / "psql", "-X", "-A", "-t", "-q", "--set=ON_ERROR_STOP=1"],
            input="".join(assignments) + sql,
            env={**os.environ, **self.environment(dbname)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise PostgresServerError(f"psql failed in database {dbname} with {done.returncode}: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def create_database(self, dbname: str, owner: str = SUPERUSER) -> None:
        """Creates an empty database.

        :raises PostgresServerError: if there is one of that name, or no such owner.
        """
        self.psql('CREATE DATABASE :"name" OWNER :"owner"', variables={"name": dbname, "owner": owner})

    def _create(self) -> None:
        self._account = server_account()
        self._folder = _private_folder(self._wanted_folder, self._account)
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", watchdog.__file__, self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # out of reach of the terminal's Ctrl-C, like the server
        )
        atexit.register(self.close)
        self._bin_dir = find_binaries(self._flavour)
        if not self._account.can_run(self._bin_dir / "postgres"):
            self._bin_dir = copy_for(self._account, self._bin_dir, self._folder / "postgresql")
        for part in (self.data, self.socket_dir):
            part.mkdir(mode=0o700 if part == self.data else 0o755)
            self._give(part)
        self._log.touch(mode=0o600)
        self._initdb()

    def _initdb(self) -> None:
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        self._give(password_file)
        password_file.write_text(self.password)
        command: list[str | Path] = [self.bin_dir / "initdb", "-D", self.data, "-U", self.superuser]
        command += ["-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
        if self._spawn(command).wait() != 0:
            raise PostgresServerError(f"initdb failed:\n{self._last_words()}")
        password_file.unlink()
        lines = [f"{name} = '{value}'\n" for name, value in self._settings.items()]
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as configuration:
            configuration.write(f"unix_socket_directories = '{self.socket_dir}'\n")
            configuration.writelines(lines)

    def _launch(self, attempts: int = 5) -> None:
        """Starts the server on the port that it had, or on a free one; another one if that is taken meanwhile."""
        port = self._port or _free_port()
        before = self._log.stat().st_size
        self._server = self._spawn([self.bin_dir / "postgres", "-D", self.data, "-p", str(port)])
        if self._becomes_ready(self._server):
            self._port = port
            return
        words = self._last_words(before)
        if "could not bind" not in words or attempts == 1:
            raise PostgresServerError(f"The PostgreSQL server in {self._folder} did not start:\n{words}")
        self._port = None
        self._launch(attempts - 1)

    def _becomes_ready(self, server: subprocess.Popen[bytes], patience: float = 120.0) -> bool:
        watchdog.wait_until(lambda: server.poll() is not None or self._is_ready(server.pid), patience)
        if server.poll() is None and self._is_ready(server.pid):
            return True
        server.kill()
        server.wait()
        return False

    def _is_ready(self, pid: int) -> bool:
        # The eighth line of the pid file is the server's state; pg_ctl waits for it in the same way.
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _end(self, stop: watchdog.Stop) -> None:
        watchdog.stop_server(self.data, stop)
        if self._server is not None:
            self._server.wait()

    def _spawn(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},  # English messages, no secret of ours
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=self._account.groups,
                start_new_session=True,
            )

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _last_words(self, offset: int = 0) -> str:
        lines = self._log.read_bytes()[offset:].decode(errors="replace").splitlines()
        return "\n".join(lines[-15:])

    def _give(self, path: Path) -> None:
        """Makes the server's account the owner."""
        if self._account.uid is not None and self._account.gid is not None:
            os.chown(path, self._account.uid, self._account.gid)


def _started(value: T | None) -> T:
    if value is None:
        raise PostgresServerError("The PostgreSQL server was not started")
    return value


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _private_folder(wanted: Path | None, account: Account) -> Path:
    if wanted is None:
        parents = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
        parent = next((folder for folder in parents if _suits(folder / "chatbot-ops-12345678", account)), parents[0])
        folder = Path(tempfile.mkdtemp(prefix="chatbot-ops-", dir=parent))
    elif _suits(wanted, account):
        folder = wanted
        folder.mkdir(mode=0o700)
    else:
        raise PostgresServerError(f"The server's account cannot reach {wanted}, or its path is too long for a socket")
    if account.uid is not None:
        folder.chmod(0o755)  # the account passes through it; what is secret in it has a mode of its own
    return folder.resolve()


def _suits(folder: Path, account: Account) -> bool:
    reachable = account.uid is None or all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)
    return reachable and len(os.fsencode(folder.resolve())) <= LONGEST_FOLDER


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
