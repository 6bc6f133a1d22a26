# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which checks have a course worth drawing, in groups, and where the disks go. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Health
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_charts import (
    Chart,
    Course,
    Series,
    chart,
    slope,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords

#: The groups in the order of the page: their checks by their ids, of which the group is the name. Errors are columns.
_GROUPS = (
    ("disk", re.compile(r"disk\.(.+)\.bytes")),
    ("backup_size", re.compile(r"backup\.(.+)\.size")),
    ("backup_duration", re.compile(r"backup\.(.+)\.duration")),
    ("errors", re.compile(r"logs\.(.+)\.errors|n8n\.(failed_executions)")),
    ("latency", re.compile(r"api\.(.+)\.latency|(database)\.(?:connect|latency)")),
    ("recovery", re.compile(r"recovery\.(rto|rpo)")),
)
# The charts of a group at most.
_MOST = 8
_RECENT = timedelta(days=14)
# Of less time than this nobody can tell where a disk goes.
_LEAST = timedelta(days=1)
_DAY = 86_400.0
# Less than a twentieth of a percent a day is no growth.
_STILL = 0.05 / _DAY
_FAR = timedelta(days=366)


@dataclass(frozen=True)
class Trend:
    """A group of charts; ``more`` tells of those that are left out."""

    id: str
    title: str
    note: str
    charts: tuple[Chart, ...]
    more: str


def is_drawn(check_id: str) -> bool:
    """Tell whether a page draws the course of the check ``check_id``."""
    return any(pattern.fullmatch(check_id) for _name, pattern in _GROUPS)


def trends(health: Health, words: HealthWords) -> Iterator[Trend]:
    """Yield the groups of which there is something to draw."""
    checks = {each.id: each for each in health.checks}
    for group, pattern in _GROUPS:
        charts = [
            _chart(group, found.group(found.lastindex or 0), each, checks, health.series[each.id], words)
            for each in health.checks
            if (found := pattern.fullmatch(each.id)) and len(health.series.get(each.id, ())) > 1
        ]
        if group == "recovery":
            charts.sort(key=lambda each: each.title, reverse=True)  # RTO is what is asked for first
        if charts:
            left = len(charts) - _MOST
            yield Trend(
                group,
                words.say(f"trend_{group}"),
                words.say(f"trend_{group}_note"),
                tuple(charts[:_MOST]),
                words.count("trend_more", left) if left > 0 else "",
            )


def _chart(
    group: str, name: str, check: Check, checks: Mapping[str, Check], series: Series, words: HealthWords
) -> Chart:
    course = _course(name, check, checks, series, words) if group == "disk" else Course()
    return chart(_title(group, name, words), check, series, course, words, bars=group == "errors")


def _title(group: str, name: str, words: HealthWords) -> str:
    if group == "recovery":
        return name.upper()
    if group.startswith("backup"):
        return name.replace(".", " · ")
    return words.say("trend_failed_executions") if name == "failed_executions" else name


def _course(name: str, check: Check, checks: Mapping[str, Check], series: Series, words: HealthWords) -> Course:
    """Return when the disk is full, as its own check says; else as its last two weeks do."""
    end, last = series[-1]
    told = checks.get(f"disk.{name}.days_left")
    if told is not None and told.value is not None and told.unit in ("d", "days"):
        left = told.value * _DAY
    elif check.unit in ("percent", "%") and end - series[0][0] >= _LEAST:
        growth = slope([each for each in series if end - each[0] <= _RECENT])
        if growth < _STILL:
            return Course(None, words.say("not_full"))
        left = (100.0 - last) / growth
    else:
        return Course()
    if left > _FAR.total_seconds():
        return Course(None, words.say("full_far"))
    full = end + timedelta(seconds=max(0.0, left))
    return Course(full, words.say("full_in", duration=words.duration(max(0.0, left)), date=words.day(full)))
