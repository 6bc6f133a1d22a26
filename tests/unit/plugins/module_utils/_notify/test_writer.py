# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import Person
from ansible_collections.chatbot.ops.plugins.module_utils._notify.policy import Message, Rules, decide
from ansible_collections.chatbot.ops.plugins.module_utils._notify.state import State
from ansible_collections.chatbot.ops.plugins.module_utils._notify.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice, Writer

NOW = datetime(2026, 11, 25, 3, 15, tzinfo=UTC)
MEXICO = ZoneInfo("America/Mexico_City")
ANA = Person("Ana Ruiz", "developer", ("ana@example.com",), ("+52 55 1234 5678",), alerts="warning")
DISK = Check(
    "disk.root", "host", "critical", "The disk is\nfull <soon>.", evidence=("a", "b", "c", "d"), advice="Prune."
)
API = Check("api.health", "api", "warning", "The API is slow.")


def fine(check: Check) -> Check:
    return Check(check.id, check.component, "ok", check.summary)


def notices(language: str, *runs: Sequence[Check], step: timedelta = timedelta(hours=1)) -> list[Notice]:
    """Return what the last run sends."""
    state = State()
    messages: tuple[Message, ...] = ()
    for number, checks in enumerate(runs):
        decision = decide(state, checks, [ANA], NOW + number * step, Rules(zone=MEXICO))
        state, messages = decision.state, decision.messages
    writer = Writer("lottery-chatbot", language, MEXICO, [ANA])
    return [writer.write(each, NOW) for each in messages]


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", TEXTS["es"][key])), key


def test_an_alarm_in_english() -> None:
    everybody, ana = notices("en", [API, DISK])
    assert everybody.subject == "[lottery-chatbot] CRITICAL: The disk is full <soon>, and 1 more"
    assert everybody.text.split("\n\n") == [
        "Whom to call now:\n1. Ana Ruiz (developer): +52 55 1234 5678",
        "CRITICAL: The disk is full <soon>.\nSeen: a\nSeen: b\nSeen: c\nTo do: Prune.\nAlso told: Ana Ruiz\nCheck: disk.root",
        "warning: The API is slow.\nAlso told: Ana Ruiz\nCheck: api.health",
        "lottery-chatbot, 24 November 2026, 21:15 CST. This is told once; what stays bad comes again.",
    ]
    assert (everybody.emails, ana.emails, ana.people) == ((), ("ana@example.com",), ("Ana Ruiz",))
    assert ana.text == everybody.text


def test_its_end_in_spanish() -> None:
    everybody, _ana = notices("es", [DISK], [fine(DISK)])
    assert everybody.subject == "[lottery-chatbot] resuelto (antes CRÍTICO): The disk is full <soon>"
    assert "Prune" not in everybody.text
    assert "24 de noviembre de 2026, 21:15 CST" in everybody.text


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([[API], [Check("api.health", "api", "critical", "Down.")]], "CRITICAL (was warning): Down."),
        ([[DISK], [Check("disk.root", "host", "warning", "Better.")]], "better, warning now (was CRITICAL): Better."),
        ([[DISK]] * 5, "still CRITICAL, since 24 November 2026, 21:15 CST: The disk"),
        ([[DISK], [fine(DISK)]] * 2 + [[DISK]], "comes and goes (CRITICAL now): The disk"),
        ([[DISK], *[[]] * 48], "nobody looks any more (was CRITICAL), since 24 November 2026, 21:15 CST"),
    ],
)
def test_each_kind_of_news(runs: list[list[Check]], words: str) -> None:
    assert any(words in each.text for each in notices("en", *runs))


def test_a_digest() -> None:
    writer = Writer("lottery-chatbot", "en", MEXICO, [])
    notice = writer.write(Message("digest", fine=1234, raised=1, recovered=0), NOW)
    assert notice.subject == "[lottery-chatbot] digest of 24 November 2026: all is fine"
    assert notice.text.startswith("1,234 checks are fine. Since the last digest: 1 alarm, 0 over.")
    state = decide(State(), [DISK, API], [], NOW, Rules()).state
    rules = Rules(digest=datetime(2026, 1, 1, 8).time())
    later = decide(state, [DISK, API], [], NOW + timedelta(days=1), rules).messages[-1]
    spanish = Writer("lottery-chatbot", "es", MEXICO, []).write(later, NOW)
    assert spanish.subject == "[lottery-chatbot] resumen del 24 de noviembre de 2026: 2 cosas no van bien"
    assert "CRÍTICO desde el 24 de noviembre de 2026, 21:15 CST: The disk is full <soon>." in spanish.text


def test_a_long_summary_makes_no_long_subject() -> None:
    everybody, *_rest = notices("en", [Check("a", "b", "critical", "word " * 100)])
    assert len(everybody.subject) == 150


def test_the_document_for_programs() -> None:
    everybody, *_rest = notices("en", [DISK])
    item = everybody.document["items"][0]
    assert (item["id"], item["kind"], item["was"], item["evidence"]) == (
        "disk.root",
        "raised",
        "ok",
        ["a", "b", "c", "d"],
    )
    assert everybody.document["at"] == "2026-11-25T03:15:00.000000Z"
