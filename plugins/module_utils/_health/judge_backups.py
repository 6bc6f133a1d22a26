# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of the backups and of the last rehearsal, against the objectives. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge

#: From the least to the most that a verification proves.
LEVELS = ("checksum", "structure", "restore")
_PASSED = "passed"
#: So many backups before make out what is usual.
_USUAL = 5
_SHOWN = 3

Backup = Mapping[str, Any]


def judge_repository(
    judge: Judge, name: str, listing: Mapping[str, Any], sources: Sequence[str], level: str
) -> Iterator[Check]:
    """Yield the checks of the backups of ``sources`` in the repository ``name``.

    :param listing: what ``backup_info`` returned for it, or the result of its failure.
    :param level: what a verification must have reached to count.
    """
    for source in sources:
        one = _Source(judge, f"backup.{source}.{name}", source, name)
        if "backups" not in listing:
            yield from one.unlisted(listing.get("msg") or judge.words.say("because_not_listed"))
        else:
            backups = [each for each in listing["backups"] if each["source"] == source]
            # A safety copy holds what a restore replaced: it is no newer backup of what works.
            yield from one.checks([each for each in backups if not each.get("safety_copy_for")], level)


class _Source:
    """The backups of one source in one repository."""

    def __init__(self, judge: Judge, prefix: str, source: str, repository: str) -> None:
        self._judge, self._prefix = judge, prefix
        self._values = {"source": source, "repository": repository}

    def unlisted(self, problem: Any) -> Iterator[Check]:
        for what in ("age", "verified"):
            yield self._judge.unknown(f"{self._prefix}.{what}", "title_backups", problem, advice="advice_unlisted")

    def checks(self, backups: Sequence[Backup], level: str) -> Iterator[Check]:
        good = [each for each in backups if each["good"]]  # newest first
        yield self._age(backups, good)
        if not good:
            yield self._judge.unknown(
                f"{self._prefix}.verified", "title_verified", self._say("because_no_backup"), advice="advice_backup"
            )
            return
        yield self._verified(good, level)
        yield self._size(good)
        yield self._duration(good[0])

    def _say(self, key: str, **values: str) -> str:
        return self._judge.words.say(key, **self._values, **values)

    def _age(self, backups: Sequence[Backup], good: Sequence[Backup]) -> Check:
        words, identity = self._judge.words, f"{self._prefix}.age"
        # A newer one that is bad is why there is no newer good one.
        newer = backups[: backups.index(good[0])] if good else backups
        evidence = [f"{each['backup_id']}: {each['problem'] or words.say('not_good')}" for each in newer[:_SHOWN]]
        if not good:
            return self._judge.plain(
                identity, "critical", self._say("say_no_backup"), advice="advice_backup", evidence=evidence
            )
        age = good[0]["age_seconds"]
        said = self._say("say_backup_age", age=words.duration(age))
        least = "warning" if newer else "ok"
        if newer:
            said = self._say("say_newer_bad", age=words.duration(age))
        return self._judge.measured(
            identity, "backup_age", age, said, advice="advice_backup", evidence=evidence, least=least
        )

    def _verified(self, good: Sequence[Backup], level: str) -> Check:
        words, identity = self._judge.words, f"{self._prefix}.verified"
        proven = [each for each in good if _is_proven(each, level)]
        if proven:
            age = proven[0]["age_seconds"]
            said = self._say("say_verified", age=words.duration(age), level=proven[0]["verified"]["level"])
            return self._judge.measured(identity, "backup_verified", age, said, advice="advice_verify")
        # None was ever: since the oldest was taken, nobody knows what they are worth.
        age = good[-1]["age_seconds"]
        said = self._say("say_unverified", level=level)
        return self._judge.measured(*(identity, "backup_verified", age, said), advice="advice_verify", least="warning")

    def _size(self, good: Sequence[Backup]) -> Check:
        words, identity = self._judge.words, f"{self._prefix}.size"
        sizes = [_stored(each) for each in good[: _USUAL + 1]]
        said = self._say("say_backup_size", size=words.size(sizes[0]))
        if len(sizes) < 3:  # what is usual is not known yet
            return Check(identity, "backup", "ok", said, sizes[0], "bytes")
        usual, shares = median(sizes[1:]), self._judge.limits["backup_size"]
        warning, critical = (None if each is None else usual * each / 100 for each in (shares.warning, shares.critical))
        status = Limit(warning, critical, falling=True).judge(sizes[0]) if usual else "ok"
        if status != "ok":
            said = self._say("say_backup_small", size=words.size(sizes[0]), usual=words.size(usual))
        advice = words.say("advice_backup_size", **self._values) if status != "ok" else ""
        return Check(identity, "backup", status, said, sizes[0], "bytes", warning, critical, advice=advice)

    def _duration(self, newest: Backup) -> Check:
        seconds = (from_iso(newest["ended"]) - from_iso(newest["started"])).total_seconds()
        said = self._say("say_backup_duration", time=self._judge.words.duration(seconds))
        return self._judge.measured(
            f"{self._prefix}.duration", "backup_duration", round(seconds, 3), said, advice="advice_backup_duration"
        )


def _is_proven(backup: Backup, level: str) -> bool:
    verdict = backup["verified"]
    return (
        verdict is not None and verdict["result"] == _PASSED and LEVELS.index(verdict["level"]) >= LEVELS.index(level)
    )


def _stored(backup: Backup) -> int:
    return sum(each["stored_bytes"] for each in backup["objects"])


def judge_recovery(judge: Judge, rehearsals: Sequence[Mapping[str, Any]], at: datetime) -> Iterator[Check]:
    """Yield the checks of the last rehearsal's RTO and RPO.

    :param rehearsals: what the lookup ``rehearsal_history`` returned, oldest first.
    """
    words = judge.words
    if not rehearsals:
        for name in ("rto", "rpo"):
            yield judge.plain(f"recovery.{name}", "warning", words.say("say_no_rehearsal"), advice="advice_rehearse")
        return
    last = rehearsals[-1]
    # One that was broken off has no end, and counts as failed.
    age = (at - from_iso(last["ended"])).total_seconds() if last["ended"] else 0.0
    for name in ("rto", "rpo"):
        yield _objective(judge, last, name, age)


def _objective(judge: Judge, last: Mapping[str, Any], name: str, age: float) -> Check:
    words, identity = judge.words, f"recovery.{name}"
    seconds, objective = last[f"{name}_seconds"], last[f"{name}_objective_seconds"]
    if last["state"] == "failed" or seconds is None:
        said = words.say("say_rehearsal_failed", age=words.duration(age))
        return judge.plain(identity, "critical", said, advice="advice_rehearsal_failed")
    said = words.say(f"say_{name}", time=words.duration(seconds), age=words.duration(age))
    # Of what was measured long ago, nobody knows whether it still holds.
    status = judge.limits["rehearsal_age"].judge(age)
    advice = "advice_rehearse"
    if objective is not None:
        said = f"{said} {words.say('say_objective', time=words.duration(objective))}"
        if seconds > objective:
            status, advice = "critical", f"advice_{name}"
    told = words.say(advice) if status != "ok" else ""
    return Check(identity, "recovery", status, said, seconds, "s", None, objective, advice=told)
