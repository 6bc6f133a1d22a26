# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of the jobs, as check results. Pure. Whatever is not known is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import last_due, wall_clock
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.texts import TEXTS

_COMPONENT = "schedule"


@dataclass(frozen=True)
class Found:
    """A job as it was found on its host.

    ``job`` is its description, ``state`` what its runs have noted, ``since`` when the description was last changed.
    ``timer`` is the state of its unit of systemd, None with cron. With a ``problem`` nothing else is known but its ``name``.
    """

    name: str
    job: Mapping[str, Any]
    state: Mapping[str, Any]
    since: datetime
    running: bool = False
    timer: str | None = None
    problem: str = ""


def judge(stack: str, found: Sequence[Found], now: datetime, language: str) -> list[Check]:
    """Return the checks of the jobs of ``stack``, in the order of ``found``."""
    texts = TEXTS[language]
    if not found:
        said, advice = texts["no_jobs"].format(stack=stack), texts["advice_no_jobs"]
        return [Check("schedule.jobs", _COMPONENT, "unknown", said, advice=advice)]
    return [check for each in found for check in _Judge(each, now, texts).checks()]


class _Judge:
    def __init__(self, found: Found, now: datetime, texts: Mapping[str, str]) -> None:
        self._found, self._now, self._texts = found, now, texts

    def checks(self) -> Iterator[Check]:
        if self._found.problem:
            yield self._check("read", "unknown", "unreadable", "advice_unreadable", problem=self._found.problem)
            return
        yield self._late()
        yield self._failed()
        yield self._skipped()
        if self._found.timer is not None:
            yield self._timer()

    def _check(self, name: str, status: str, said: str, advice: str = "", **values: str) -> Check:
        values = {"job": self._found.name, **values}
        return Check(
            id=f"schedule.{self._found.name}.{name}",
            component=_COMPONENT,
            status=status,
            summary=self._texts[said].format(**values),
            since=self._found.state.get("started"),
            advice=self._texts[advice].format(**values) if advice else "",
        )

    def _late(self) -> Check:
        job, started = self._found.job, self._found.state.get("started")
        known = max(self._found.since, from_iso(started)) if started else self._found.since
        never = "" if started else "_never"
        values = {"started": _shown(started)}
        if job.get("late_after"):
            limit = timedelta(seconds=job["late_after"])
            if self._now - known > limit:
                return self._check("late", "warning", f"late_after{never}", "advice_late", limit=str(limit), **values)
        else:
            zone = job["time_zone"]
            due = last_due(job["cron"], wall_clock(self._now - timedelta(seconds=job["grace"]), zone))
            if due is not None and wall_clock(known, zone) < due:
                told = due.strftime("%Y-%m-%d %H:%M")
                return self._check("late", "warning", f"late{never}", "advice_late", due=told, **values)
        return self._check("late", "ok", "on_time" if started else "not_due", **values)

    def _failed(self) -> Check:
        state, log = self._found.state, str(self._found.job["log"])
        started, ended = _shown(state.get("started")), _shown(state.get("ended"))
        if self._found.running:
            return self._check("failed", "ok", "running", started=started)
        if not state.get("started"):
            return self._check("failed", "ok", "no_run")
        if state.get("exit_status") is None:
            return self._check("failed", "critical", "cut_off", "advice_failed", started=started, log=log)
        if state["exit_status"] != 0:
            values = {"ended": ended, "code": str(state["exit_status"]), "log": log}
            return self._check("failed", "critical", "failed", "advice_failed", **values)
        return self._check("failed", "ok", "succeeded", ended=ended)

    def _skipped(self) -> Check:
        skipped, started = self._found.state.get("skipped"), self._found.state.get("started")
        if skipped and (not started or from_iso(skipped) > from_iso(started)):
            values = {"skipped": _shown(skipped), "why": str(self._found.state.get("skipped_why"))}
            return self._check("skipped", "warning", "skipped", "advice_skipped", **values)
        return self._check("skipped", "ok", "not_skipped")

    def _timer(self) -> Check:
        if self._found.timer == "active":
            return self._check("timer", "ok", "waiting")
        values = {"state": str(self._found.timer), "unit": str(self._found.job["unit"])}
        return self._check("timer", "critical", "inactive", "advice_inactive", **values)


def _shown(time: str | None) -> str:
    """Return ``time`` for people, to the second, in UTC."""
    return from_iso(time).strftime("%Y-%m-%d %H:%M:%SZ") if time else ""
