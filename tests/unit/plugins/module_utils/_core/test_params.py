# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations and times as people write them, and a request to end."""

from __future__ import annotations

import os
import signal
import sys
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, StoppedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import (
    duration_seconds,
    optional_duration,
    optional_time,
    time_zone,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24h", 86400), ("30d", 2592000), ("90", 90), (90, 90), ("1.5m", 90), ("2W", 1209600), (" 5 s ", 5)],
)
def test_durations(text: object, seconds: float) -> None:
    assert duration_seconds("max_age", text) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1h", "1y", "1h30m", "soon"])
def test_what_is_no_duration_is_refused_by_the_name_of_its_parameter(text: str) -> None:
    with pytest.raises(RefusedError, match="Parameter max_age"):
        duration_seconds("max_age", text)


def test_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert datetime(2026, 11, 24, tzinfo=UTC).astimezone(time_zone("time_zone", "America/Mexico_City")).hour == 18
    for wrong in ("Mexico", "../etc/passwd", "/etc/localtime", "", "America"):
        with pytest.raises(RefusedError, match=r"Parameter time_zone: .* is no time zone"):
            time_zone("time_zone", wrong)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(())
    monkeypatch.setitem(sys.modules, "tzdata", None)
    try:
        with pytest.raises(RefusedError, match="Install the package tzdata"):
            time_zone("time_zone", "America/Bogota")
        assert time_zone("time_zone", "UTC") is UTC
    finally:
        zoneinfo.reset_tzpath(before)


def test_optional_parameters() -> None:
    assert optional_duration("max_age", None) is None
    assert optional_duration("max_age", "1h") == 3600
    assert optional_time("before", "") is None
    assert optional_time("before", "2026-11-24T03:15:00+01:00") == datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
    with pytest.raises(RefusedError, match="Parameter before"):
        optional_time("before", "yesterday")


def test_times_go_round_and_a_bare_one_is_utc() -> None:
    instant = datetime(2026, 11, 24, 3, 15, 0, 123456, tzinfo=UTC)
    assert to_iso(instant) == "2026-11-24T03:15:00.123456Z"
    assert from_iso(to_iso(instant)) == instant
    assert from_iso("2026-11-24 03:15:00") == instant.replace(microsecond=0)
    assert to_iso(instant.astimezone(timezone(timedelta(hours=-6)))) == to_iso(instant)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_raises_and_lets_the_clean_up_run(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    cleaned = []

    def work() -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)  # a second one is ignored
            cleaned.append(True)

    with pytest.raises(StoppedError, match=number.name), stoppable():
        work()
    assert cleaned
    assert signal.getsignal(number) is before
