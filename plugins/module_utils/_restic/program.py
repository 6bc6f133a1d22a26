# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the program restic on one repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import (
    Command,
    feed_command,
    run_command,
    run_pipeline,
    stream_command,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import (
    Backed,
    Label,
    Snapshot,
    filter_tags,
    lines,
    read_node,
    read_snapshots,
)
from ansible_collections.chatbot.ops.plugins.module_utils._restic.refusal import explained
from ansible_collections.chatbot.ops.plugins.module_utils._restic.settings import ResticSettings

_OLDEST = (0, 14)
_INCOMPLETE = 3
_LONGEST_ANSWER = 1 << 28


class Restic:
    """The program, for one repository. Each run opens it anew, which takes most of a second."""

    def __init__(self, settings: ResticSettings) -> None:
        self.settings = settings

    @property
    def title(self) -> str:
        """The repository's name for messages."""
        return f"restic repository {self.settings.title}"

    def require_version(self) -> None:
        """Refuse a restic that is too old.

        :raises ToolError: telling which is needed.
        """
        answer = run_command(Command((find_program("restic"), "version"), name="restic"))
        match = re.search(r"\brestic (\d+)\.(\d+)", answer)
        if match is None or (int(match.group(1)), int(match.group(2))) < _OLDEST:
            wanted = ".".join(str(part) for part in _OLDEST)
            raise ToolError(f"restic {wanted} or newer is needed; this is {answer.strip()!r}. Install a newer one.")

    def snapshots(self, stack: str) -> list[Snapshot]:
        """Return the snapshots of ``stack``, oldest first."""
        try:
            return self._list(stack)
        except BusyError:
            # A run that was killed may have left it locked, for everybody and for ever.
            self._unlock()
            return self._list(stack)

    def _list(self, stack: str) -> list[Snapshot]:
        command = self._command("snapshots", "--json", "--tag", filter_tags(stack))
        with self._told("list"):
            return read_snapshots(run_command(command, text_limit=_LONGEST_ANSWER))

    def _unlock(self) -> None:
        """Remove the locks of those who are dead; restic leaves those of the living alone."""
        with self._told("unlock"):
            run_pipeline([self._command("unlock")])

    @contextmanager
    def keep_stream(self, label: Label) -> Iterator[Callable[[bytes], object]]:
        """Give a function that takes the chunks of a snapshot of one file; there is one once the body ended.

        What restic says goes to no one: the snapshot is found by its label.
        """
        command, action = self._backup(label, "--stdin", "--stdin-filename", label.name), f"keep {label.name} in"
        with ExitStack() as run:
            feed = run.enter_context(feed_command(command))

            def write(chunk: bytes) -> None:
                with self._told(action):
                    feed(chunk)

            yield write  # what fails in the body is no failure of restic's
            with self._told(action):
                run.close()

    def keep_folder(self, label: Label, folder: str, exclude_file: str) -> Backed:
        """Keep all in ``folder`` but what matches the patterns in ``exclude_file``."""
        backed = Backed()
        command = self._backup(label, "--exclude-file", exclude_file, ".", files=True)
        command = replace(
            command,
            cwd=folder,
            # With one that leads there through a link, or elsewhere, it would take the folder for another.
            env={**command.env, "PWD": folder},
            watch=backed.see,
            judge=lambda code, _tail: None if code in (0, _INCOMPLETE) else f"exit status {code}",
        )
        with self._told(f"keep {label.name} in"):
            for line in run_command(command, text_limit=_LONGEST_ANSWER).splitlines():
                backed.see(line)
            if not backed.snapshot:
                raise ToolError("restic backup: it says nothing of a snapshot")
        return backed

    def dump(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield the bytes of a snapshot of one file."""
        return self._stream("dump", snapshot.identifier, f"/{snapshot.label.name}")

    def archive(self, snapshot: Snapshot) -> Iterator[bytes]:
        """Yield a tar archive of a snapshot of files; all of it is read for that, and compared with its digests."""
        return self._stream("dump", "--archive", "tar", snapshot.identifier, "/")

    def nodes(self, snapshot: Snapshot) -> Iterator[Node]:
        """Yield what is in a snapshot of files, a folder before what is in it."""
        for line in lines(self._stream("ls", "--json", snapshot.identifier)):
            node = read_node(line)
            if node is not None:
                yield node

    def restore(self, snapshot: Snapshot, folder: str) -> None:
        """Write all that is in ``snapshot`` into ``folder``."""
        with self._told("restore from"):
            run_pipeline([self._command("restore", snapshot.identifier, "--target", folder)])

    def forget(self, snapshots: Sequence[Snapshot]) -> None:
        """Forget snapshots; their content stays until :meth:`prune`."""
        if not snapshots:
            return
        self._unlock()  # it takes the repository for itself, and locks that killed runs left would be in the way
        with self._told("forget backups in"):
            run_pipeline([self._command("forget", *(each.identifier for each in snapshots))])

    def prune(self) -> None:
        """Give back the space of what was forgotten."""
        with self._told("prune"):
            run_pipeline([self._command("prune")])

    def _stream(self, *words: str) -> Iterator[bytes]:
        with self._told("read from"):
            yield from stream_command(self._command(*words))

    def _backup(self, label: Label, *words: str, files: bool = False) -> Command:
        # Under the stack's name rather than the host's: after a move, what did not change is found all the same.
        tags = label.to_tags(files=files)
        return self._command("backup", "--json", "--host", label.stack, "--tag", tags, *words)

    def _command(self, *words: str) -> Command:
        argv = (find_program("restic"), "--quiet", *words)
        return Command(argv, name=f"restic {words[0]}", env=self.settings.to_environment())

    @contextmanager
    def _told(self, action: str) -> Iterator[None]:
        """Turn what restic says about a failure into an error that says what to do next."""
        try:
            yield
        except ToolError as error:
            raise explained(error, f"Failed to {action} the {self.title}", local=self.settings.local) from error
