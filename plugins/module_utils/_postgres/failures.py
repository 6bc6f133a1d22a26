# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What could not be restored to a Supabase project, object by object. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.managed import failure
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.toc import Entry

_TOLERATED = "tolerated.sql"
# What pg_restore writes above each object.
_HEADER = re.compile(r"^-- (?:Data for )?Name: (.*); Type: ([A-Z ]+); Schema: (.*?); Owner: .*$")
_ERROR = re.compile(rf"^psql:.*{re.escape(_TOLERATED)}:(\d+): [^:]+:\s+([0-9A-Z]{{5}}): (.*)$")
#: duplicate_object and its kin: it is there, which is as good. https://www.postgresql.org/docs/current/errcodes-appendix.html
_EXISTS = ("42710", "42P06", "42P07", "42723", "42P16")
_OWNER = re.compile(rb'^ALTER (.+) OWNER TO ("?)([a-z_]+)\2;$')
_COPY = re.compile(rb"^COPY .* FROM stdin;$")


class Failures:
    """The objects that failed: known before, or found in what psql says."""

    def __init__(self, tolerated: Sequence[Entry]) -> None:
        self.found: list[dict[str, str]] = []
        self._expected = bool(tolerated)
        self._headers: list[tuple[int, str, str]] = []

    def read(self, script: Iterable[str]) -> None:
        """Learn which line of the tolerated part belongs to which object."""
        for number, line in enumerate(script, 1):
            match = _HEADER.match(line.rstrip("\n"))
            if match is not None:
                schema = "" if match.group(3) == "-" else f"{match.group(3)}."
                self._headers.append((number, match.group(2), f"{schema}{match.group(1)}"))

    def watching(self, command: Command) -> Command:
        """Return ``command`` with its complaints about the tolerated part kept."""
        return replace(command, watch=self.see) if self._expected else command

    def see(self, line: str) -> None:
        """Take a line of psql's stderr into account."""
        match = _ERROR.match(line)
        if match is None or match.group(2) in _EXISTS:
            return
        kind, name = self._object(int(match.group(1)))
        self.found.append(failure(kind, name, match.group(3)))

    def _object(self, number: int) -> tuple[str, str]:
        before = [each for each in self._headers if each[0] <= number]
        return (before[-1][1], before[-1][2]) if before else ("SETTING", f"line {number}")


class OwnersFilter:
    """Takes out of a script the statements that make a role of Supabase's an owner, where the user may not do so.

    They become comments, and the objects stay with the user that restores. Rows are passed over. The first BEGIN goes, too.
    """

    def __init__(self, strangers: Collection[str]) -> None:
        self.failures: list[dict[str, str]] = []
        self._strangers = {each.encode() for each in strangers}
        self._kept, self._in_rows, self._begun = b"", False, False

    def see(self, chunk: bytes) -> bytes:
        """Return what to write for ``chunk``; the beginning of a line is kept back until the rest of it comes."""
        *lines, self._kept = (self._kept + chunk).split(b"\n")
        return b"".join(self._line(each) + b"\n" for each in lines)

    def rest(self) -> bytes:
        """Return what was kept back."""
        kept, self._kept = self._kept, b""
        return kept

    def _line(self, line: bytes) -> bytes:
        if self._in_rows:
            self._in_rows = line != b"\\."
            return line
        if line == b"BEGIN;" and not self._begun:
            self._begun = True  # the script has begun its transaction already
            return b""
        if line.startswith(b"COPY "):
            self._in_rows = _COPY.match(line) is not None
        elif line.startswith(b"ALTER "):
            match = _OWNER.match(line)
            if match is not None and match.group(3) in self._strangers:
                name, role = match.group(1).decode("utf-8", "replace"), match.group(3).decode()
                self.failures.append(
                    failure("OWNER", name, f"only Supabase may give it to {role}; it belongs to the restoring user")
                )
                return b"-- " + line
        return line
