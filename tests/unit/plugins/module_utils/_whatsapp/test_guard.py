# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the module found to what is written, remembered and said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.whatsapp_guard_decision import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import check_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.guard import guard

AT = "2026-11-24T12:00:00Z"
RULES: dict[str, Any] = {
    "rate": 20.0,
    "daily_cap": 0,
    "share": 1.0,
    "steps": [1.0, 0.5, 0.25, 0.1],
    "yellow": 1,
    "red": 3,
    "near": 80,
    "release": 70,
    "green": "3d",
    "gap": "36h",
    "measured": True,
    "hours": "",
    "time_zone": "UTC",
}


def found(**more: Any) -> dict[str, Any]:
    """What the module returns of a good number, with ``more`` in place of it."""
    number = {"quality_rating": "GREEN", "status": "CONNECTED", "sendable": True, "messages_per_second": 80}
    return {
        "number": {**number, **{name: value for name, value in more.items() if name in number}},
        "limit": {"conversations": more.get("limit", 2000), "unlimited": more.get("unlimited", False)},
        "usage": {"sent_24h": more.get("sent", 100)},
    }


FAILED: dict[str, Any] = {"failed": True, "msg": "no", "checks": []}


def ask(number: dict[str, Any], memory: Any = "", at: str = AT, *, language: str = "en", **more: Any) -> dict[str, Any]:
    rules = {**RULES, **{name: value for name, value in more.items() if name in RULES}}
    document = {
        "label": "sales",
        "stack": "lottery",
        "language": language,
        "target": more.get("target", "json_file:/srv/rate.json"),
        "number": number,
        "memory": json.dumps(memory) if memory else "",
        "memory_file": "/var/lib/sales.json",
        "rules": rules,
    }
    return guard(document, at)


def test_the_first_look() -> None:
    first = ask(found())
    assert (first["action"], first["changed"], first["undelivered"], first["news"]) == ("set", True, True, True)
    assert first["allowance"] == {"rate": 20.0, "daily_cap": 2000}
    assert first["content"] == {
        "stack": "lottery",
        "number": "sales",
        "rate_per_second": 20.0,
        "daily_cap": 2000,
        "since": "2026-11-24T12:00:00.000000Z",
        "why": "the first look: quality green",
    }
    assert first["check"]["status"] == "ok"


@pytest.mark.parametrize("more", [{}, {"quality_rating": "YELLOW"}, {"quality_rating": "RED"}, {"sent": 1700}])
def test_what_is_written_does_not_change_as_long_as_the_allowance_does_not(more: dict[str, Any]) -> None:
    first = ask(found(**more))
    second = ask(found(**more), first["memory"], "2026-11-24T13:00:00Z")
    assert (second["action"], second["changed"], second["undelivered"], second["news"]) == ("kept", False, False, False)
    assert second["content"] == first["content"]
    assert second["memory"]["history"] == first["memory"]["history"]


@pytest.mark.parametrize(
    ("language", "summary"),
    [
        ("en", "sales: 2 messages a second, 200 conversations a day: quality is red: the rate is lowered to 10 %."),
        ("es", "sales: 2 mensajes por segundo, 200 conversaciones al día: la calidad es roja: el ritmo baja al 10 %."),
    ],
)
def test_it_says_what_it_did_and_why(language: str, summary: str) -> None:
    first = ask(found(), language=language)
    lowered = ask(found(quality_rating="RED"), first["memory"], language=language)
    assert lowered["summary"] == summary
    assert lowered["check"]["status"] == "warning"
    assert lowered["check"]["advice"]
    assert [each["action"] for each in lowered["memory"]["history"]] == ["set", "lowered"]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("number", "more"),
    [
        (FAILED, {}),
        (found(quality_rating="UNKNOWN"), {}),
        (found(sendable=False, status="BANNED"), {}),
        (found(sent=1700), {}),
        (found(sent=2500), {}),
        (found(limit=None), {}),
        (found(limit=10_000), {}),
        (found(limit=None, unlimited=True), {}),
        (found(quality_rating="YELLOW"), {}),
        (found(), {"rate": 7}),
        (found(), {"at": "2020-01-01T00:00:00Z"}),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value),
)
def test_every_reason_has_words(language: str, number: dict[str, Any], more: dict[str, Any]) -> None:
    memory = ask(found(), language=language)["memory"]
    for _number in range(2):
        decision = ask(number, memory, language=language, **more)
        check_from(decision["check"])
        assert "{" not in decision["summary"]
        assert decision["summary"].startswith("sales: ")
        memory = decision["memory"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_way_up_has_words_too(language: str) -> None:
    memory = ask(found(quality_rating="YELLOW"), language=language)["memory"]
    said = []
    decision: dict[str, Any] = {}
    for day in range(24, 29):
        decision = ask(found(), memory, f"2026-11-{day}T13:00:00Z", language=language, hours="13:00-14:00")
        memory = decision["memory"]
        said.append(decision["why"])
    late = ask(found(), memory, "2026-11-28T15:00:00Z", language=language)
    assert ("3 days" if language == "en" else "3 días") in said[0]
    assert "100 %" in said[3]
    assert decision["action"] == late["action"] == "kept"
    waiting = ask(found(quality_rating="YELLOW"), language=language)["memory"]
    for day in range(24, 28):
        waiting = ask(found(), waiting, f"2026-11-{day}T13:00:00Z", language=language, hours="03:00-04:00")["memory"]
    assert waiting["level"] == 1
    assert {"en": "within the hours", "es": "en las horas"}[language] in ask(
        found(), waiting, "2026-11-27T14:00:00Z", language=language, hours="03:00-04:00"
    )["why"]


def test_nothing_is_written_where_nothing_is_known() -> None:
    decision = ask(FAILED)
    assert (decision["allowance"], decision["content"], decision["changed"], decision["undelivered"]) == (
        None,
        None,
        False,
        False,
    )
    assert (decision["check"]["status"], decision["check"]["value"]) == ("unknown", None)


def test_what_is_not_known_leaves_what_was_allowed() -> None:
    first = ask(found(quality_rating="YELLOW"))
    decision = ask(FAILED, first["memory"])
    assert (decision["allowance"], decision["news"], decision["undelivered"]) == (first["allowance"], False, False)
    assert decision["content"] == first["content"]
    assert decision["check"]["status"] == "unknown"


@pytest.mark.parametrize("status", ["FLAGGED", "RATE_LIMITED", "RESTRICTED"])
def test_a_restriction_that_comes_of_bad_quality_lowers(status: str) -> None:
    first = ask(found())
    assert ask(found(status=status, sendable=False), first["memory"])["allowance"] == {"rate": 2.0, "daily_cap": 200}


@pytest.mark.parametrize("status", ["BANNED", "DISCONNECTED", "PENDING", "NEW_WORD"])
def test_any_other_that_sends_nothing_does_not(status: str) -> None:
    first = ask(found())
    decision = ask(found(status=status, sendable=False), first["memory"])
    assert (decision["action"], decision["allowance"]) == ("unknown", first["allowance"])


def test_a_new_place_gets_what_is_allowed() -> None:
    first = ask(found())
    moved = ask(found(), first["memory"], target="http:api.example.org")
    assert (moved["changed"], moved["undelivered"], moved["news"]) == (False, True, True)
    assert ask(found(), moved["memory"], target="http:api.example.org")["undelivered"] is False


def test_the_history_is_bounded() -> None:
    memory = ask(found())["memory"]
    for index in range(60):
        memory = ask(found(limit=1000 + index), memory)["memory"]
    assert len(memory["history"]) == 50
    assert memory["history"][-1]["daily_cap"] == 1059


@pytest.mark.parametrize(
    "memory", [[1], {"version": 2}, {"version": 1, "level": 1}, {"version": 1, "level": "x", "limit": 1, "pressure": 0}]
)
def test_a_memory_that_cannot_be_read_stops_it(memory: Any) -> None:
    with pytest.raises(RefusedError, match=r"/var/lib/sales\.json, cannot be read .* Move the file away"):
        ask(found(), memory)


def test_one_that_is_no_json_does_too() -> None:
    document = {"language": "en", "memory": "{", "memory_file": "/var/lib/sales.json"}
    with pytest.raises(RefusedError, match="cannot be read"):
        guard(document, AT)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"steps": [1.0]}, "whatsapp_guard_steps"),
        ({"steps": [0.9, 0.5]}, "Begin with 1"),
        ({"steps": [1.0, 0.5, 0.5]}, "less than the one before"),
        ({"steps": [1.0, 0.0]}, "above 0"),
        ({"yellow": 0}, "whatsapp_guard_yellow_step"),
        ({"yellow": 3, "red": 2}, "red no less than yellow"),
        ({"red": 4}, "no steps down"),
        ({"rate": 0}, "whatsapp_guard_rate"),
        ({"share": 1.5}, "whatsapp_guard_share"),
        ({"release": 90}, "whatsapp_guard_release"),
        ({"near": 200}, "whatsapp_guard_near"),
        ({"green": "soon"}, "whatsapp_guard_green"),
        ({"hours": "3-5"}, "whatsapp_guard_raise_hours"),
        ({"hours": "25:00-26:00"}, "whatsapp_guard_raise_hours"),
        ({"hours": "03:00-05:00", "time_zone": "Nowhere/Else"}, "whatsapp_guard_time_zone"),
        ({"language": "fr"}, "language"),
        ({"rate": "fast"}, "no inputs of a decision"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_rules_that_make_no_sense(more: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        ask(found(), **more)


def test_a_number_that_is_none() -> None:
    with pytest.raises(RefusedError, match="no result of a module"):
        ask([])  # type: ignore[arg-type]


def test_the_filter() -> None:
    decide = FilterModule().filters()["whatsapp_guard_decision"]
    with pytest.raises(AnsibleFilterError, match="no inputs of a decision"):
        decide({}, AT)
