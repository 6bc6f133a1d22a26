# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role whatsapp_guard's decision: from what the module found and what is remembered to what is written and said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, time_zone
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp import memory as remembering
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp import policy
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.judge import COMPONENT
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.texts import Words, require_language

#: The states into which Meta puts a number of bad quality; its messages still go out, fewer of them.
_RESTRAINED = ("FLAGGED", "RATE_LIMITED", "RESTRICTED")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class _Asked:
    label: str
    stack: str
    target: str
    words: Words
    rules: policy.Rules
    number: Mapping[str, Any]
    memory: remembering.Memory


def guard(document: Any, at: str) -> dict[str, Any]:
    """Return what is allowed, what to write, what to remember, and what to say of it.

    :param document: ``label``, ``stack``, ``language``, ``target`` (where the allowance is written, as a name), ``number``
        (the result of the module whatsapp_number_info, also a failed one), ``memory`` (the JSON text of what was returned
        as such the last time, or an empty one), ``memory_file`` (where it lies, for messages) and ``rules``.
    :param at: now (ISO 8601).
    :raises RefusedError: if something in it makes no sense.
    """
    asked, instant = _asked(document), from_iso(at)
    decision = policy.decide(asked.memory.state, _seen(asked.number), asked.rules, instant)
    why = "; ".join(_said(each, asked.words) for each in decision.reasons)
    memory = remembering.remember(asked.memory, decision.state, decision.action, why, instant, asked.target)
    allowance = decision.allowance
    return {
        "action": decision.action,
        "why": why,
        "summary": _summary(asked, allowance, why),
        "allowance": remembering.allowance_document(allowance),
        "changed": allowance is not None and allowance != asked.memory.state.allowance,
        "undelivered": allowance is not None
        and (allowance != asked.memory.state.allowance or asked.target != asked.memory.target),
        "content": None if allowance is None else _content(asked, allowance, memory),
        "memory": remembering.to_document(memory),
        "news": remembering.is_news(asked.memory, memory),
        "check": _check(asked, decision, why).to_document(),
    }


def _asked(document: Any) -> _Asked:
    try:
        words = Words(require_language(document["language"]))
        memory = remembering.recall(str(document["memory"]), str(document["memory_file"]))
        rules, number = _rules(document["rules"]), document["number"]
        label, stack, target = (str(document[each]) for each in ("label", "stack", "target"))
        if not isinstance(number, Mapping):
            raise TypeError("the number is no result of a module")
        return _Asked(label, stack, target, words, rules, number, memory)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(f"These are no inputs of a decision about a number: {error}.") from error


def _rules(given: Mapping[str, Any]) -> policy.Rules:
    steps = tuple(float(each) for each in given["steps"])
    if len(steps) < 2 or steps[0] != 1 or any(not 0 < each <= 1 for each in steps) or list(steps) != _falling(steps):
        raise RefusedError(
            f"whatsapp_guard_steps: {list(steps)} are no steps. Begin with 1, and let each be less than the one before, "
            "above 0; such as [1, 0.5, 0.25, 0.1]."
        )
    yellow, red = int(given["yellow"]), int(given["red"])
    if not 0 < yellow <= red < len(steps):
        raise RefusedError(
            f"whatsapp_guard_yellow_step and whatsapp_guard_red_step: {yellow} and {red} are no steps down of "
            f"{len(steps)}. Count from 0; yellow is above 0, and red no less than yellow."
        )
    cap = given["daily_cap"]
    rules = policy.Rules(
        rate=float(given["rate"]),
        daily_cap=None if cap in (None, "") or int(cap) <= 0 else int(cap),
        share=float(given["share"]),
        steps=steps,
        yellow=yellow,
        red=red,
        near=float(given["near"]) / 100,
        release=float(given["release"]) / 100,
        green=_span("whatsapp_guard_green", given["green"]),
        gap=_span("whatsapp_guard_gap", given["gap"]),
        measured=bool(given["measured"]),
        hours=_hours(str(given["hours"] or ""), str(given["time_zone"])),
    )
    if rules.rate <= 0 or not 0 < rules.share <= 1:
        raise RefusedError("whatsapp_guard_rate has to be above 0, and whatsapp_guard_share above 0 and at most 1.")
    if not 0 < rules.release <= rules.near <= 1:
        raise RefusedError(
            "whatsapp_guard_near and whatsapp_guard_release: they are percents, and release is not above near."
        )
    return rules


def _falling(steps: Iterable[float]) -> list[float]:
    return sorted(set(steps), reverse=True)


def _span(name: str, value: Any) -> timedelta:
    return timedelta(seconds=duration_seconds(name, value))


def _hours(text: str, zone: str) -> policy.Hours | None:
    if not text:
        return None
    match = _HOURS.fullmatch(text)
    if match is None:
        raise RefusedError(
            f"whatsapp_guard_raise_hours: {text!r} is no span of the day. Write one such as 03:00-05:00."
        )
    begin, begin_minute, end, end_minute = (int(each) for each in match.groups())
    return policy.Hours(begin * 60 + begin_minute, end * 60 + end_minute, time_zone("whatsapp_guard_time_zone", zone))


def _seen(result: Mapping[str, Any]) -> policy.Seen | None:
    """Return the number as the module found it; None if it could not be read."""
    number = result.get("number")
    if result.get("failed") or not number:
        return None
    limit = result["limit"]
    return policy.Seen(
        quality=number["quality_rating"],
        sendable=number["sendable"],
        restrained=number["status"] in _RESTRAINED,
        limit=limit["conversations"],
        unlimited=limit["unlimited"],
        most_a_second=number["messages_per_second"],
        sent=result["usage"]["sent_24h"],
    )


def _said(reason: policy.Reason, words: Words) -> str:
    return words.say(reason.key, **{name: _value(name, value, words) for name, value in reason.values.items()})


def _value(name: str, value: Any, words: Words) -> str:
    if name == "quality":
        return words.quality(value)
    if name == "limit":
        return words.limit(value)
    if isinstance(value, datetime):
        return words.date(value)
    return words.number(value, 0 if float(value).is_integer() else 1)


def _summary(asked: _Asked, allowance: policy.Allowance | None, why: str) -> str:
    words = asked.words
    if allowance is None:
        return words.say("say_guard_none", label=asked.label, why=why)
    cap = words.say("no_cap") if allowance.daily_cap is None else words.count("cap", allowance.daily_cap)
    rate = words.number(allowance.rate, 0 if allowance.rate.is_integer() else 2)
    return words.say("say_guard", label=asked.label, rate=rate, cap=cap, why=why)


def _content(asked: _Asked, allowance: policy.Allowance, memory: remembering.Memory) -> dict[str, Any]:
    """Return what the API gets to read: nothing that changes as long as the allowance does not."""
    return {
        "stack": asked.stack,
        "number": asked.label,
        "rate_per_second": allowance.rate,
        "daily_cap": allowance.daily_cap,
        "since": memory.since,
        "why": memory.why,
    }


def _check(asked: _Asked, decision: policy.Decision, why: str) -> Check:
    words, state = asked.words, decision.state
    status, advice = "ok", ""
    if decision.action == policy.UNKNOWN:
        status, advice = "unknown", words.say("advice_guard_unknown")
    elif max(state.level, state.pressure) > 0:
        status, advice = "warning", words.say("advice_guard")
    return Check(
        id=f"whatsapp.{asked.label}.guard",
        component=COMPONENT,
        status=status,
        summary=_summary(asked, decision.allowance, why),
        value=None if decision.allowance is None else decision.allowance.rate,
        unit="" if decision.allowance is None else "messages per second",
        advice=advice,
    )
