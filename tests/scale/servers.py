# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands for the servers of a fleet: one process that has imported everything, and forks for each module.

A thousand servers run the modules that Ansible sends them on processors of their own. Here they would share the
controller's, and most of what was measured would be a thousand Pythons that start. So the hosts' interpreter is a
small program that hands what it is given to this process: the module that Ansible packed, its input and its output.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.support.modules import module_environment
from tests.support.running import Running
from tests.tools.link import CHECKOUT

_MODULES = "ansible_collections.chatbot.ops.plugins.modules"
#: What the playbooks run on a server. Another module works as well; it takes its time to import.
NAMES = ("n8n_volume_backup", "config_backup", "backup_info", "backup_runbook", "backup_prune", "stack_health_info")
_LIBRARIES = ("ansible.modules.ping", "ansible.module_utils._internal._ansiballz._loader", "boto3.session", "zipfile")
# Without the site module and the environment's settings it starts in a hundredth of a second.
_CLIENT = """#!{python} -ISE
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"run"], [0, 1, 2])
    sys.exit(server.recv(1)[0])
"""


class Servers(Running):
    """The process; ``interpreter`` is what the inventory is to name. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        """Make it in ``folder``, which must be there."""
        self.interpreter = folder / "python"
        self._address = folder / "servers.socket"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.interpreter.write_text(_CLIENT.format(python=sys.executable, address=str(self._address)), "utf-8")
        self.interpreter.chmod(0o755)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._address))
            listener.listen(1024)
            number = listener.fileno()
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", __name__, str(number)],
                stdin=subprocess.DEVNULL,
                cwd=CHECKOUT,
                env=module_environment(),
                pass_fds=(number,),
            )

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._address.unlink()
            self._process = None


def serve(number: int, names: Sequence[str]) -> None:
    """Be the servers: take connections to the socket of that number, and run what each one brings."""
    for name in names:
        importlib.import_module(f"{_MODULES}.{name}")
    for library in _LIBRARIES:
        importlib.import_module(library)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(fileno=number) as listener:
        while True:
            connection, _address = listener.accept()
            if os.fork() == 0:
                _be(connection)
            connection.close()


def _be(connection: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = 1
    try:
        _words, given, _flags, _sender = socket.recv_fds(connection, 16, 3)
        for number, descriptor in enumerate(given):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.argv = [""]  # as of a Python that reads its program from standard input
        with open(0, "rb", closefd=False) as stream:
            code = compile(stream.read(), "<stdin>", "exec")
        exec(code, {"__name__": "__main__"})
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:  # what a Python of one's own would write
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(bytes([status & 0xFF]))
        os._exit(0)


if __name__ == "__main__":
    serve(int(sys.argv[1]), NAMES)
