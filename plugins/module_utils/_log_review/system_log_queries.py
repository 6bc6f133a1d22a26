# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the table of logs: SQL, with the places that psycopg2 fills. Pure."""

from __future__ import annotations

from dataclasses import dataclass

#: So many signatures travel at most.
MOST = 1000
NEEDED = frozenset({"level", "message", "created_at"})

#: The name, quoted; null if there is none such.
NAME = "SELECT to_regclass(%s)::text"
COLUMNS = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"

_NOW = "created_at >= %(begin)s AND created_at < %(until)s"
_BEFORE = "created_at >= %(before)s AND created_at < %(begin)s"
_ERROR = "lower(level::text) = ANY(%(errors)s)"
_WARNING = "lower(level::text) = ANY(%(warnings)s)"
_EITHER = "lower(level::text) = ANY(%(levels)s)"

# UUIDs, then hex values, then numbers: the rest of the folding can wait until few are left.
_FOLDED = "left(message, 600)"
for _pattern, _placeholder in (
    (r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "<uuid>"),
    (r"\m(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\M", "<hex>"),
    (r"\+?[0-9]+(?:[.,:][0-9]+)*", "0"),
):
    _FOLDED = f"regexp_replace({_FOLDED}, '{_pattern}', '{_placeholder}', 'gi')"


def begin(patience: float) -> str:
    """Return what begins a transaction that writes nothing, in which a statement may take so many seconds."""
    return (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
        f"SET LOCAL statement_timeout = {int(patience * 1000)}; SET LOCAL TimeZone = 'UTC'"
    )


@dataclass(frozen=True)
class Queries:
    """The queries for the table of that quoted name, with those ``columns``."""

    table: str
    columns: frozenset[str]

    @property
    def _user(self) -> str:
        return "nullif(user_phone::text, '')" if "user_phone" in self.columns else "NULL::text"

    @property
    def _workflow(self) -> str:
        return "nullif(workflow_id::text, '')" if "workflow_id" in self.columns else "NULL::text"

    @property
    def extent(self) -> str:
        """(rows of the time, the oldest row's time, the newest one's); the latter two of all rows."""
        return (
            f"SELECT (SELECT count(*) FROM {self.table} WHERE {_NOW}), "
            f"(SELECT min(created_at) FROM {self.table})::timestamptz, "
            f"(SELECT max(created_at) FROM {self.table})::timestamptz"
        )

    @property
    def totals(self) -> str:
        """(errors, warnings, how many users met an error)."""
        return (
            f"SELECT count(*) FILTER (WHERE {_ERROR}), count(*) FILTER (WHERE {_WARNING}), "
            f"count(DISTINCT {self._user}) FILTER (WHERE {_ERROR}) FROM {self.table} WHERE {_NOW} AND {_EITHER}"
        )

    @property
    def errors_before(self) -> str:
        """(errors of the time before)."""
        return f"SELECT count(*) FROM {self.table} WHERE {_BEFORE} AND {_ERROR}"

    @property
    def users(self) -> str:
        """(user, errors), the most hit first."""
        return (
            f"SELECT {self._user}, count(*) FROM {self.table} WHERE {_NOW} AND {_ERROR} AND {self._user} IS NOT NULL "
            "GROUP BY 1 ORDER BY 2 DESC, 1"
        )

    @property
    def workflows(self) -> str:
        """(workflow, errors, warnings, users that met an error, time of the last)."""
        return (
            f"SELECT {self._workflow}, count(*) FILTER (WHERE {_ERROR}), count(*) FILTER (WHERE {_WARNING}), "
            f"count(DISTINCT {self._user}) FILTER (WHERE {_ERROR}), max(created_at)::timestamptz "
            f"FROM {self.table} WHERE {_NOW} AND {_EITHER} GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1"
        )

    @property
    def workflows_before(self) -> str:
        """(workflow, errors of the time before)."""
        return f"SELECT {self._workflow}, count(*) FROM {self.table} WHERE {_BEFORE} AND {_ERROR} GROUP BY 1"

    @property
    def signatures(self) -> str:
        """(severity, folded message, rows, users, workflows, first, last, one message), the most frequent first."""
        return (
            f"SELECT CASE WHEN {_ERROR} THEN 'error' ELSE 'warning' END, {_FOLDED}, count(*), "
            f"count(DISTINCT {self._user}), count(DISTINCT {self._workflow}), min(created_at)::timestamptz, "
            f"max(created_at)::timestamptz, min(left(message, 600)) "
            f"FROM {self.table} WHERE {_NOW} AND {_EITHER} AND message IS NOT NULL "
            "GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"
        )
