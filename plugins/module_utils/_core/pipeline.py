# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes in a chain, each judged, measured on the way, with bounded memory.

A chain is a list of :class:`Command` and :class:`Tap`. Neighbouring commands are joined by a pipe of the kernel; where
a tap stands between them, or the data comes from or goes to Python, one thread pumps it in chunks. Whatever goes wrong,
every process is ended and reaped before the error leaves :func:`run_pipeline`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, ToolError

CHUNK = 1 << 20
_STDERR_LINES = 15
_F_SETPIPE_SZ = 1031  # fcntl.F_SETPIPE_SZ is named from Python 3.10 on only


@dataclass
class Tap:
    """A measuring point: the SHA-256 and the number of the bytes that went by."""

    size: int = 0
    _sha256: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    def see(self, chunk: bytes) -> None:
        """Take ``chunk`` into account."""
        self.size += len(chunk)
        self._sha256.update(chunk)

    @property
    def sha256(self) -> str:
        """The digest of all that was seen, in hexadecimal."""
        return self._sha256.hexdigest()


def exit_zero(returncode: int, _tail: str) -> str | None:
    """The ordinary judgement: any exit status but 0 is a failure."""
    if returncode < 0:
        return f"ended by {signal.Signals(-returncode).name}"
    return None if returncode == 0 else f"exit status {returncode}"


@dataclass(frozen=True)
class Command:
    """One process of a chain.

    ``env`` joins the inherited environment (this is where secrets go, never ``argv``). ``judge`` is given the exit
    status and the last lines of stderr, and returns a complaint or None. ``watch`` is given each line of stderr.
    ``stdin`` feeds a chain's first process when the chain has no source, ``stdout`` takes the last one's output when it
    has no sink; they are left open.
    """

    argv: tuple[str, ...]
    name: str = ""
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    judge: Callable[[int, str], str | None] = exit_zero
    watch: Callable[[str], None] | None = None
    cwd: str | None = None
    stdin: IO[bytes] | int | None = None
    stdout: IO[bytes] | int | None = None

    @property
    def title(self) -> str:
        """The name for messages."""
        return self.name or os.path.basename(self.argv[0])


class _Process:
    """A started command with its stderr collector."""

    def __init__(self, command: Command, stdin: IO[bytes] | int | None, stdout: IO[bytes] | int | None) -> None:
        self.command = command
        self.tail: deque[str] = deque(maxlen=_STDERR_LINES)
        self._watch_error: Exception | None = None
        try:
            # Not AnsibleModule.run_command: it keeps the whole output, and knows one process only.
            self.popen = subprocess.Popen(  # pylint: disable=ansible-bad-function
                command.argv,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=subprocess.DEVNULL if stdout is None else stdout,
                stderr=subprocess.PIPE,
                env={**os.environ, **command.env},
                cwd=command.cwd,
                # Their own process group: a Ctrl-C is for us to handle, and children of theirs can be ended with them.
                start_new_session=True,
            )
        except OSError as error:
            raise ToolError(f"Failed to start {command.title}: {error.strerror}.") from error
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    def _collect(self) -> None:
        with _pipe(self.popen.stderr) as lines:
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self.tail.append(line)
                if self.command.watch is not None and self._watch_error is None:
                    try:
                        self.command.watch(line)
                    except OpsError as error:
                        self._watch_error = error

    def end(self) -> None:
        """Kill the process and its children if it still runs, and reap it."""
        if self.popen.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it may end between the two calls
                os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self._collector.join(timeout=5)

    def complaint(self) -> str | None:
        """Wait for the end and return what is wrong with it, or None."""
        returncode = self.popen.wait()
        self._collector.join()
        if self._watch_error is not None:
            raise self._watch_error
        text = "\n".join(self.tail)
        verdict = self.command.judge(returncode, text)
        if verdict is None:
            return None
        return f"{self.command.title}: {verdict}" + (f"; its last words: {text.strip()}" if text.strip() else "")


class _Pump(threading.Thread):
    """A thread that moves chunks from a source to a sink, past the taps between them."""

    def __init__(
        self, read: Iterable[bytes], taps: Sequence[Tap], write: Callable[[bytes], object], close: Callable[[], None]
    ):
        super().__init__(daemon=True)
        self._read, self._taps, self._write, self._close = read, taps, write, close
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for chunk in self._read:
                for tap in self._taps:
                    tap.see(chunk)
                self._write(chunk)
        except BaseException as error:  # handed to the caller's thread, which raises it
            self.error = error
        finally:
            # Both ends are let go, so that neighbours see a broken pipe or an end instead of waiting for ever.
            for close in (getattr(self._read, "close", None), self._close):
                try:
                    if close is not None:
                        close()
                except OSError as error:
                    self.error = self.error or error


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return the end of a pipe that was asked for, and so is there."""
    if stream is None:
        raise ValueError("no pipe was asked for")
    return stream


def _chunks(stream: IO[bytes]) -> Iterable[bytes]:
    """Yield what ``stream`` (a pipe) holds, up to its end."""
    with stream:
        while chunk := os.read(stream.fileno(), CHUNK):
            yield chunk


def _write_all(stream: IO[bytes]) -> Callable[[bytes], object]:
    descriptor = stream.fileno()

    def write(chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]

    return write


def _widen(stream: IO[bytes] | None) -> None:
    """Ask for a pipe of a whole chunk: the default costs a switch between processes every 64 KiB."""
    if stream is not None:
        with contextlib.suppress(OSError):  # where the user's limit of pipe pages is reached, the default size does
            fcntl.fcntl(stream.fileno(), _F_SETPIPE_SZ, CHUNK)


class _Chain:
    """The running parts of one pipeline."""

    def __init__(self) -> None:
        self.processes: list[_Process] = []
        self.pumps: list[_Pump] = []

    def start(
        self, stages: Sequence[Command | Tap], source: Iterable[bytes] | None, sink: Callable[[bytes], object] | None
    ) -> None:
        """Start everything; the data flows at once."""
        pending: list[Tap] = []
        feed: Iterable[bytes] | None = source
        joint: IO[bytes] | None = None  # the output of the process before, not yet taken by anyone
        commands = [stage for stage in stages if isinstance(stage, Command)]
        for stage in stages:
            if isinstance(stage, Tap):
                pending.append(stage)
                continue
            if joint is not None and pending:
                feed, joint = _chunks(joint), None
            wanted: IO[bytes] | int | None = joint if joint is not None else stage.stdin
            last = stage is commands[-1]
            taken = sink is not None or not last or isinstance(stages[-1], Tap)
            process = self._spawn(
                stage, subprocess.PIPE if feed is not None else wanted, subprocess.PIPE if taken else stage.stdout
            )
            if joint is not None:
                joint.close()  # the process holds it now; an own copy would hide its end from the writer
            if feed is not None:
                stdin = _pipe(process.popen.stdin)
                self._pump(feed, pending, _write_all(stdin), stdin.close)
            feed, pending = None, []
            joint = process.popen.stdout
        rest = _chunks(joint) if joint is not None else feed
        if rest is not None:
            self._pump(rest, pending, sink or (lambda _chunk: None), lambda: None)

    def _spawn(self, stage: Command, stdin: IO[bytes] | int | None, stdout: IO[bytes] | int | None) -> _Process:
        process = _Process(stage, stdin, stdout)
        self.processes.append(process)
        _widen(process.popen.stdin)
        _widen(process.popen.stdout)
        return process

    def _pump(
        self, read: Iterable[bytes], taps: Sequence[Tap], write: Callable[[bytes], object], close: Callable[[], None]
    ) -> None:
        pump = _Pump(read, taps, write, close)
        self.pumps.append(pump)
        pump.start()

    def finish(self) -> None:
        """Wait for all, judge all, and raise the error that was the cause."""
        failure: BaseException | None = None
        for pump in reversed(self.pumps):  # from the sink: what failed there makes the others fail too
            pump.join()
            if pump.error is not None and not isinstance(pump.error, BrokenPipeError) and failure is None:
                failure = pump.error
                self.end()
        if failure is not None:
            raise failure
        complaints = [(process, process.complaint()) for process in self.processes]
        found = [(process, text) for process, text in complaints if text is not None]
        # A process that died of a broken pipe is a victim of its neighbour; it is named only when nobody else failed.
        causes = [text for process, text in found if process.popen.returncode != -signal.SIGPIPE]
        if found:
            raise ToolError("; ".join(causes or [text for _process, text in found]))
        for pump in self.pumps:
            if pump.error is not None:
                raise ToolError("a process closed its input before the end, yet called it a success")

    def end(self) -> None:
        """Kill and reap whatever still runs."""
        for process in self.processes:
            process.end()


def run_pipeline(
    stages: Sequence[Command | Tap],
    *,
    source: Iterable[bytes] | None = None,
    sink: Callable[[bytes], object] | None = None,
) -> None:
    """Run the chain ``stages`` to its end.

    :param stages: commands and taps in the order in which the data meets them.
    :param source: chunks that are fed to the first stage.
    :param sink: called with each chunk that leaves the last stage; without it, and without a tap at the end, the last
        command writes to its own ``stdout``.
    :raises ToolError: if a process could not be started or its judge complains; the message names each that failed,
        with its exit status and its last lines of stderr.
    :raises Exception: what ``source`` or ``sink`` raised, unchanged. No process is left in either case.
    """
    chain = _Chain()
    try:
        chain.start(stages, source, sink)
        chain.finish()
    finally:
        chain.end()


def run_command(command: Command, *, text_limit: int = 1 << 24) -> str:
    """Run one command and return its standard output as text.

    :raises ToolError: as :func:`run_pipeline`, or when the output exceeds ``text_limit`` bytes.
    """
    collected = bytearray()

    def keep(chunk: bytes) -> None:
        collected.extend(chunk)
        if len(collected) > text_limit:
            raise ToolError(f"{command.title}: its output exceeds {text_limit} bytes.")

    run_pipeline([command], sink=keep)
    return collected.decode("utf-8", "replace")


def stream_command(command: Command) -> Iterator[bytes]:
    """Yield the standard output of one command in chunks. Whoever stops reading before its end has it killed.

    :raises ToolError: as :func:`run_pipeline`, after the last chunk: nothing may rely on what came before.
    """
    process = _Process(command, None, subprocess.PIPE)
    try:
        _widen(process.popen.stdout)
        yield from _chunks(_pipe(process.popen.stdout))
        complaint = process.complaint()
        if complaint is not None:
            raise ToolError(complaint)
    finally:
        process.end()


@contextlib.contextmanager
def feed_command(command: Command) -> Iterator[Callable[[bytes], object]]:
    """Give a function that takes the chunks of one command's standard input; the body's end is the input's.

    :raises ToolError: as :func:`run_pipeline`, when the body ends. If the body fails, the command is killed.
    """
    process = _Process(command, subprocess.PIPE, command.stdout)
    stdin = _pipe(process.popen.stdin)
    into = _write_all(stdin)

    def write(chunk: bytes) -> None:
        try:
            into(chunk)
        except BrokenPipeError as error:  # whoever went before the end says why
            raise ToolError(process.complaint() or f"{command.title} closed its input before the end") from error

    try:
        _widen(stdin)
        yield write
        stdin.close()
        complaint = process.complaint()
        if complaint is not None:
            raise ToolError(complaint)
    finally:
        process.end()
        with contextlib.suppress(OSError):
            stdin.close()
