# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, ranges, rows and the pace: what needs no server."""

from __future__ import annotations

import io
import time

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._logs import rows, statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits, Pace
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column, Table, split_name


def column(name: str, kind: str = "text") -> Column:
    return Column(name, kind, f't."{name}"', builtin=True, generated=False, required=False)


TABLE = Table(
    1,
    "public",
    "system_logs",
    "public.system_logs",
    (column("id", "uuid"), column("message"), column("at", "timestamp with time zone")),
    ("id",),
    "at",
    "owner",
    0,
    partitioned=False,
    row_security=False,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("public.system_logs", ("public", "system_logs")),
        ('app."Events"', ("app", "Events")),
        ('"a.b"."c""d"', ("a.b", 'c"d')),
    ],
)
def test_a_name_is_schema_and_table(text: str, parts: tuple[str, str]) -> None:
    assert split_name(text) == parts


@pytest.mark.parametrize("text", ["system_logs", "a.b.c", "", "public.", ".x", 'public."x', "public.x; DROP TABLE y"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="no table with its schema"):
        split_name(text)


def test_a_range_is_by_time_and_key_and_its_time_is_said_alone_for_the_index() -> None:
    where = Span("2026-02-01", "2026-01-01", ("2026-01-05", "k'1"), ("2026-01-06", "k2")).where(TABLE)
    kind = "timestamp with time zone"
    assert where == (
        f"t.\"at\" < '2026-02-01'::{kind} AND t.\"at\" >= '2026-01-01'::{kind} "
        f"AND t.\"at\" >= '2026-01-05'::{kind} AND (t.\"at\", t.\"id\") > ('2026-01-05'::{kind}, 'k''1'::uuid) "
        f"AND t.\"at\" <= '2026-01-06'::{kind} AND (t.\"at\", t.\"id\") <= ('2026-01-06'::{kind}, 'k2'::uuid)"
    )


def test_rows_at_minus_infinity_belong_to_no_month_and_stay() -> None:
    assert "t.\"at\" > '-infinity'" in Span("2026-02-01").where(TABLE)


def test_a_move_is_one_statement() -> None:
    sql = statements.move(TABLE, Span("2026-02-01"), TABLE)
    assert sql.startswith("WITH moved AS (DELETE FROM")
    assert ";" not in sql


@pytest.mark.parametrize("value", ["plain", "tab\tand\nline\r", "back\\slash \\N", "", None, "ñ🙂"])
def test_what_is_escaped_comes_back(value: str | None) -> None:
    line = f"first\t{rows.escaped(value)}".encode()
    assert rows.fields(line) == ["first", value]


def test_hashes_are_split_off() -> None:
    found = rows.split_hashes(b"a\tb\t-5\nc\t\\N\t7\n")
    assert found is not None
    assert (found.lines, found.hashes, found.first, found.last) == (
        [b"a\tb", b"c\t\\N"],
        (-5, 7),
        ["a", "b"],
        ["c", None],
    )
    assert rows.split_hashes(b"") is None


def test_parquet_gives_back_what_it_took() -> None:
    columns = [
        column("n", "bigint"),
        column("yes", "boolean"),
        column("at", "timestamp with time zone"),
        column("text"),
    ]
    lines = [b"1\tt\t2026-01-01 00:00:00.000001+00\ta\\tb", b"\\N\tf\t\\N\t\\\\N"]
    content = b"".join(rows.as_parquet(columns, [lines, lines]))
    text = b"".join(rows.from_parquet(io.BytesIO(content))).decode()
    assert (
        text.splitlines()[2:]
        == text.splitlines()[:2]
        == [
            "1\ttrue\t2026-01-01 00:00:00.000001Z\ta\\tb",
            "\\N\tfalse\t\\N\t\\\\N",
        ]
    )


def test_what_parquet_has_no_place_for_is_refused() -> None:
    with pytest.raises(RefusedError, match="format: copy"):
        list(rows.as_parquet([column("at", "timestamp with time zone")], [[b"infinity"]]))


def test_what_is_no_parquet_is_damaged() -> None:
    with pytest.raises(DamagedError, match="no Parquet"):
        list(rows.from_parquet(io.BytesIO(b"nothing of the kind")))


class _Others:
    """What a watcher sees."""

    lag = 0

    def __init__(self, *, at_work: bool) -> None:
        self._at_work = at_work

    def seen(self) -> tuple[bool, bool]:
        return False, self._at_work


def test_the_number_of_rows_follows_the_time_that_batches_take() -> None:
    pace = Pace(Limits(10_000, None, None, 1))
    pace.rest(0.0, _Others(at_work=False))  # type: ignore[arg-type]
    sizes = [pace.size]
    for seconds in (0.01, 0.01, 0.01, 0.01, 0.3, 0.4, 5.0, 5.0):
        pace.done(1, seconds)
        sizes.append(pace.size)
    assert sizes == [1000, 2000, 4000, 8000, 10_000, 10_000, 7500, 450, 100]


def test_beside_others_batches_are_short_and_as_much_time_is_left_to_them() -> None:
    pace = Pace(Limits(10_000, None, None, 1))
    slept: list[float] = []
    sizes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", slept.append)
        # Nobody has looked yet before the first one: somebody may be there.
        for others, seconds in ((False, 0.0125), (True, 0.01), (True, 0.01), (True, 0.005), (False, 0.05)):
            pace.done(1, seconds)
            sizes.append(pace.size)
            pace.rest(seconds, _Others(at_work=others))  # type: ignore[arg-type]
    assert slept == [0.01, 0.01, 0.005]
    assert sizes == [400, 800, 400, 400, 100]


def test_the_pace_keeps_the_budgets() -> None:
    pace = Pace(Limits(10_000, None, 1500, 1))
    pace.done(1000, 0.005)
    assert (pace.size, pace.left, pace.spent) == (500, 500, False)
    pace.done(500, 0.005)
    assert pace.spent
    hurried = Pace(Limits(10, 0.01, None, 1))
    time.sleep(0.02)
    assert hurried.spent
