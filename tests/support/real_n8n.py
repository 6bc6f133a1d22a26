# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real n8n that runs on a data folder of the test's: `python -m tests.support.real_n8n install` fetches it."""

from __future__ import annotations

import argparse
import contextlib
import json
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.cache import made_once
from tests.support.n8n_install import LINES, RECIPES, Install, N8nUnavailableError, ensure, write_lock
from tests.support.n8n_readiness import HOST, ask_readiness
from tests.support.postgres_watchdog import wait_until
from tests.support.running import Running

ATTEMPTS = 3

# Of the prepared folder: what runs every second, and what answers POST /webhook/inbound.
HEARTBEAT, INBOUND = "heartbeat0000001", "inbound000000001"

# Nothing asks the Internet, nothing writes to the terminal, and what no test looks at does not cost start-up time.
ENVIRONMENT = {
    "NODE_ENV": "production",
    "GENERIC_TIMEZONE": "UTC",
    "N8N_LISTEN_ADDRESS": HOST,
    "N8N_DISABLE_UI": "true",
    "N8N_PUBLIC_API_DISABLED": "true",
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_DYNAMIC_BANNERS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS": "true",
    # Runners only serve Code nodes; an external one that never comes saves n8n a second process.
    "N8N_RUNNERS_MODE": "external",
    "N8N_PYTHON_ENABLED": "false",
    "EXECUTIONS_DATA_PRUNE": "false",
}
DISABLED_MODULES = {
    1: "mcp,provisioning,breaking-changes,external-secrets",
    2: "mcp,mcp-registry,chat-hub,workflow-builder,instance-ai,agents,otel,sso-oidc,sso-saml,ldap,log-streaming,"
    "external-secrets,source-control,oauth-server,provisioning,breaking-changes,dynamic-credentials,quick-connect,"
    "favorites,redaction,token-exchange,oauth-jwe,n8n-packages,runtime-credentials,workflow-reviews,"
    "instance-version-history,policy-infrastructure",
}


class RealN8nError(Exception):
    """n8n did not start, or one of its commands failed; the message ends with what it said."""


class RealN8n(Running):
    """An n8n on ``user_folder``, the parent of ``.n8n``, on free ports of 127.0.0.1.

    It runs as whoever runs the test. It ends when the object is closed, and with the process that made it.

    :param key: N8N_ENCRYPTION_KEY; without it, the ``config`` of the folder says the key, or n8n makes one.
    :param environment: further variables of n8n's.
    """

    def __init__(
        self,
        install: Install,
        user_folder: Path,
        *,
        key: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.install = install
        self.user_folder = user_folder
        self.port = 0
        self.startup_seconds = 0.0
        """From the launch of the process to the first good answer about its readiness."""
        self._own = {**({} if key is None else {"N8N_ENCRYPTION_KEY": key}), **(environment or {})}
        self._runners_token = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="real-n8n-")

    @property
    def database(self) -> Path:
        """The main file of its SQLite database."""
        return self.user_folder / ".n8n" / "database.sqlite"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    @property
    def log(self) -> str:
        """What it wrote to its standard output and error since it was first started."""
        with contextlib.suppress(FileNotFoundError):
            return self._log.read_text(encoding="utf-8", errors="replace")
        return ""

    @property
    def _log(self) -> Path:
        return Path(self._scratch.name) / "n8n.log"

    def start(self, timeout: float = 180.0) -> None:
        """Starts it, and returns when it is ready: its migrations have run, its workflows are active.

        :param timeout: in seconds.
        :raises RealN8nError: if it ends instead, or is not ready in time.
        """
        for attempt in range(1, ATTEMPTS + 1):
            written = len(self.log)
            self._launch()
            if self._becomes_ready(timeout):
                return
            code, said = self.kill(), self.log[written:]
            # Somebody may take a port between our choice and n8n's start.
            if attempt == ATTEMPTS or "already in use" not in said:
                raise RealN8nError(f"n8n {self.install.version} did not get ready ({code}):\n{said[-3000:]}")

    def stop(self, grace: float = 40.0) -> int | None:
        """Ends it as a service manager does, by SIGTERM, and by SIGKILL if it has not ended in ``grace`` seconds.

        :return: its exit code: 0, from 1.x also 1 if an execution was under way; negative: the signal that ended it;
            None: it was not running.
        """
        if self._process is None:
            return None
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        return self.kill()

    def kill(self) -> int | None:
        """Ends it at once, as a crash does, and returns its exit code as `stop` does."""
        if self._process is None:
            return None
        self._process.kill()
        code = self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None
        return code

    def close(self) -> None:
        """Stops it and removes what it wrote outside ``user_folder``."""
        self.stop()
        self._scratch.cleanup()

    def cli(self, *arguments: str, timeout: float = 180.0) -> subprocess.CompletedProcess[str]:
        """Runs a command of n8n's on the folder, whether or not n8n runs there; its exit code is the caller's to judge.

        Every command first runs the migrations that the database lacks. A key never is an argument.
        """
        return subprocess.run(
            [self.install.node.program, self.install.program, *arguments],
            env=self._environment(*_free_ports()),
            cwd=self._scratch.name,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def checked_cli(self, *arguments: str) -> str:
        """Runs a command and returns its output.

        :raises RealN8nError: if its exit code is not 0.
        """
        done = self.cli(*arguments)
        if done.returncode != 0:
            said = (done.stdout + done.stderr)[-3000:]
            raise RealN8nError(f"n8n {arguments[0]} failed with {done.returncode}:\n{said}")
        return done.stdout

    def export_credentials_decrypted(self) -> list[dict[str, Any]]:
        """Has n8n decrypt all credentials: ``data`` of each is the plain object.

        :raises RealN8nError: if it cannot, or there are none, or one came out as it is stored.
        """
        credentials = self._export("export:credentials", "--decrypted")
        if not all(isinstance(each.get("data"), dict) for each in credentials):
            raise RealN8nError("n8n export:credentials ended with 0, but a credential is still encrypted")
        return credentials

    def export_workflows(self) -> list[dict[str, Any]]:
        """Has n8n export all workflows.

        :raises RealN8nError: if it cannot, or there are none.
        """
        return self._export("export:workflow")

    def executions_count(self) -> int:
        """How many executions its database holds, read by SQLite itself."""
        with contextlib.closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=30)) as database:
            return int(database.execute("SELECT count(*) FROM execution_entity").fetchone()[0])

    def _export(self, command: str, *options: str) -> list[dict[str, Any]]:
        with tempfile.TemporaryDirectory(dir=self._scratch.name) as folder:
            output = Path(folder) / "export.json"
            said = self.checked_cli(command, "--all", *options, f"--output={output}")
            # n8n also ends with 0 when it only printed a hint.
            if not output.is_file():
                raise RealN8nError(f"n8n {command} ended with 0, but wrote nothing:\n{said[-3000:]}")
            exported: list[dict[str, Any]] = json.loads(output.read_text(encoding="utf-8"))
        if not exported:
            raise RealN8nError(f"n8n {command} ended with 0, but exported nothing")
        return exported

    def _launch(self) -> None:
        self.user_folder.mkdir(parents=True, exist_ok=True)
        self.port, broker = _free_ports()
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [self.install.node.program, "--require", RECIPES / "owner.cjs", self.install.program, "start"],
                env=self._environment(self.port, broker),
                cwd=self._scratch.name,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # out of reach of the terminal's Ctrl-C: it is ours to stop
            )

    def _becomes_ready(self, timeout: float) -> bool:
        launched = time.monotonic()
        while self.pid is not None and time.monotonic() < launched + timeout:
            if ask_readiness(self.port) is None:
                self.startup_seconds = time.monotonic() - launched
                return True
            time.sleep(0.05)
        return False

    def _environment(self, port: int, broker_port: int) -> dict[str, str]:
        line = self.install.line
        return {
            "PATH": self.install.node.environment["PATH"],
            "LANG": "C.UTF-8",
            "HOME": self._scratch.name,
            "REAL_N8N_SCRATCH": self._scratch.name,
            "NODE_COMPILE_CACHE": str(self.install.root / "compiled"),
            **ENVIRONMENT,
            "N8N_DISABLED_MODULES": DISABLED_MODULES[line],
            "N8N_USER_FOLDER": str(self.user_folder),
            "N8N_PORT": str(port),
            "N8N_RUNNERS_BROKER_PORT": str(broker_port),
            "N8N_RUNNERS_AUTH_TOKEN": self._runners_token,
            **self._own,
        }


def prepare(line: int = 2) -> tuple[Install, Path]:
    """Has n8n make the folder that `prepared_folder` copies, the first time; returns the install and that folder.

    :raises N8nUnavailableError: if that n8n cannot be had.
    """
    install = ensure(line)
    template = install.root / "prepared"
    with made_once(template) as unfinished:
        if unfinished is not None:
            _prepare(install, unfinished)
    return install, template


def prepared_folder(target: Path, line: int = 2) -> Install:
    """Makes ``target`` the user folder of an n8n that was in use: migrated, with credentials and active workflows.

    The workflow `HEARTBEAT` runs every second, `INBOUND` answers ``POST /webhook/inbound``; its credentials are
    known to `holds_imported_credentials`. The key is in ``.n8n/config``.

    :param target: a folder that does not exist yet.
    :return: the install to run on it.
    :raises N8nUnavailableError: if that n8n cannot be had.
    """
    install, template = prepare(line)
    shutil.copytree(template, target)
    return install


def holds_imported_credentials(exported: list[dict[str, Any]]) -> bool:
    """Whether decrypted credentials are those of a prepared folder, as they were before n8n encrypted them."""
    data = {each["id"]: each["data"] for each in exported}
    imported = json.loads((RECIPES / "credentials.json").read_text(encoding="utf-8"))
    return {each["id"] for each in imported} == set(data) and all(
        data[each["id"]].items() >= each["data"].items() for each in imported
    )


def _prepare(install: Install, folder: Path) -> None:
    instance = RealN8n(install, folder)
    with contextlib.closing(instance):
        instance.checked_cli("import:credentials", f"--input={RECIPES / 'credentials.json'}")
        instance.checked_cli("import:workflow", f"--input={RECIPES / 'workflows.json'}")
        for workflow in (HEARTBEAT, INBOUND):
            activate = ("update:workflow", "--active=true") if install.line == 1 else ("publish:workflow",)
            instance.checked_cli(*activate, f"--id={workflow}")
        # 2.x writes its deployment keys at the first start.
        instance.start()
        if not wait_until(lambda: instance.executions_count() >= 3, 60):
            raise RealN8nError(f"n8n {install.version} is ready, but executes nothing:\n{instance.log[-3000:]}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]


def main(arguments: list[str]) -> int:
    """Serves the command line: ``install`` fetches n8n and prepares its folder, ``lock`` resolves its recipe anew."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.real_n8n", description=main.__doc__)
    parser.add_argument("action", choices=("install", "lock"))
    parser.add_argument("--line", type=int, choices=LINES, help="n8n's major version; without it, each")
    options = parser.parse_args(arguments)
    try:
        for line in [options.line] if options.line else LINES:
            print(prepare(line)[0].root if options.action == "install" else write_lock(line))
    except (N8nUnavailableError, RealN8nError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
