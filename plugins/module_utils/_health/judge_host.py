# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of the host: load, memory, disks, clock and updates. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge

_PERCENT = 1

Section = Mapping[str, Any]


def judge_server(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of processors, memory and swap."""
    if section["problem"] is not None:
        for name in ("cpu", "load", "memory", "swap", "oom"):
            yield judge.unknown(f"server.{name}", f"title_{name}", section["problem"])
        return
    words = judge.words
    yield _cpu(judge, section)
    load = round(section["load"][1] / section["cores"], 2)
    values = {"load": words.number(section["load"][1], 2), "cores": words.number(section["cores"])}
    yield judge.measured("server.load", "load", load, words.say("say_load", **values), advice="advice_load")
    left, size = (words.size(section[each]) for each in ("memory_available_bytes", "memory_bytes"))
    said = words.say("say_server_memory", left=left, size=size)
    yield judge.measured("server.memory", "memory", section["memory_percent"], said, advice="advice_server_memory")
    said = words.say("say_no_swap")
    if section["swap_bytes"]:
        percent = words.number(section["swap_percent"], _PERCENT)
        said = words.say("say_swap", percent=percent, size=words.size(section["swap_bytes"]))
    yield judge.measured("server.swap", "swap", section["swap_percent"], said, advice="advice_server_memory")
    if section["oom_kills"] is None:
        yield judge.unknown("server.oom", "title_oom", words.say("because_no_counter"))
    else:
        said = words.count("say_oom", section["oom_kills"])
        yield judge.measured("server.oom", "oom", section["oom_kills"], said, advice="advice_oom")


def _cpu(judge: Judge, section: Section) -> Check:
    # A moment says little of a server: it is told, and the load of five minutes is judged.
    if section["cpu_percent"] is None:
        return judge.unknown("server.cpu", "title_cpu", judge.words.say("because_no_counter"))
    said = judge.words.say("say_cpu", percent=judge.words.number(section["cpu_percent"], _PERCENT))
    return Check("server.cpu", "server", "ok", said, section["cpu_percent"], "percent")


def judge_disks(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of each file system."""
    if section["problem"] is not None:
        yield judge.unknown("disk.all.bytes", "title_disks", section["problem"])
        return
    for disk in section["disks"]:
        prefix = f"disk.{disk['mount']}"
        if disk["problem"] is not None:
            yield judge.unknown(f"{prefix}.bytes", "title_disks", f"{disk['mount']}: {disk['problem']}")
            continue
        yield _bytes(judge, disk, prefix)
        yield _inodes(judge, disk, prefix)
        yield _days_left(judge, disk, prefix)


def _bytes(judge: Judge, disk: Section, prefix: str) -> Check:
    words = judge.words
    percent = words.number(disk["bytes_percent"], _PERCENT)
    said = words.say("say_disk", mount=disk["mount"], percent=percent, left=words.size(disk["available_bytes"]))
    return judge.measured(
        f"{prefix}.bytes", "disk_bytes", disk["bytes_percent"], said, advice="advice_disk", mount=disk["mount"]
    )


def _inodes(judge: Judge, disk: Section, prefix: str) -> Check:
    words, mount = judge.words, disk["mount"]
    if disk["inodes_percent"] is None:
        return judge.plain(f"{prefix}.inodes", "ok", words.say("say_no_inodes", mount=mount))
    said = words.say("say_inodes", mount=mount, percent=words.number(disk["inodes_percent"], _PERCENT))
    return judge.measured(
        f"{prefix}.inodes", "disk_inodes", disk["inodes_percent"], said, advice="advice_inodes", mount=mount
    )


def _days_left(judge: Judge, disk: Section, prefix: str) -> Check:
    words, mount, identity = judge.words, disk["mount"], f"{prefix}.days_left"
    if disk["trend_days"] is None:
        return judge.plain(identity, "ok", words.say("say_no_trend", mount=mount))
    span = words.number(disk["trend_days"], 1)
    if disk["days_left"] is None:
        return judge.plain(identity, "ok", words.say("say_not_growing", mount=mount, span=span))
    growth, days = words.size(disk["growth_bytes_per_day"]), words.number(disk["days_left"], 1)
    said = words.say("say_days_left", mount=mount, days=days, growth=growth, span=span)
    return judge.measured(identity, "days_left", disk["days_left"], said, advice="advice_disk", mount=mount)


def judge_clock(judge: Judge, section: Section, looked: tuple[datetime, datetime] | None) -> Iterator[Check]:
    """Yield the checks of the clock.

    :param looked: between which two instants, by the controller's clock, the host was asked; None if nobody noted them.
    """
    if section["problem"] is not None:
        yield judge.unknown("time.sync", "title_sync", section["problem"])
        yield judge.unknown("time.ntp", "title_ntp", section["problem"])
        return
    yield _sync(judge, section, looked)
    words = judge.words
    if section["ntp"] is None:
        yield judge.unknown("time.ntp", "title_ntp", section["ntp_problem"])
    elif section["ntp"]:
        yield judge.plain("time.ntp", "ok", words.say("say_ntp", services=words.listed(section["ntp"])))
    else:
        yield judge.plain("time.ntp", "warning", words.say("say_no_ntp"), advice="advice_ntp")


def _sync(judge: Judge, section: Section, looked: tuple[datetime, datetime] | None) -> Check:
    words, identity = judge.words, "time.sync"
    off = _distance(from_iso(section["now"]), looked) if looked is not None else 0.0
    if off and judge.limits["clock"].judge(off) != "ok":
        said = words.say("say_clock_off", time=words.duration(off))
        return judge.measured(identity, "clock", off, said, advice="advice_clock")
    if section["synchronised"] is None:
        return judge.unknown(identity, "title_sync", words.say("because_no_counter"))
    least, key = ("ok", "say_synchronised") if section["synchronised"] else ("warning", "say_not_synchronised")
    return judge.measured(identity, "clock", off, words.say(key), advice="advice_ntp", least=least)


def _distance(instant: datetime, frame: tuple[datetime, datetime]) -> float:
    begun, ended = frame
    return round(max((begun - instant).total_seconds(), (instant - ended).total_seconds(), 0.0), 3)


def judge_updates(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of updates and of the reboot that they want."""
    if section["problem"] is not None:
        for name in ("security", "pending", "reboot"):
            yield judge.unknown(f"updates.{name}", f"title_updates_{name}", section["problem"])
        return
    yield from _packages(judge, section)
    if not section["reboot"]:
        yield judge.plain("updates.reboot", "ok", judge.words.say("say_no_reboot"))
        return
    said = judge.words.say("say_reboot")
    yield judge.plain("updates.reboot", "warning", said, advice="advice_reboot", evidence=section["reboot_reasons"][:5])


def _packages(judge: Judge, section: Section) -> Iterator[Check]:
    words = judge.words
    problem = section["updates_problem"]
    age = section["lists_age_seconds"]
    if problem is None and age is not None and judge.limits["lists_age"].judge(age) != "ok":
        problem = words.say("because_old_lists", age=words.duration(age))
    if problem is not None:
        for name in ("security", "pending"):
            yield judge.unknown(f"updates.{name}", f"title_updates_{name}", problem, advice="advice_lists")
        return
    for name, limit in (("security", "security_updates"), ("pending", "pending_updates")):
        said = words.count(f"say_updates_{name}", section[name])
        bad = judge.limits[limit].judge(section[name]) != "ok"
        yield judge.measured(
            *(f"updates.{name}", limit, section[name], said),
            advice="advice_updates",
            evidence=[words.listed(section["packages"][:10])] if bad else [],
        )
