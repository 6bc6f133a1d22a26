# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles in what ``pg_dumpall --globals-only`` wrote. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_NAME = r'("(?:[^"]|"")*"|[^\W\d][\w$]*)'
_OF_ROLE = re.compile(rf"(?:CREATE|ALTER|COMMENT ON) ROLE {_NAME}(?!\S)")
_MEMBERSHIP = re.compile(rf"GRANT {_NAME} TO {_NAME}(?!\S)")
_GRANTOR = re.compile(rf" GRANTED BY {_NAME}$")
_ADMIN = re.compile(r" WITH ADMIN (?:OPTION|TRUE)\b")
# Strings and quoted names whole, comments, psql's own commands, the end of a statement, anything else.
_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | ^\\[^\n]* | ; | [^'";\\-]+ | .""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)

#: How a complete output ends; one that was cut short lacks it.
LAST_LINE = "-- PostgreSQL database cluster dump complete"


@dataclass(frozen=True)
class Membership:
    """``member`` belongs to ``group``; ``statement`` makes it so."""

    group: str
    member: str
    statement: str


@dataclass(frozen=True)
class Roles:
    """The statements that make each role, and the memberships. They may hold (hashed) passwords."""

    statements: Mapping[str, Sequence[str]] = field(repr=False)
    memberships: Sequence[Membership]

    def creation(
        self, missing: Collection[str], existing: Collection[str], creator: str = ""
    ) -> tuple[list[str], list[str]]:
        """Return the roles to create where ``missing`` ones are wanted, and the statements for it.

        That is those, and the ones they belong to. Memberships that no new role takes part in are left alone.

        :param creator: who makes them, if the server makes it their admin: it is refused to become that again.
        """
        created = set(missing)
        while more := {each.group for each in self.memberships if each.member in created} - created - set(existing):
            created |= more
        present = created | set(existing)
        statements = [text for name in sorted(created) for text in self.statements.get(name, ())]
        statements += [
            each.statement
            for each in self.memberships
            if {each.group, each.member} & created
            and {each.group, each.member} <= present
            and not (each.group in created and each.member == creator and _ADMIN.search(each.statement))
        ]
        return sorted(created), statements


def read_roles(text: str) -> Roles:
    """Return the roles in ``text``; tablespaces and parameters are passed over."""
    statements: dict[str, list[str]] = {}
    memberships = []
    for statement in _statements(text):
        membership = _MEMBERSHIP.match(statement)
        if membership is not None:
            group, member = (_bare(each) for each in membership.groups())
            # Who granted it may not exist here; without a name it is whoever restores.
            memberships.append(Membership(group, member, _GRANTOR.sub("", statement)))
            continue
        match = _OF_ROLE.match(statement)
        if match is not None:
            statements.setdefault(_bare(match.group(1)), []).append(statement)
    return Roles(statements, memberships)


def _statements(text: str) -> Iterator[str]:
    parts: list[str] = []
    for token in _TOKEN.findall(text):
        if token == ";":
            yield "".join(parts).strip()
            parts = []
        elif not token.startswith(("--", "\\")):
            parts.append(token)


def _bare(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
