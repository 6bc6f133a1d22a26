# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in a child process that gives up root, so that nothing it makes can be in the way of another user."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError


def in_child(work: Callable[[], Any], title: str) -> Any:
    """Run ``work`` in a child process, and return what it returned (JSON values only).

    :param title: what is done, to what, for the message: "Failed to <title>: …".
    :raises ToolError: if ``work`` raised anything, or the child was killed.
    """
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_child(work, write_end)
    os.close(write_end)
    try:
        with open(read_end, "rb") as stream:
            answer = stream.read()
    finally:
        _end(pid)
    try:
        told = json.loads(answer)
    except ValueError as error:
        raise ToolError(f"Failed to {title}: the process that did so was killed.") from error
    if "error" in told:
        raise ToolError(f"Failed to {title}: {told['error']}.")
    return told["value"]


def confine(folder: str, uid: int, gid: int) -> None:
    """Let this process, root's, see ``folder`` as its whole file system, and be user ``uid`` for good.

    Who may use a folder need not be able to reach it: those of Docker's volumes lie below one of mode 0710 of root.
    """
    os.chroot(folder)
    os.chdir("/")
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _be_child(work: Callable[[], Any], write_end: int) -> None:
    """Be the child; never returns."""
    try:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        _let_go(write_end)
        answer = {"value": work()}
    except BaseException as error:  # whatever it is, the parent is who can tell it
        answer = {"error": str(error) or type(error).__name__}
    try:
        with open(write_end, "wb") as stream:
            stream.write(json.dumps(answer).encode("utf-8"))
    finally:
        os._exit(0)


def _let_go(write_end: int) -> None:
    """Close what was inherited: a lease, above all, is not to outlive the parent."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != write_end:
            try:
                os.close(int(name))
            except OSError:
                continue  # the listing's own


def _end(pid: int) -> None:
    """Kill the child if it still runs, and reap it."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
