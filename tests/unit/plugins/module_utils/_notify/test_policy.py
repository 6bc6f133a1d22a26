# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who hears of what, and when: a course of checks goes in, what is told comes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._notify.hours import read_hours
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import Person, read_people, to_call
from ansible_collections.chatbot.ops.plugins.module_utils._notify.policy import Decision, Item, Message, Rules, decide
from ansible_collections.chatbot.ops.plugins.module_utils._notify.state import State, read_state

MEXICO = ZoneInfo("America/Mexico_City")  # UTC-6, all the year
MADRID = ZoneInfo("Europe/Madrid")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def check(status: str, name: str = "disk") -> Check:
    return Check(name, "host", status, f"{name} is {status}", advice="" if status == "ok" else "Do something.")


class Course:
    """Runs of the policy, one after the other."""

    def __init__(self, rules: Rules | None = None, people: Sequence[Person] = ()) -> None:
        self.rules, self.people = rules or Rules(), people
        self.state = State()
        self.last = Decision((), State())

    def at(self, now: datetime, *checks: Check | str) -> list[str]:
        """Return what is told to everybody, such as ``raised critical``."""
        given = [check(each) if isinstance(each, str) else each for each in checks]
        self.last = decide(self.state, given, self.people, now, self.rules)
        # It survives being written, at every step.
        self.state = read_state(self.last.state.to_json())
        assert self.state == self.last.state
        return [f"{each.kind} {each.status}" for each in self.items()]

    def items(self) -> list[Item]:
        return [item for each in self.last.messages if not each.people and each.kind == "alert" for item in each.items]

    def told(self, name: str) -> list[str]:
        """Return what was written to a contact."""
        return [
            f"{item.kind} {item.status}" for each in self.last.messages if name in each.people for item in each.items
        ]

    def digest(self) -> Message | None:
        return next((each for each in self.last.messages if each.kind == "digest"), None)


STEPS = [
    pytest.param(["ok"], [[]], id="what is fine is no news"),
    pytest.param(["critical", "critical"], [["raised critical"], []], id="an alarm is told once"),
    pytest.param(
        ["unknown", "ok"], [["raised unknown"], ["recovered ok"]], id="what nobody knows is told, and its end"
    ),
    pytest.param(
        ["warning", "critical", "warning", "ok", "ok"],
        [["raised warning"], ["worse critical"], ["better warning"], ["recovered ok"], []],
        id="each change is told",
    ),
    pytest.param(
        ["critical", None, "ok"], [["raised critical"], [], ["recovered ok"]], id="not looked at is no recovery"
    ),
    pytest.param(["ok", None, "critical"], [[], [], ["raised critical"]], id="a first alarm later"),
]


@pytest.mark.parametrize(("statuses", "expected"), STEPS)
def test_a_change_of_state_is_told_once(statuses: list[str | None], expected: list[list[str]]) -> None:
    course = Course()
    told = [course.at(NOON + step * 5 * MINUTE, *([status] if status else [])) for step, status in enumerate(statuses)]
    assert told == expected


def test_one_message_tells_all_the_worst_first() -> None:
    course = Course()
    told = course.at(NOON, check("warning", "a"), check("critical", "b"), check("ok", "c"), check("ok", "a"))
    assert told == ["raised critical", "raised warning"]
    assert len(course.last.messages) == 1
    assert course.last.messages[0].status == "critical"
    assert course.at(NOON + HOUR, check("critical", "b"), check("ok", "a")) == ["recovered ok"]


@pytest.mark.parametrize(("status", "hours"), [("critical", 4), ("warning", 24), ("unknown", 24)])
def test_what_stays_bad_is_told_again(status: str, hours: int) -> None:
    course = Course()
    course.at(NOON, status)
    assert course.at(NOON + hours * HOUR - MINUTE, status) == []
    assert course.at(NOON + hours * HOUR, status) == [f"reminder {status}"]
    assert course.at(NOON + (hours + 1) * HOUR, status) == []
    assert course.at(NOON + 2 * hours * HOUR, status) == [f"reminder {status}"]


def test_a_span_of_zero_is_no_reminder() -> None:
    course = Course(Rules(reminders={"critical": timedelta()}))
    course.at(NOON, "critical")
    assert course.at(NOON + 47 * HOUR, "critical") == []


@pytest.mark.parametrize("back", [HOUR, timedelta(days=400)], ids=["an hour", "more than a year"])
def test_a_clock_that_was_set_back_silences_nothing(back: timedelta) -> None:
    course = Course(Rules(digest=time(8)))
    course.at(NOON + back, "critical")
    assert course.at(NOON, "critical") == []
    assert course.at(NOON + 4 * HOUR, "critical") == ["reminder critical"]
    assert course.at(NOON + 5 * HOUR, "ok") == ["recovered ok"]
    course.at(NOON + 24 * HOUR, "ok")
    assert course.digest() is not None


def test_what_nobody_looks_at_any_more_is_told_and_forgotten() -> None:
    course = Course()
    course.at(NOON, check("critical", "a"), check("warning", "b"))
    course.at(NOON + HOUR, check("critical", "a"))
    told = course.at(NOON + 48 * HOUR, check("critical", "a"))
    assert "gone warning" in told
    assert "gone critical" not in told
    assert list(course.state.alarms) == ["a"]


class TestFlapping:
    def course(self, count: int) -> tuple[Course, list[list[str]]]:
        course = Course()
        statuses = [("critical", "ok")[each % 2] for each in range(count)]
        return course, [course.at(NOON + each * 10 * MINUTE, status) for each, status in enumerate(statuses)]

    def test_the_fifth_change_is_told_as_coming_and_going_and_then_nothing(self) -> None:
        _course, told = self.course(20)
        assert told[:4] == [["raised critical"], ["recovered ok"]] * 2
        assert told[4] == ["flapping critical"]
        assert told[5:] == [[]] * 15

    def test_reminders_go_on(self) -> None:
        _course, told = self.course(30)
        assert [each for each in told[5:] if each] == [["reminder critical"]]

    @pytest.mark.parametrize(("status", "expected"), [("ok", "recovered ok"), ("critical", "")])
    def test_once_it_is_steady_what_it_is_is_told(self, status: str, expected: str) -> None:
        course, _told = self.course(6)
        settled = NOON + 60 * MINUTE
        course.at(settled, status)
        assert course.at(settled + 3 * HOUR, status) == []
        told = course.at(settled + 6 * HOUR, status)
        assert told == ([expected] if expected else ["reminder critical"])
        assert course.at(settled + 7 * HOUR, "ok") == ([] if status == "ok" else ["recovered ok"])

    def test_what_gets_worse_meanwhile_is_told(self) -> None:
        course = Course()
        told = [course.at(NOON + each * MINUTE, ("warning", "ok")[each % 2]) for each in range(5)]
        assert told[-1] == ["flapping warning"]
        assert course.at(NOON + 6 * MINUTE, "critical") == ["worse critical"]
        assert course.at(NOON + 7 * MINUTE, "ok") == []

    def test_an_end_leaves_nothing_behind(self) -> None:
        course = Course()
        course.at(NOON, "critical")
        course.at(NOON + HOUR, "ok")
        assert list(course.state.alarms) == ["disk"], "it may come back"
        course.at(NOON + 8 * HOUR, "ok")
        assert not course.state.alarms


class TestQuietHours:
    """22 to 7 in Mexico, which is 4 to 13 UTC."""

    RULES = Rules(zone=MEXICO, quiet=read_hours("22:00-07:00"))

    @pytest.mark.parametrize(("hour", "is_told"), [(3, True), (4, False), (6, False), (12, False), (13, True)], ids=str)
    def test_a_warning_waits_until_they_end(self, hour: int, is_told: bool) -> None:
        course = Course(self.RULES)
        told = course.at(datetime(2026, 11, 24, hour, tzinfo=UTC), "warning")
        assert told == (["raised warning"] if is_told else [])
        later = course.at(datetime(2026, 11, 24, 13, 5, tzinfo=UTC), "warning")
        assert later == ([] if is_told else ["raised warning"])

    def test_what_is_over_by_then_is_never_told(self) -> None:
        course = Course(self.RULES)
        assert course.at(datetime(2026, 11, 24, 5, tzinfo=UTC), "warning") == []
        assert course.at(datetime(2026, 11, 24, 7, tzinfo=UTC), "ok") == []
        assert course.at(datetime(2026, 11, 24, 14, tzinfo=UTC), "ok") == []

    def test_what_is_critical_passes_and_its_end(self) -> None:
        course = Course(self.RULES)
        assert course.at(datetime(2026, 11, 24, 5, tzinfo=UTC), "critical") == ["raised critical"]
        assert course.at(datetime(2026, 11, 24, 9, tzinfo=UTC), "critical") == ["reminder critical"]
        assert course.at(datetime(2026, 11, 24, 10, tzinfo=UTC), "ok") == ["recovered ok"]

    def test_the_end_of_a_warning_waits(self) -> None:
        course = Course(self.RULES)
        course.at(datetime(2026, 11, 24, 3, tzinfo=UTC), "warning")
        assert course.at(datetime(2026, 11, 24, 5, tzinfo=UTC), "ok") == []
        assert course.at(datetime(2026, 11, 24, 14, tzinfo=UTC), "ok") == ["recovered ok"]

    @pytest.mark.parametrize(
        ("instant", "is_quiet"),
        [
            pytest.param(datetime(2026, 3, 28, 5, 30, tzinfo=UTC), True, id="6:30 in winter"),
            pytest.param(datetime(2026, 3, 29, 5, 30, tzinfo=UTC), False, id="7:30 on the day that summer time begins"),
            pytest.param(datetime(2026, 10, 25, 5, 30, tzinfo=UTC), True, id="6:30 on the day that it ends"),
        ],
    )
    def test_summer_time(self, instant: datetime, is_quiet: bool) -> None:
        course = Course(Rules(zone=MADRID, quiet=read_hours("22-7")))
        assert course.at(instant, "warning") == ([] if is_quiet else ["raised warning"])


ANA = Person("Ana", "developer", ("ana@example.com",), ("+52 55",), escalation=1, alerts="warning")
BEA = Person("Bea", "", ("bea@example.com",), hours=read_hours("L-V 9-18"), escalation=2, alerts="critical")
CARL = Person("Carl", "", ("carl@example.com",), escalation=3, alerts="critical")
HOST = Person("Hosting", "hosting", (), ("+52 66",), escalation=4)


class TestContacts:
    def test_a_warning_is_for_the_first_one_only(self) -> None:
        course = Course(people=[ANA, BEA, CARL, HOST])
        course.at(NOON, "warning")
        assert (course.told("Ana"), course.told("Bea")) == (["raised warning"], [])
        course.at(NOON + 5 * HOUR, "warning")
        assert not course.last.messages

    def test_what_stays_critical_goes_on_to_the_next_ones(self) -> None:
        course = Course(people=[ANA, BEA, CARL, HOST])
        course.at(NOON, "critical")
        assert (course.told("Ana"), course.told("Bea")) == (["raised critical"], [])
        assert course.at(NOON + 29 * MINUTE, "critical") == []
        assert course.at(NOON + 30 * MINUTE, "critical") == ["escalation critical"]
        assert (course.told("Ana"), course.told("Bea")) == ([], ["escalation critical"])
        course.at(NOON + 60 * MINUTE, "critical")
        assert course.told("Carl") == ["escalation critical"]
        course.at(NOON + 90 * MINUTE, "critical")
        assert not course.last.messages
        course.at(NOON + 2 * HOUR, "ok")
        recovery = course.last.messages[1]
        assert set(recovery.people) == {"Ana", "Bea", "Carl"}, "all who heard of it, in one letter"

    def test_whoever_is_off_is_passed_over_and_hears_of_it_when_back(self) -> None:
        night = datetime(2026, 11, 24, 3, tzinfo=UTC)
        course = Course(people=[BEA, CARL])
        course.at(night, "critical")
        assert (course.told("Bea"), course.told("Carl")) == ([], ["raised critical"])
        course.at(night + 6 * HOUR, "critical")
        assert course.told("Bea") == ["reminder critical"]

    def test_if_all_are_off_what_is_critical_wakes_them(self) -> None:
        course = Course(people=[BEA])
        course.at(datetime(2026, 11, 28, 3, tzinfo=UTC), "critical")
        assert course.told("Bea") == ["raised critical"]

    def test_a_warning_wakes_nobody_and_is_told_in_the_morning(self) -> None:
        early = Person("Dan", "", ("dan@example.com",), hours=read_hours("9-18"), alerts="warning")
        course = Course(people=[early])
        assert course.at(datetime(2026, 11, 24, 3, tzinfo=UTC), "warning") == ["raised warning"]
        assert course.told("Dan") == []
        assert course.at(datetime(2026, 11, 24, 9, tzinfo=UTC), "warning") == [], "no news for the others"
        assert course.told("Dan") == ["escalation warning"]

    def test_whoever_heard_of_nothing_hears_of_no_end(self) -> None:
        course = Course(people=[CARL])
        course.at(NOON, "warning")
        course.at(NOON + HOUR, "ok")
        assert course.told("Carl") == []

    def test_those_with_the_same_news_get_one_letter(self) -> None:
        other = Person("Eva", "", ("eva@example.com",), escalation=1, alerts="warning")
        course = Course(people=[ANA, other])
        course.at(NOON, "critical")
        assert [each.people for each in course.last.messages] == [(), ("Ana", "Eva")]

    def test_whom_to_call(self) -> None:
        assert [each.name for each in to_call([ANA, BEA, CARL, HOST], NOON)] == ["Ana", "Bea", "Carl"]
        night = datetime(2026, 11, 24, 3, tzinfo=UTC)
        assert [each.name for each in to_call([BEA, CARL, HOST], night)] == ["Carl", "Hosting"]
        assert [each.name for each in to_call([BEA], night)] == ["Bea"]

    def test_they_are_read_from_the_inventory(self) -> None:
        given = [
            {"name": "Bea", "email": "bea@example.com", "hours": "L-V 9-18", "escalation": 2, "alerts": "critical"},
            {"name": "Ana", "email": "ana@example.com", "phone": "+52 55", "escalation": 1, "hours": "si puede"},
        ]
        ana, bea = read_people(given)
        assert (ana.name, ana.alerts, ana.hours.always, ana.calls) == ("Ana", "", True, ("+52 55", "ana@example.com"))
        assert (bea.alerts, bea.emails, bea.hours.holds(datetime(2026, 11, 24, 9))) == (
            "critical",
            ("bea@example.com",),
            True,
        )

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"phone": "+52 55", "alerts": "critical"}, "no email to send them to"),
            ({"email": "a@example.com", "alerts": "critical", "hours": "si puede"}, "hours cannot be read"),
            ({"email": "a@example.com", "alerts": "always"}, r"contacts\[0\]\.alerts: 'always' is no state"),
        ],
    )
    def test_one_that_could_not_be_written_to_is_refused(self, given: dict[str, str], words: str) -> None:
        with pytest.raises(RefusedError, match=words):
            read_people([{"name": "Ana", **given}])


class TestDigest:
    RULES = Rules(zone=MEXICO, digest=time(8))  # 14:00 UTC
    MORNING = datetime(2026, 11, 25, 14, tzinfo=UTC)

    def test_there_is_one_a_day_even_if_all_is_fine(self) -> None:
        course = Course(self.RULES)
        course.at(NOON, "ok")
        assert course.digest() is None, "the first run begins the days"
        course.at(NOON + 2 * HOUR, "ok")
        digest = course.digest()
        assert digest is not None
        assert (digest.items, digest.fine) == ((), 1)
        for hours in (3, 12, 25):
            course.at(NOON + hours * HOUR, "ok")
            assert course.digest() is None, hours
        course.at(self.MORNING, "ok")
        assert course.digest() is not None

    def test_days_without_a_run_are_not_made_up_for(self) -> None:
        course = Course(self.RULES)
        course.at(NOON, "ok")
        course.at(self.MORNING + 72 * HOUR, "ok")
        assert course.digest() is not None
        course.at(self.MORNING + 73 * HOUR, "ok")
        assert course.digest() is None

    def test_it_tells_what_is_open_and_what_came_and_went(self) -> None:
        course = Course(self.RULES)
        course.at(self.MORNING - HOUR, check("critical", "a"))
        course.at(self.MORNING - 30 * MINUTE, check("ok", "a"), check("warning", "b"))
        course.at(self.MORNING, check("ok", "a"), check("warning", "b"))
        digest = course.digest()
        assert digest is not None
        assert [(each.kind, each.alarm.id) for each in digest.items] == [("open", "b")]
        assert (digest.raised, digest.recovered, digest.fine, digest.status) == (2, 1, 1, "warning")
        course.at(self.MORNING + 24 * HOUR, check("warning", "b"))
        again = course.digest()
        assert again is not None
        assert (again.raised, again.recovered) == (0, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "Expecting"),
        (b"[]", "no state of notifications"),
        (b'{"version": 2}', "of version 2"),
        (b'{"version": 1, "alarms": [{"status": "fine", "told": "ok", "id": "x"}]}', "no state that is known"),
        (b'{"version": 1, "alarms": []}', "no state of notifications"),
    ],
)
def test_what_is_no_state(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_state(content)
