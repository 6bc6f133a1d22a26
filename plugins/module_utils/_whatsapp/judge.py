# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a number, as check results. Pure. Whatever is not known is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, worst
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.answers import (
    AVAILABLE,
    BLOCKED,
    CONNECTED,
    GREEN,
    LIMITED,
    RED,
    YELLOW,
    Account,
    Number,
)
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.refusal import Problem
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.texts import Words

COMPONENT = "whatsapp"
_QUALITIES = {GREEN: "ok", YELLOW: "warning", RED: "critical"}
_NAMES = {"DECLINED": "warning", "EXPIRED": "warning"}
_ACCOUNTS = {"APPROVED": "ok", "REJECTED": "critical", "DISABLED": "critical", "PENDING": "warning"}
_SANDBOX = "SANDBOX"
#: What these problems tell of the checks that hang on them; all others are unknown then.
_TOKEN_KINDS = ("token", "expired", "permission")
_STATUS_KINDS = ("blocked", "billing")
# Meta answered these only to a token that it knew.
_KNOWN_TOKEN_KINDS = ("throttled", "blocked", "billing", "name")


@dataclass(frozen=True)
class Look:
    """What was found. Without a ``number`` there is a ``problem``.

    :param sent: how many conversations were begun within 24 hours; None: nobody counted.
    :param usage: from how many percent of the limit on it is a warning, and critical.
    :param account_asked: whether an account was named; then one that is None could not be read.
    """

    label: str
    number: Number | None
    account: Account | None
    problem: Problem | None
    sent: int | None
    usage: Limit
    account_asked: bool = False


def judge(look: Look, language: str) -> list[Check]:
    """Return the checks, in a fixed order."""
    judging = _Judge(look, Words(language))
    return list(judging.unread() if look.number is None else judging.read(look.number))


class _Judge:
    def __init__(self, look: Look, words: Words) -> None:
        self._look, self._words, self._label = look, words, look.label

    def read(self, number: Number) -> Iterator[Check]:
        yield self._token_read()
        yield self._status(number)
        yield self._quality(number)
        yield self._limit(number)
        if self._look.account_asked:
            yield self._account()

    def unread(self) -> Iterator[Check]:
        problem = self._look.problem or Problem("network")
        yield self._token_unread(problem)
        names = ["status", "quality", "limit", *(["account"] if self._look.account_asked else [])]
        for name in names:
            critical = name == "status" and problem.kind in _STATUS_KINDS
            said = self._said_of(problem)
            if critical:
                said = self._say("say_billing" if problem.kind == "billing" else "say_blocked")
            yield self._check(
                name,
                "critical" if critical else "unknown",
                said,
                evidence=_evidence(problem),
                advice=self._words.advice(problem.kind),
            )

    def _token_read(self) -> Check:
        return self._check("token", "ok", self._say("say_token"))

    def _token_unread(self, problem: Problem) -> Check:
        if problem.kind in _TOKEN_KINDS:
            return self._check(
                *("token", "critical", self._say("say_token_bad")),
                evidence=_evidence(problem),
                advice=self._words.advice(problem.kind),
            )
        if problem.kind in _KNOWN_TOKEN_KINDS:
            return self._token_read()
        return self._check(
            "token",
            "unknown",
            self._say("say_token_untold"),
            evidence=_evidence(problem),
            advice=self._words.advice(problem.kind),
        )

    def _status(self, number: Number) -> Check:
        """Return the check of all that decides whether messages go out; the worst of it is told."""
        found = list(self._findings(number))
        status = worst(state for state, _text, _advice in found)
        _state, text, advice = next(each for each in found if each[0] == status)
        words = [("status", number.status), ("can_send_message", number.can_send), ("name_status", number.name_status)]
        words += [("account_mode", number.mode), ("throughput", number.throughput)]
        evidence = [f"{name}: {word}" for name, word in words if word is not None]
        for entity in number.entities:
            if entity.can_send not in (AVAILABLE, None):
                evidence += [f"{entity.kind} {entity.can_send}: {'; '.join(entity.problems) or '?'}"]
        return self._check("status", status, text, evidence=tuple(evidence), advice=advice)

    def _findings(self, number: Number) -> Iterator[tuple[str, str, str]]:
        """Yield a state, what to say, and what to advise."""
        words = self._words
        if number.status not in (CONNECTED, None):
            yield "critical", self._say("say_status", status=number.status or ""), words.say("advice_status")
        elif number.can_send == BLOCKED:
            yield "critical", self._say("say_blocked"), words.say("advice_health")
        elif number.sendable is None:
            yield "unknown", self._say("say_no_status"), words.say("advice_status")
        else:
            yield "ok", self._say("say_connected"), ""
        if number.can_send == LIMITED:
            yield "warning", self._say("say_limited"), words.say("advice_health")
        if number.mode == _SANDBOX:
            yield "warning", self._say("say_sandbox"), words.say("advice_sandbox")
        if number.name_status in _NAMES:
            state = _NAMES[number.name_status]
            yield state, self._say("say_name", status=number.name_status), words.say("advice_name")

    def _quality(self, number: Number) -> Check:
        words = self._words
        status = _QUALITIES.get(number.quality or "", "unknown")
        evidence = () if number.quality is None else (f"quality_rating: {number.quality}",)
        if status == "unknown":
            advice = words.say("advice_quality_unknown")
            return self._check("quality", status, self._say("say_quality_unknown"), evidence=evidence, advice=advice)
        advice = "" if status == "ok" else words.say(f"advice_quality_{number.quality}")
        said = self._say("say_quality", quality=words.quality(number.quality))
        return self._check("quality", status, said, evidence=evidence, advice=advice)

    def _limit(self, number: Number) -> Check:
        words, tier, sent, held = self._words, number.tier, self._look.sent, self._look.usage
        evidence = () if tier.name is None else (f"messaging_limit: {tier.name}",)
        if tier.unlimited:
            return self._check("limit", "ok", self._say("say_unlimited"), evidence=evidence)
        if tier.limit is None:
            said = self._say("say_limit_unknown", tier=tier.name or "?")
            return self._check("limit", "unknown", said, evidence=evidence, advice=words.say("advice_limit_unknown"))
        if sent is None:
            return self._check("limit", "ok", self._say("say_limit", limit=words.number(tier.limit)), evidence=evidence)
        percent = 100 * sent / tier.limit
        status = held.judge(percent)
        return Check(
            id=self._id("limit"),
            component=COMPONENT,
            status=status,
            summary=self._say(
                "say_usage", sent=words.number(sent), limit=words.number(tier.limit), percent=words.number(percent)
            ),
            value=round(percent, 1),
            unit="percent",
            warning=held.warning,
            critical=held.critical,
            evidence=evidence,
            advice="" if status == "ok" else words.say("advice_usage"),
        )

    def _account(self) -> Check:
        account, advice = self._look.account, self._words.say("advice_account")
        if account is None:
            return self._check("account", "unknown", self._say("say_account_unknown"), advice=advice)
        state = _ACCOUNTS.get(account.review or "", "unknown")
        said = self._say("say_account", status=account.review or "?")
        words = [("account_review_status", account.review), ("business_verification_status", account.verification)]
        evidence = tuple(f"{name}: {word}" for name, word in words if word is not None)
        return self._check("account", state, said, evidence=evidence, advice="" if state == "ok" else advice)

    def _said_of(self, problem: Problem) -> str:
        code = "" if problem.code is None else f"{problem.code}: "
        return self._say("say_unread", problem=f"{code}{problem.message or problem.kind}.")

    def _check(
        self, name: str, status: str, summary: str, *, evidence: tuple[str, ...] = (), advice: str = ""
    ) -> Check:
        return Check(self._id(name), COMPONENT, status, summary, evidence=evidence, advice=advice)

    def _say(self, key: str, **values: str) -> str:
        return self._words.say(key, label=self._label, **values)

    def _id(self, name: str) -> str:
        return f"whatsapp.{self._label}.{name}"


def _evidence(problem: Problem) -> tuple[str, ...]:
    code = "" if problem.code is None else f"error {problem.code}"
    sub = "" if problem.subcode is None else f" ({problem.subcode})"
    told = ": ".join(each for each in (f"{code}{sub}", problem.message) if each)
    return (told,) if told else ()
