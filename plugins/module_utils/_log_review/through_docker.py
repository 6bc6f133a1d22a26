# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a container as Docker gives it: for the drivers whose files are nobody's business but Docker's."""

from __future__ import annotations

import subprocess
import threading

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.sift import Line, count, grep, read_output
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import Tally

_UNREADABLE = "does not support reading"


def read_through_docker(program: str, container: str, since: str, tally: Tally) -> None:
    """Add what the log of ``container`` tells from the time ``since`` on to ``tally``.

    :param program: the client ``docker``.
    :raises ToolError: if Docker cannot read it.
    """
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function
        [program, "logs", "--timestamps", f"--since={since}", "--", container],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    if process.stdout is None:
        raise AssertionError
    if process.stderr is None:
        raise AssertionError
    told: list[str] = []

    def read_error(raw: bytes) -> Line | None:
        line = read_output(raw, stderr=True)
        if line is None:
            told.append(raw.decode("utf-8", "replace").strip())  # of Docker itself: no line of a container
            del told[:-3]
        return line

    failures: list[OpsError] = []

    def beside() -> None:
        try:
            with grep(errors, everything=True) as lines:
                count(lines, read_error, since, stderr_tally)
        except OpsError as error:
            failures.append(error)

    errors, stderr_tally = process.stderr, Tally(tally.service, tally.most)
    thread = threading.Thread(target=beside, daemon=True)
    try:
        thread.start()
        with grep(process.stdout) as lines:
            count(lines, _read_stdout, since, tally)
        thread.join()
        status = process.wait()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        thread.join()
        process.stderr.close()
    if failures:
        raise failures[0]
    if status != 0:
        raise ToolError(_advice(container, told))
    tally.join(stderr_tally)


def first_time(program: str, container: str) -> str | None:
    """Return the time of the oldest line that Docker still has of ``container``; None if there is none.

    What prevents it is for :func:`read_through_docker` to tell.
    """
    command = [program, "logs", "--timestamps", "--", container]
    # In one pipe: whichever of the two was first.
    with subprocess.Popen(  # pylint: disable=ansible-bad-function
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        if process.stdout is None:
            raise AssertionError
        try:
            line = read_output(process.stdout.readline(), stderr=False)
        finally:
            process.kill()
        return line.time if line is not None else None


def _read_stdout(raw: bytes) -> Line | None:
    return read_output(raw, stderr=False)


def _advice(container: str, told: list[str]) -> str:
    said = " ".join(told) or "it says nothing"
    if _UNREADABLE in said:
        return (
            f"Docker cannot read the log of {container}: its driver keeps none. Give it the driver json-file or local."
        )
    return f"Docker cannot read the log of {container}: {said}"
