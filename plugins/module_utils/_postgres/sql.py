# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL text: names, values and connection strings, quoted. Pure."""

from __future__ import annotations

from collections.abc import Iterable

#: A database's name has at most so many bytes (NAMEDATALEN - 1); the server cuts longer ones in silence.
NAME_BYTES = 63


def identifier(name: str) -> str:
    """Return ``name`` quoted as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """Return ``value`` quoted as a string, for sessions with ``standard_conforming_strings`` (the default)."""
    return "'" + value.replace("'", "''") + "'"


def text_array(values: Iterable[str]) -> str:
    """Return ``values`` as a ``text[]``."""
    return f"ARRAY[{', '.join(literal(each) for each in values)}]::text[]"


def conninfo_for(dbname: str) -> str:
    """Return the connection string that names database ``dbname`` and nothing else.

    The client programs read a bare name that holds ``=`` as a connection string.
    """
    escaped = dbname.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"


def beside_name(name: str, suffix: str) -> str:
    """Return a name of at most 63 bytes that begins like ``name`` and ends with ``suffix`` (ASCII)."""
    head = name.encode("utf-8")[: NAME_BYTES - len(suffix)]
    return head.decode("utf-8", "ignore") + suffix
