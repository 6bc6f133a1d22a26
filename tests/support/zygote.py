# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules as processes that have imported everything already, so that a kill falls into their work.

A module that Ansible starts spends most of its short life importing. A process that did so once, and forks for each
run, gives runs whose every millisecond is the module's own work, which is what tests with SIGKILL are about.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.support.modules import module_environment, module_parameters
from tests.tools.link import CHECKOUT

MODULES = "ansible_collections.chatbot.ops.plugins.modules"


class Run:
    """A module at work in a process of its own."""

    def __init__(self, pid: int, output: Path) -> None:
        self.pid, self._output = pid, output
        # Opened by the parent of the process before anyone could reap it: never another process of the same number.
        self._descriptor = os.pidfd_open(pid)

    def ended(self, seconds: float) -> bool:
        """Wait up to so many seconds for its end, and tell whether it came."""
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def kill(self) -> None:
        """End it by SIGKILL and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):  # it may have been faster
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
        assert self.ended(30)
        os.close(self._descriptor)

    def result(self) -> dict[str, Any]:
        """Wait for its end and return its result."""
        assert self.ended(300)
        os.close(self._descriptor)
        text = self._output.read_text(encoding="utf-8") if self._output.exists() else ""
        try:
            result: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise AssertionError(f"no result: {text}") from error
        return result


class Zygote:
    """The process that forks the runs; use it as a context manager."""

    def __init__(self, *names: str, environment: Mapping[str, str] | None = None) -> None:
        """Prepare for the modules ``names``; ``environment`` joins the inherited one."""
        self._names, self._environment = names, dict(environment or {})
        self._lock = threading.Lock()

    def __enter__(self) -> Zygote:
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, *self._names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=CHECKOUT,
            env={**module_environment(), **self._environment},
        )
        self._runs = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._folder.cleanup()

    def start(self, name: str, params: Mapping[str, Any], *, check: bool = False) -> Run:
        """Start module ``name``. Several threads may do so."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._runs += 1
            output = Path(self._folder.name, str(self._runs))
            request = {"name": name, "params": module_parameters(params, check=check), "output": str(output)}
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            run = Run(int(self._process.stdout.readline()), output)
            self._process.stdin.write(b"\n")  # now it may end and be reaped
            self._process.stdin.flush()
        return run

    def run(self, name: str, params: Mapping[str, Any], *, check: bool = False, fails: bool = False) -> dict[str, Any]:
        """Run module ``name`` to its end and return its result.

        :param fails: whether it is meant to fail; the other outcome is an AssertionError.
        """
        result = self.start(name, params, check=check).result()
        assert bool(result.get("failed", False)) is fails, result
        return result


def serve(names: list[str]) -> None:
    """Be the zygote: a request a line on standard input, the pid of the fork on standard output."""
    mains = {name: importlib.import_module(f"{MODULES}.{name}").main for name in names}
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be(mains[request["name"]], request["params"], request["output"])
        print(pid, flush=True)
        sys.stdin.readline()
        _reap()


def _be(main: Any, params: dict[str, Any], output: str) -> None:
    from ansible.module_utils.testing import patch_module_args

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT, 0o600), 1)
    try:
        with patch_module_args(params):
            main()
    except SystemExit:
        sys.stdout.flush()
    except BaseException:  # it has no result: why not is the better thing to read in its place
        os.write(1, traceback.format_exc().encode())
    finally:
        os._exit(0)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    serve(sys.argv[1:])
