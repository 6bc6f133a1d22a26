# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What past looks add to what this one found: trends, and what has risen of late. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._health.memory import Past
from ansible_collections.chatbot.ops.plugins.module_utils._health.trend import trend_of

#: What counts as of late: for restarts, and for kills for want of memory.
RESTART_SPAN = 3600.0
KILL_SPAN = 86_400.0
#: A container that was made no longer ago than this, and was not seen before, has done all its restarts of late.
_OOM, _RESTARTS, _KILLS = "oom", "restarts:", "kills:"

Facts = Mapping[str, Mapping[str, Any]]


def with_past(facts: Facts, past: Past, at: float) -> tuple[dict[str, dict[str, Any]], Past]:
    """Return ``facts`` with what ``past`` adds to them at the time ``at``, and the past that the next look has."""
    told = {name: dict(section) for name, section in facts.items()}
    for name, add in (("disks", _with_trends), ("server", _with_kills), ("containers", _with_restarts)):
        if name in told and told[name]["problem"] is None:
            past = add(told[name], past, at)
    if "updates" in told and told["updates"]["problem"] is None:
        past = replace(past, updates=told["updates"])
    return told, past


def _with_trends(section: dict[str, Any], past: Past, at: float) -> Past:
    past = past.with_disks(at, {each["mount"]: each["used_bytes"] for each in section["disks"] if not each["problem"]})
    section["disks"] = [{**each, **_trend(each, past)} for each in section["disks"]]
    return past


def _trend(disk: Mapping[str, Any], past: Past) -> dict[str, Any]:
    found = None
    if not disk["problem"]:
        found = trend_of(past.disks[disk["mount"]], disk["used_bytes"] + disk["available_bytes"])
    if found is None:
        return {"growth_bytes_per_day": None, "days_left": None, "trend_days": None}
    return {
        "growth_bytes_per_day": round(found.bytes_per_day),
        "days_left": None if found.days_left is None else round(found.days_left, 1),
        "trend_days": round(found.span_days, 1),
    }


def _with_kills(section: dict[str, Any], past: Past, at: float) -> Past:
    count = section["oom_kills_since_boot"]
    if count is None:
        section["oom_kills"] = None
        return past
    # At the first look, those of a host that was started of late count.
    new = count if section["uptime_seconds"] < KILL_SPAN else 0
    past = past.with_counters(at, _OOM, {_OOM: count}, {_OOM: new})
    section["oom_kills"] = past.risen(_OOM, at - KILL_SPAN)
    return past


def _with_restarts(section: dict[str, Any], past: Past, at: float) -> Past:
    containers = section["containers"]
    restarts = {_RESTARTS + each["id"]: each["restarts"] for each in containers}
    young = {_RESTARTS + each["id"]: each["restarts"] for each in containers if each["age_seconds"] < RESTART_SPAN}
    past = past.with_counters(at, _RESTARTS, restarts, young)
    kills = {_KILLS + each["id"]: each["oom_kills_now"] for each in containers if each["oom_kills_now"] is not None}
    past = past.with_counters(at, _KILLS, kills, kills)
    section["containers"] = [
        {
            **each,
            "new_restarts": past.risen(_RESTARTS + each["id"], at - RESTART_SPAN),
            "oom_kills": past.risen(_KILLS + each["id"], at - KILL_SPAN),
        }
        for each in containers
    ]
    return past
