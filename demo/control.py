# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A socket by which the playbook's commands reach the process that owns the stack: one verb in, one answer out."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

_DONE = "done"


class Control:
    """Answers verbs while the body runs.

    :param path: the socket's path, in a folder that only we can enter.
    :param verbs: what to do for each verb.
    """

    def __init__(self, path: Path, verbs: Mapping[str, Callable[[], None]]) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                verb = self.rfile.readline().decode().strip()
                try:
                    verbs[verb]()
                    answer = _DONE
                except Exception as error:  # the asker is to be told, whatever it is
                    answer = f"{type(error).__name__}: {error}"
                self.wfile.write(answer.encode())

        self._server = socketserver.UnixStreamServer(str(path), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Control:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def ask(path: str, verb: str) -> str:
    """Return the answer to ``verb``."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(f"{verb}\n".encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile().read()


if __name__ == "__main__":
    outcome = ask(*sys.argv[1:3])
    sys.exit(0 if outcome == _DONE else outcome)
