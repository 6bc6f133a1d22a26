# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What npm told of a folder, as check results. Pure. Without a report, it is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, worst
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import (
    SEVERITIES,
    Audit,
    Outdated,
    Vulnerable,
    at_least,
)
from ansible_collections.chatbot.ops.plugins.module_utils._npm.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_EVIDENCE = 10


@dataclass(frozen=True)
class Thresholds:
    """``warning`` and ``critical`` are the severities from which on a vulnerable package is one (None: never);
    ``outdated`` the limits of how many may be outdated."""

    warning: str | None
    critical: str | None
    outdated: Limit
    language: str


@dataclass(frozen=True)
class Folder:
    """What was found in one folder; a ``problem`` tells why there is no such report."""

    name: str
    path: str
    outdated: tuple[Outdated, ...] | None
    outdated_problem: str | None
    audit: Audit | None
    audit_problem: str | None


def judge_folder(folder: Folder, thresholds: Thresholds) -> Iterator[Check]:
    """Yield the two checks of a folder."""
    words = Words(thresholds.language, TEXTS)
    yield _outdated(folder, thresholds.outdated, words)
    yield _vulnerable(folder, thresholds, words)


def _outdated(folder: Folder, limit: Limit, words: Words) -> Check:
    name = f"dependencies.{folder.name}.outdated"
    found = folder.outdated
    if found is None:
        return _unknown(name, folder, words, "npm_unknown_outdated", folder.outdated_problem)
    major = len([each for each in found if each.major])
    said = words.count("npm_outdated", len(found), name=folder.name, major=words.number(major))
    status = limit.judge(len(found)) if found else "ok"
    evidence = [
        words.say("npm_line_outdated", name=each.name, current=each.current or each.wanted, latest=each.latest)
        for each in found
    ]
    return Check(
        *(name, "dependencies", status, said, len(found), "packages", limit.warning, limit.critical),
        evidence=tuple(evidence[:_EVIDENCE]),
        advice=words.say("npm_advice_outdated") if status != "ok" else "",
    )


def _vulnerable(folder: Folder, thresholds: Thresholds, words: Words) -> Check:
    name = f"dependencies.{folder.name}.vulnerable"
    if folder.audit is None:
        return _unknown(name, folder, words, "npm_unknown_vulnerable", folder.audit_problem)
    packages = folder.audit.vulnerable
    limits = [each for each in (thresholds.warning, thresholds.critical) if each is not None]
    least = min(limits, key=SEVERITIES.index, default=SEVERITIES[0])
    counted = at_least(packages, least)
    status = worst(["ok", *(_state(each, thresholds) for each in packages)])
    said = words.count("npm_vulnerable", len(counted), name=folder.name, severity=least)
    return Check(
        *(name, "dependencies", status, said, len(counted), "packages"),
        evidence=tuple(_line(each, words) for each in (counted or packages)[:_EVIDENCE]),
        advice=words.say(_advice(counted)) if status != "ok" else "",
    )


def _state(package: Vulnerable, thresholds: Thresholds) -> str:
    for status, severity in (("critical", thresholds.critical), ("warning", thresholds.warning)):
        if severity is not None and at_least([package], severity):
            return status
    return "ok"


def _advice(packages: Sequence[Vulnerable]) -> str:
    fixes = [each.fix for each in packages if each.fix is not None]
    if any(not fix.major for fix in fixes):
        return "npm_advice_vulnerable"
    return "npm_advice_major" if fixes else "npm_advice_no_fix"


def _line(package: Vulnerable, words: Words) -> str:
    kind = words.say("npm_direct" if package.direct else "npm_transitive")
    titles = "; ".join(each.title for each in package.advisories) or ", ".join(package.through)
    fix = fix_in_words(package, words)
    return words.say("npm_line", name=package.name, severity=package.severity, kind=kind, fix=fix, title=titles)


def fix_in_words(package: Vulnerable, words: Words) -> str:
    """Return what would fix a package."""
    fix = package.fix
    if fix is None:
        return words.say("npm_no_fix")
    if not fix.name:
        return words.say("npm_fix")
    return words.say("npm_fix_major" if fix.major else "npm_fix_to", name=fix.name, version=fix.version)


def _unknown(name: str, folder: Folder, words: Words, key: str, problem: str | None) -> Check:
    said = words.say(key, name=folder.name, problem=problem or "")
    return Check(name, "dependencies", "unknown", said, advice=words.say("npm_advice_unknown"))
