# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of contents of an archive, as ``pg_restore --list`` prints it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Kinds of more than one word: the list does not tell where one ends.
_KINDS = (
    "ACCESS METHOD",
    "BLOB METADATA",
    "CHECK CONSTRAINT",
    "DATABASE PROPERTIES",
    "DEFAULT ACL",
    "EVENT TRIGGER",
    "FK CONSTRAINT",
    "FOREIGN DATA WRAPPER",
    "FOREIGN SERVER",
    "FOREIGN TABLE",
    "INDEX ATTACH",
    "LARGE OBJECT",
    "MATERIALIZED VIEW DATA",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "PROCEDURAL LANGUAGE",
    "PUBLICATION TABLES IN SCHEMA",
    "PUBLICATION TABLE",
    "ROW SECURITY",
    "SECURITY LABEL",
    "SEQUENCE OWNED BY",
    "SEQUENCE SET",
    "SHELL TYPE",
    "STATISTICS DATA",
    "SUBSCRIPTION TABLE",
    "TABLE ATTACH",
    "TABLE DATA",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "USER MAPPING",
)
_LINE = re.compile(rf"^(\d+); \d+ \d+ ({'|'.join(_KINDS)}|\S+) (\S+) (.*?) (\S*)$")


@dataclass(frozen=True)
class Entry:
    """One object of an archive. ``schema`` is ``-`` for what lies in none; ``line`` is what the list says of it.

    A name or an owner that holds a blank may be cut in the wrong place.
    """

    kind: str
    schema: str
    name: str
    owner: str
    line: str

    @property
    def title(self) -> str:
        """The object's name, for messages."""
        return self.name if self.schema == "-" else f"{self.schema}.{self.name}"


def parse_toc(text: str) -> list[Entry]:
    """Return the entries in ``text``, in their order."""
    found = (_LINE.match(line) for line in text.splitlines())
    return [Entry(each[2], each[3], each[4], each[5], each[0]) for each in found if each]


def use_list(entries: Iterable[Entry]) -> str:
    """Return the list that makes pg_restore restore ``entries`` alone."""
    return "".join(f"{each.line}\n" for each in entries)
