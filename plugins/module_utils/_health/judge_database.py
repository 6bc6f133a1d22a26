# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of the database. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge, reason

Section = Mapping[str, Any]


def judge_database(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of the database; of one that cannot be reached, nothing else is known."""
    problem = section["problem"]
    if problem is None and section["connect_problem"] is not None:
        problem = judge.words.say("because_not_connected")
        said = judge.words.say("say_not_connected", problem=reason(section["connect_problem"]))
        yield judge.plain("database.connect", "critical", said, advice="advice_connect")
    elif problem is not None:
        yield judge.unknown("database.connect", "title_connect", problem)
    else:
        said = judge.words.say("say_connected", time=judge.words.duration(section["connect_seconds"]))
        yield judge.measured(
            "database.connect", "connect", section["connect_seconds"], said, advice="advice_connect_slow"
        )
    for name, look in _LOOKS.items():
        why = problem if problem is not None else section[name]["problem"]
        if why is not None:
            yield judge.unknown(f"database.{name}", f"title_{name}", why)
        else:
            yield look(judge, section[name])


def _size(judge: Judge, found: Section) -> Check:
    said = judge.words.say("say_size", size=judge.words.size(found["bytes"]))
    return judge.measured("database.size", "database_size", found["bytes"], said, advice="advice_size")


def _connections(judge: Judge, found: Section) -> Check:
    used, most = (judge.words.number(found[each]) for each in ("used", "max"))
    said = judge.words.say("say_connections", used=used, max=most)
    bad = judge.limits["connections"].judge(found["percent"]) != "ok"
    return judge.measured(
        *("database.connections", "connections", found["percent"], said),
        advice="advice_connections",
        evidence=found["by_user"] if bad else [],
    )


def _locks(judge: Judge, found: Section) -> Check:
    words, seconds = judge.words, found["longest_seconds"]
    evidence = [
        words.say(
            "say_waits",
            pid=str(each["pid"]),
            user=each["user"],
            time=words.duration(each["seconds"]),
            blockers=words.listed([str(pid) for pid in each["blocked_by"]]) or "?",
        )
        for each in found["waits"]
    ]
    if not found["waiting"]:
        said = words.say("say_no_waits")
    else:
        said = words.count("say_locks", found["waiting"], time=words.duration(seconds))
    blocker = str(next((pid for each in found["waits"] for pid in each["blocked_by"]), "…"))
    return judge.measured(
        "database.locks", "locks", seconds, said, advice="advice_locks", evidence=evidence, blocker=blocker
    )


def _bloat(judge: Judge, found: Section) -> Check:
    words = judge.words
    said = words.say("say_bloat", percent=words.number(found["percent"], 1), size=words.size(found["dead_bytes"]))
    worst = [f"{each['table']}: {words.size(each['dead_bytes'])}" for each in found["tables"] if each["dead_bytes"]]
    table = found["tables"][0]["table"] if found["tables"] else "…"
    bad = judge.limits["bloat"].judge(found["percent"]) != "ok"
    return judge.measured(
        *("database.bloat", "bloat", found["percent"], said),
        advice="advice_bloat",
        evidence=worst[:3] if bad else [],
        table=table,
    )


def _transaction_age(judge: Judge, found: Section) -> Check:
    said = judge.words.say("say_transactions", age=judge.words.number(found["age"]), database=found["database"])
    return judge.measured(
        *("database.transaction_age", "transaction_age", found["age"], said),
        advice="advice_transactions",
        database=found["database"],
    )


def _replication(judge: Judge, found: Section) -> Check:
    words, identity = judge.words, "database.replication"
    if found["slots"]:
        slot = found["slots"][0]
        said = words.say("say_slot", slot=slot["name"], size=words.size(slot["kept_bytes"]))
        return judge.plain(identity, "warning", said, advice="advice_slot", slot=slot["name"])
    lag = found["lag_seconds"]
    if lag is None and found["role"] == "standby":
        because = words.say("because_cut_off" if found["receiving"] is False else "because_not_replayed")
        return judge.unknown(identity, "title_replication", because, advice="advice_replication")
    if lag is None:
        return judge.plain(identity, "ok", words.say("say_no_replication"))
    # It may be that nothing was written since. Nobody knows.
    cut_off = found["receiving"] is False
    said = words.say("say_cut_off" if cut_off else "say_lag", time=words.duration(lag))
    evidence = [f"{each['name']}: {each['state']}" for each in found["standbys"]]
    least = "warning" if cut_off else "ok"
    return judge.measured(
        identity, "replication", lag, said, advice="advice_replication", evidence=evidence, least=least
    )


def _archiving(judge: Judge, found: Section) -> Check:
    words, identity = judge.words, "database.archiving"
    if found["mode"] == "off":
        return judge.plain(identity, "ok", words.say("say_no_archiving"))
    failed, archived = found["seconds_since_failed"], found["seconds_since_archived"]
    if failed is not None and (archived is None or failed < archived):
        said = words.say("say_archiving_fails", file=str(found["last_failed_file"]))
        return judge.plain(identity, "critical", said, advice="advice_archiving")
    if not found["waiting_files"]:
        return judge.plain(identity, "ok", words.say("say_archiving"))
    seconds = found["waiting_seconds"]
    said = words.count("say_archiving_waits", found["waiting_files"], time=words.duration(seconds))
    return judge.measured(identity, "archiving", seconds, said, advice="advice_archiving")


def _extensions(judge: Judge, found: Section) -> Check:
    outdated = found["outdated"]
    if not outdated:
        return judge.plain("database.extensions", "ok", judge.words.say("say_extensions"))
    said = judge.words.count("say_outdated", len(outdated))
    evidence = [f"{each['name']} {each['installed']} -> {each['available']}" for each in outdated]
    return judge.plain(
        *("database.extensions", "warning", said),
        advice="advice_extensions",
        evidence=evidence,
        extension=outdated[0]["name"],
    )


_LOOKS: Mapping[str, Callable[[Judge, Section], Check]] = {
    "size": _size,
    "connections": _connections,
    "locks": _locks,
    "bloat": _bloat,
    "transaction_age": _transaction_age,
    "replication": _replication,
    "archiving": _archiving,
    "extensions": _extensions,
}
