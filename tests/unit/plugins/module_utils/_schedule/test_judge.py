# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that was missed, failed, was cut off or skipped is told, in either language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.judge import Found, judge
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.look import Look, look
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.texts import TEXTS

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
JOB = {
    "cron": "30 3 * * *",
    "late_after": None,
    "grace": 3600,
    "time_zone": "UTC",
    "log": "the journal",
    "unit": "u@backup",
}
RUN = {"started": "2026-11-24T03:31:00Z", "ended": "2026-11-24T03:32:00Z", "exit_status": 0}
DAY_OLD = {"started": "2026-11-23T03:31:00Z", "ended": "2026-11-23T03:32:00Z", "exit_status": 0}
OLD = NOW - timedelta(days=30)
EVERY_MINUTE = {**JOB, "cron": "", "late_after": 60}


def found(state: dict[str, Any], job: dict[str, Any] | None = None, since: datetime = OLD, **given: Any) -> Found:
    return Found("backup", job or JOB, state, since, **{"timer": "active", **given})


CASES = {
    "all is well": (found(RUN), {}),
    "missed": (found(DAY_OLD), {"late": "warning"}),
    "due, and its grace is not over": (found(RUN, {**JOB, "cron": "0 10 * * *"}), {}),
    "never run, though it was due": (found({}), {"late": "warning"}),
    "never run, since it is new": (found({}, since=NOW - timedelta(minutes=5)), {}),
    "longer ago than it may be": (found(RUN, EVERY_MINUTE), {"late": "warning"}),
    "never, for longer than it may be": (found({}, EVERY_MINUTE), {"late": "warning"}),
    "not due yet where its clock is": (found(RUN, {**JOB, "time_zone": "America/Mexico_City", "grace": 7200}), {}),
    "failed": (found({**RUN, "exit_status": 2}), {"failed": "critical"}),
    "cut off": (found({**RUN, "ended": None, "exit_status": None}), {"failed": "critical"}),
    "at work": (found({**RUN, "ended": None, "exit_status": None}, running=True), {}),
    "skipped": (found({**RUN, "skipped": "2026-11-24T04:00:00Z", "skipped_why": "busy"}), {"skipped": "warning"}),
    "skipped, and run since": (found({**RUN, "skipped": "2026-11-24T03:00:00Z", "skipped_why": "busy"}), {}),
    "a timer that was stopped": (found(RUN, timer="inactive"), {"timer": "critical"}),
}


@pytest.mark.parametrize(("given", "wrong"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("language", TEXTS)
def test_what_is_wrong(given: Found, wrong: dict[str, str], language: str) -> None:
    checks = judge("lottery", [given], NOW, language)
    assert [each.id for each in checks] == [
        f"schedule.backup.{each}" for each in ("late", "failed", "skipped", "timer")
    ]
    assert {each.id.rpartition(".")[2]: each.status for each in checks if each.status != "ok"} == wrong
    assert all(bool(each.advice) is (each.status != "ok") for each in checks)


def test_with_cron_there_is_no_timer() -> None:
    assert [each.id for each in judge("lottery", [found(RUN, timer=None)], NOW, "en")][-1] == "schedule.backup.skipped"


def test_what_is_not_known_is_not_well() -> None:
    (check,) = judge("lottery", [found({}, problem="it is damaged")], NOW, "en")
    assert (check.id, check.status) == ("schedule.backup.read", "unknown")
    assert "it is damaged" in check.summary


def test_no_job_at_all(tmp_path: Any) -> None:
    (check,) = look(Look("lottery", str(tmp_path), "es"))["checks"]
    assert (check["id"], check["status"]) == ("schedule.jobs", "unknown")


def test_both_languages_say_the_same() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
