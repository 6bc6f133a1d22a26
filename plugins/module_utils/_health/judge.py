# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that was found out about a stack, wherever from, as check results. Pure. What is not known is ``unknown``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.copies import repository_name
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check, Limit, check_from, worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._dns.names import full_names, zone_name
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge_backups import (
    LEVELS,
    judge_recovery,
    judge_repository,
)
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge_database import judge_database
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge_host import (
    judge_clock,
    judge_disks,
    judge_server,
    judge_updates,
)
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge_outside import judge_dns, judge_supabase
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge_stack import (
    judge_containers,
    judge_endpoints,
    judge_n8n,
)
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge, reason
from ansible_collections.chatbot.ops.plugins.module_utils._health.limits import limits_from
from ansible_collections.chatbot.ops.plugins.module_utils._health.texts import TEXTS, Words
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain


@dataclass(frozen=True)
class Repository:
    """``listing`` is what ``backup_info`` returned for it, or the result of its failure."""

    name: str
    listing: Mapping[str, Any]


@dataclass(frozen=True)
class Findings:
    """``look`` is what ``stack_health_info`` returned, or the result of its failure; None if nobody looked. So are ``dns`` and
    ``supabase``, of their modules. ``looked`` are the instants, by the controller's clock, before and after that look.

    ``unreachable`` is why the host cannot be reached, None if it can. ``extra`` are the check results of others, ``skip`` the
    patterns of the ids of checks that nobody wants.
    """

    language: str
    unreachable: str | None
    look: Mapping[str, Any] | None
    looked: tuple[datetime, datetime] | None
    endpoints: tuple[str, ...]
    repositories: tuple[Repository, ...]
    sources: tuple[str, ...]
    level: str
    dns: Mapping[str, Any] | None
    names: tuple[str, ...]
    address: str
    supabase: Mapping[str, Any] | None
    rehearsals: Sequence[Mapping[str, Any]] | None
    extra: tuple[Check, ...]
    skip: tuple[str, ...]
    limits: Mapping[str, Limit]


def findings_from(document: Any) -> Findings:
    """Return the findings in ``document``.

    :raises RefusedError: if it is none such.
    """
    try:
        language, level = document["language"], document.get("level") or LEVELS[-1]
        if language not in TEXTS:
            raise ValueError(f"the language {language!r} is none of {', '.join(TEXTS)}")
        if level not in LEVELS:
            raise ValueError(f"the level {level!r} is none of {', '.join(LEVELS)}")
        looked = document.get("looked")
        dns = document.get("dns") or None
        return Findings(
            language=language,
            unreachable=document.get("unreachable") or None,
            look=document.get("look") or None,
            looked=(from_iso(looked[0]), from_iso(looked[1])) if looked else None,
            endpoints=tuple(document.get("endpoints") or ()),
            repositories=_repositories(document),
            sources=tuple(document.get("sources") or ()),
            level=level,
            dns=dns,
            names=tuple(full_names(document["names"], zone_name(document["zone"]))) if dns else (),
            address=document.get("address") or "",
            supabase=document.get("supabase") or None,
            rehearsals=document.get("rehearsals"),
            extra=tuple(check_from(each) for each in document.get("extra") or ()),
            skip=tuple(document.get("skip") or ()),
            limits=limits_from(document.get("limits") or {}, document.get("rpo") or None),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"These are no findings of a look at a stack's health: {error}.") from error


def _repositories(document: Mapping[str, Any]) -> tuple[Repository, ...]:
    described, listings = (document.get(each) or () for each in ("repositories", "listings"))
    if len(described) != len(listings):
        raise ValueError(f"there are {len(described)} repositories, and {len(listings)} lists of what they hold")
    return tuple(Repository(repository_name(one), listing) for one, listing in zip(described, listings))


def judge(findings: Findings, at: datetime) -> list[Check]:
    """Return all checks as of ``at``, in a fixed order; two of one id are one, the worse.

    :raises RefusedError: if what a module returned is not what it returns.
    """
    judging = Judge(Words(findings.language), findings.limits)
    found: dict[str, Check] = {}
    try:
        for check in [*_host(judging, findings, at), *_beside(judging, findings, at), *findings.extra]:
            before = found.get(check.id)
            if before is None or STATES.index(check.status) > STATES.index(before.status):
                found[check.id] = check
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"These are no findings of a look at a stack's health: {error!r}.") from error
    return [each for each in found.values() if not any(fnmatchcase(each.id, pattern) for pattern in findings.skip)]


def health_of(document: Any, at: str) -> dict[str, Any]:
    """Return ``status``, ``checks`` and ``worst``, lines for people about those that are not well, the worst first.

    :raises RefusedError: if ``document`` holds no findings.
    """
    findings = findings_from(document)
    try:
        instant = from_iso(at)
    except ValueError as error:
        raise OpsError(f"{at!r} is no time.") from error
    checks = judge(findings, instant)
    words = Words(findings.language)
    ill = sorted((each for each in checks if each.status != "ok"), key=lambda each: -STATES.index(each.status))
    return {
        "status": worst(each.status for each in checks),
        "checks": [{**each.to_document(), "summary": plain(each.summary)} for each in checks],
        "worst": [plain(" ".join(_told(words, each))) for each in ill],
    }


def _told(words: Words, check: Check) -> Iterator[str]:
    """Yield what a line for people says of a check that is not well."""
    yield f"{words.say(f'state_{check.status}')} {check.id}: {check.summary}"
    if check.evidence:
        yield f"[{'; '.join(check.evidence)}]"
    yield check.advice


def _host(judging: Judge, findings: Findings, at: datetime) -> Iterator[Check]:
    words = judging.words
    if findings.unreachable is not None:
        said = words.say("say_unreachable", problem=reason(findings.unreachable))
        yield judging.plain("server.reachable", "critical", said, advice="advice_unreachable")
        return
    yield judging.plain("server.reachable", "ok", words.say("say_reachable"))
    look = findings.look
    if look is None:
        return
    if "sections" not in look:
        yield judging.unknown("server.look", "title_look", look.get("msg") or "?", advice="advice_look")
        return
    if look["memory_problem"] is not None:
        yield judging.unknown("server.memory_of_looks", "title_memory_of_looks", look["memory_problem"])
    yield from _sections(judging, findings, look["sections"], at)


def _sections(judging: Judge, findings: Findings, sections: Mapping[str, Any], at: datetime) -> Iterator[Check]:
    if "endpoints" in sections:
        yield from judge_endpoints(judging, sections["endpoints"], findings.endpoints, at)
    for name, look in (
        ("n8n", judge_n8n),
        ("database", judge_database),
        ("containers", judge_containers),
        ("server", judge_server),
        ("disks", judge_disks),
    ):
        if name in sections:
            yield from look(judging, sections[name])
    if "time" in sections:
        yield from judge_clock(judging, sections["time"], findings.looked)
    if "updates" in sections:
        yield from judge_updates(judging, sections["updates"])


def _beside(judging: Judge, findings: Findings, at: datetime) -> Iterator[Check]:
    """Yield the checks of what can be seen without the host, too."""
    for each in findings.repositories:
        yield from judge_repository(judging, each.name, each.listing, findings.sources, findings.level)
    if findings.rehearsals is not None:
        yield from judge_recovery(judging, findings.rehearsals, at)
    if findings.dns is not None:
        yield from judge_dns(judging, findings.dns, findings.names, findings.address)
    if findings.supabase is not None:
        yield from judge_supabase(judging, findings.supabase)
