# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSH server on 127.0.0.1, for OpenSSH's own clients: it runs their commands as the user of the tests."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import asyncssh

from tests.support.running import Running


class SshServer(Running):
    """It shows the given host key, and lets in whoever has the given key; use it as a context manager.

    :param host_key: the private key, in OpenSSH's format.
    :param authorized_key: the public key, in one line.
    :param port: 0 for any that is free.
    """

    def __init__(self, host_key: str, authorized_key: str, port: int = 0) -> None:
        self.port = port
        self.commands: list[str] = []
        self._host_key = asyncssh.import_private_key(host_key)
        self._authorized = asyncssh.import_authorized_keys(authorized_key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: Any = None
        self._connections: list[Any] = []

    def start(self) -> None:
        """Start it; its port is known then."""
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self._server = listening.result(timeout=30)
        self.port = self._server.get_port()

    def close(self) -> None:
        """Stop it, with what still runs in it."""
        if self._server is not None:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=30)
            self._server = None
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=30)
            self._loop.close()

    async def _listen(self) -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self._host_key],
            authorized_client_keys=self._authorized,
            process_factory=self._run,
            encoding=None,
            allow_scp=False,
            acceptor=self._connections.append,
        )

    async def _stop(self) -> None:
        self._server.close()
        # OpenSSH's clients keep theirs for a minute.
        for each in self._connections:
            each.abort()

    async def _run(self, process: Any) -> None:
        self.commands.append(process.command)
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_shell(process.command, stdin=pipe, stdout=pipe, stderr=pipe)
        await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
        process.exit(await child.wait())


def make_key(path: Path) -> str:
    """Write a new private key to ``path`` and return its public one, in one line."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key())
    return key.export_public_key().decode().strip()
