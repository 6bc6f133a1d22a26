# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitors of three services: made, changed, paused, resumed and removed, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import UnansweredError
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.info import INFO_ARGUMENTS, tell
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.run import (
    MONITOR_ARGUMENTS,
    manage,
    open_client,
    read_wanted,
)

from tests.support.fast_clock import FastClock
from tests.support.uptime_api import (
    APIS,
    KEY,
    Answer,
    BetterStackApi,
    HealthchecksApi,
    Trouble,
    UptimeApi,
    UptimeRobotApi,
)

NAME = "lottery API"
HEALTH = "https://bot.example.com/health"
KEYWORD = '"status":"ok"'
VISITING: dict[str, Any] = {"url": HEALTH, "keyword": KEYWORD}
WAITING: dict[str, Any] = {"interval": "1d"}


class Operator:
    """Runs the modules against one double."""

    def __init__(self, api: UptimeApi) -> None:
        self.api, self.time = api, FastClock()
        self.wanted = WAITING if api.provider == "healthchecks" else VISITING

    def params(self, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
        given = {"provider": self.api.provider, "api_key": KEY, "api_url": self.api.url, **more}
        return {**{name: spec.get("default") for name, spec in arguments.items()}, **given}

    def run(self, state: str = "present", *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        wanted = {} if state == "absent" or "state_only" in more else self.wanted
        params = self.params(MONITOR_ARGUMENTS, **{"name": NAME, "state": state, **wanted, **more})
        return manage(*open_client(params, self.time.clock()), read_wanted(params), check_mode=check_mode)

    def info(self, **more: Any) -> dict[str, Any]:
        params = self.params(INFO_ARGUMENTS, **more)
        return tell(*open_client(params, self.time.clock()), params)


@pytest.fixture(params=list(APIS))
def operator(request: pytest.FixtureRequest) -> Iterator[Operator]:
    with APIS[request.param]() as api:
        yield Operator(api)
    assert api.violations == []


def other(api: UptimeApi, name: str, place: str) -> str:
    add: Any = getattr(api, "add")  # noqa: B009 (each has its own)
    return str(add(name, place))


class TestEachService:
    def test_a_monitor_walks_through_its_life_each_step_first_in_check_mode(self, operator: Operator) -> None:
        course: list[tuple[str, dict[str, Any], list[str]]] = [
            ("present", {}, ["create"]),
            ("present", {}, []),
            ("present", {"interval": "10m"}, ["update"]),
            ("present", {"interval": "10m"}, []),
            ("paused", {"interval": "10m"}, ["pause"]),
            ("paused", {"interval": "10m"}, []),
            ("present", {"interval": "15m"}, ["update", "resume"]),
            ("present", {"interval": "15m"}, []),
            ("absent", {}, ["delete"]),
            ("absent", {}, []),
            ("paused", {}, ["create", "pause"]),
        ]
        done: dict[str, Any] = {}
        for state, more, expected in course:
            before = len(operator.api.writes())
            shown = operator.run(state, check_mode=True, **more) if expected else None
            assert len(operator.api.writes()) == before, "check mode writes nothing"
            done = operator.run(state, **more)
            assert (done["actions"], done["changed"]) == (expected, bool(expected)), (state, more)
            assert shown is None or {**shown, "monitor": None} == {**done, "monitor": None}
            assert len(operator.api.writes()) == before + len(expected)
            assert (done["monitor"] is None) == (state == "absent")
        assert done["monitor"]["status"] == "paused"

    def test_it_is_found_behind_other_pages(self, operator: Operator) -> None:
        for number in range(5):
            other(operator.api, f"other {number}", f"https://other.example.com/{number}")
        operator.run()
        assert operator.run()["actions"] == []
        assert len(operator.api.monitors) == 6

    def test_two_of_its_name_are_refused(self, operator: Operator) -> None:
        other(operator.api, NAME, "https://a.example.com")
        other(operator.api, NAME, "https://b.example.com")
        with pytest.raises(RefusedError, match=f"has 2 monitors of the name '{NAME}'.*delete or rename all but one"):
            operator.run()
        assert operator.api.writes() == []

    def test_only_its_state(self, operator: Operator) -> None:
        operator.run(interval="10m")
        assert operator.run("paused", state_only=True)["actions"] == ["pause"]
        resumed = operator.run("present", state_only=True)
        assert (resumed["actions"], resumed["was_paused"]) == (["resume"], True)
        assert operator.run(interval="10m")["actions"] == []
        operator.run("absent")
        with pytest.raises(RefusedError, match=f"has no monitor {NAME}, which could be paused"):
            operator.run("paused", state_only=True)

    def test_too_many_requests_are_waited_for(self, operator: Operator) -> None:
        refusal = operator.api.error(429, "slow down")
        refusal.headers = {"Retry-After": "6"}
        operator.api.troubles = [Trouble("GET", refusal), Trouble("POST", refusal)]
        assert operator.run()["actions"] == ["create"]
        assert operator.time.pauses == [6.0, 6.0]
        assert len(operator.api.monitors) == 1
        refusal.headers = {"Retry-After": "3600"}
        operator.api.troubles = [Trouble("GET", refusal)]
        with pytest.raises(ToolError, match="limit of requests is used up"):
            operator.run()

    def test_a_creation_whose_answer_is_lost_is_not_repeated(self, operator: Operator) -> None:
        operator.api.troubles = [Trouble("POST", Answer(0), after=True)]
        with pytest.raises(UnansweredError, match=f"Failed to create monitor {NAME}"):
            operator.run()
        assert len(operator.api.monitors) == 1
        assert operator.run()["actions"] == [], "the next run finds it"

    def test_a_failure_of_the_service_itself(self, operator: Operator) -> None:
        operator.api.troubles = [Trouble("GET", operator.api.error(503, "sorry"), times=2)]
        assert operator.run()["actions"] == ["create"]
        operator.api.troubles = [Trouble("GET", operator.api.error(503, "sorry"), times=1000)]
        with pytest.raises(ToolError, match=r"list the monitors of .*HTTP 503 \(sorry\).*itself failed"):
            operator.run()

    def test_a_wrong_key(self, operator: Operator) -> None:
        with pytest.raises(RefusedError, match=r"HTTP 401 \(wrong key\): the key is wrong") as caught:
            operator.run(api_key="an0ther-key")
        assert "an0ther-key" not in caught.value.message

    def test_the_key_may_come_from_the_environment(self, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
        dialect, _client = open_client(operator.params(MONITOR_ARGUMENTS))
        monkeypatch.setenv(dialect.variable, KEY)
        assert operator.run(api_key=None)["actions"] == ["create"]
        monkeypatch.delenv(dialect.variable)
        with pytest.raises(RefusedError, match=f"Set api_key, or {dialect.variable}"):
            operator.run(api_key=None)

    def test_what_the_service_does_not_take_is_told(self, operator: Operator) -> None:
        operator.run()
        operator.api.ignored = {"interval", "check_frequency", "timeout"}
        with pytest.raises(ToolError, match=r"but not as it is wanted: (interval|check_frequency|timeout)\. The plan"):
            operator.run(interval="30m")

    def test_what_takes_a_moment_is_waited_for(self, operator: Operator) -> None:
        operator.run()
        operator.api.lag = 2
        assert operator.run("paused")["monitor"]["status"] == "paused"
        assert operator.time.pauses == [2.0, 2.0]
        operator.api.lag = 0
        operator.run("present")
        operator.api.lag = 2
        assert operator.run("absent")["monitor"] is None

    def test_an_answer_of_another_shape(self, operator: Operator) -> None:
        operator.api.troubles = [Trouble("GET", Answer(200, {"items": []}))]
        with pytest.raises(ToolError, match=r"no description of monitors.*look for a newer chatbot.ops"):
            operator.run()

    def test_one_that_vanished_meanwhile_is_gone(self, operator: Operator) -> None:
        operator.run()
        operator.api.troubles = [Trouble("DELETE", operator.api.error(404, "gone"), after=True)]
        assert operator.run("absent")["monitor"] is None
        operator.api.troubles = [Trouble("DELETE", operator.api.error(403, "no"))]
        operator.run()
        with pytest.raises(RefusedError, match=f"Failed to delete monitor {NAME} of .*HTTP 403"):
            operator.run("absent")

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"name": " "}, "Parameter name is empty"),
            ({"interval": "often"}, "not a duration"),
            ({"interval": "5s"}, "Parameter interval"),
            ({"api_url": "http://example.com"}, "unencrypted"),
        ],
    )
    def test_bad_input_is_refused(self, operator: Operator, more: dict[str, Any], words: str) -> None:
        with pytest.raises(RefusedError, match=words):
            operator.run(**more)
        assert operator.api.writes() == []


class TestVisitors:
    @pytest.fixture(params=["uptimerobot", "betterstack"])
    def operator(self, request: pytest.FixtureRequest) -> Iterator[Operator]:
        with APIS[request.param]() as api:
            yield Operator(api)
        assert api.violations == []

    def test_one_of_another_name_is_found_by_its_address(self, operator: Operator) -> None:
        number = other(operator.api, "bot.example.com/health", HEALTH)
        done = operator.run(keyword="")
        assert done["actions"] == ["update"]
        assert (done["monitor"]["id"], done["monitor"]["name"]) == (number, NAME)
        assert operator.run("absent", name="new", url=HEALTH)["actions"] == [], "only by its name one is removed"
        other(operator.api, "another", "https://c.example.com")
        other(operator.api, "and another", "https://c.example.com")
        with pytest.raises(RefusedError, match=r"2 monitors of the address 'https://c\.example\.com'"):
            operator.run(name="new", url="https://c.example.com")

    def test_one_of_another_kind_is_left_alone(self, operator: Operator) -> None:
        operator.run()
        only = next(iter(operator.api.monitors.values()))
        only.get("attributes", only).update({"type": "PING", "monitor_type": "ping"})
        for state in ("present", "absent"):
            with pytest.raises(RefusedError, match=r"of the kind (PING|ping), which is not managed here"):
                operator.run(state)
        assert len(operator.api.writes()) == 1

    def test_an_address_is_needed(self, operator: Operator) -> None:
        with pytest.raises(RefusedError, match=r"Parameter url: '' is no address that .* can visit"):
            operator.run(url="")


class TestUptimeRobot:
    @pytest.fixture
    def operator(self) -> Iterator[Operator]:
        with UptimeRobotApi() as api:
            yield Operator(api)
        assert api.violations == []

    def test_what_is_sent(self, operator: Operator) -> None:
        operator.run(alert_contacts=["#alerts", "ops@example.com"])
        method, path, body = operator.api.writes()[0]
        assert (method, path) == ("POST", "/monitors")
        assert body["type"] == "KEYWORD"
        assert (body["keywordType"], body["keywordValue"]) == ("ALERT_NOT_EXISTS", KEYWORD)
        assert (body["interval"], body["httpMethodType"]) == (300, "GET")
        assert [each["alertContactId"] for each in body["assignedAlertContacts"]] == ["11", "21"]
        assert operator.run(alert_contacts=["11", "#alerts"])["actions"] == []
        assert operator.run()["actions"] == [], "without contacts, those that are there stay"
        assert operator.run(alert_contacts=["*"])["actions"] == ["update"]
        assert operator.run(alert_contacts=[])["diff"]["after"]["assignedAlertContacts"] == []

    def test_a_contact_that_is_not_there(self, operator: Operator) -> None:
        with pytest.raises(
            RefusedError, match=r"no contacts called 'x'.*#alerts|ana@example\.com.*Correct alert_contacts"
        ):
            operator.run(alert_contacts=["x"])

    def test_the_type_cannot_change_so_it_is_made_anew(self, operator: Operator) -> None:
        operator.run(keyword="")
        done = operator.run()
        assert done["actions"] == ["delete", "create"]
        assert len(operator.api.monitors) == 1
        assert done["diff"]["before"]["type"] == "HTTP"

    def test_what_it_cannot(self, operator: Operator) -> None:
        with pytest.raises(RefusedError, match="waits for 1s to 60s"):
            operator.run(timeout="2m")

    def test_pages_without_an_end(self, operator: Operator) -> None:
        loop = {"data": [], "nextLink": "https://api.uptimerobot.com/v3/monitors?cursor=1"}
        operator.api.troubles = [Trouble("GET", Answer(200, loop), times=1000)]
        with pytest.raises(ToolError, match="its pages have no end"):
            operator.run()


class TestBetterStack:
    @pytest.fixture
    def operator(self) -> Iterator[Operator]:
        with BetterStackApi() as api:
            yield Operator(api)
        assert api.violations == []

    def test_what_is_sent(self, operator: Operator) -> None:
        operator.run(alert_contacts=["email", "call"])
        body = operator.api.writes()[0][2]
        assert (body["monitor_type"], body["required_keyword"], body["check_frequency"]) == ("keyword", KEYWORD, 300)
        assert (body["email"], body["call"], body["sms"], body["policy_id"]) == (True, True, False, None)
        assert operator.run(alert_contacts=["call", "email"])["actions"] == []
        operator.run(alert_contacts=["policy:77"])
        assert operator.api.writes()[-1][2]["policy_id"] == "77"
        assert operator.run(alert_contacts=["policy:77"])["actions"] == []
        with pytest.raises(RefusedError, match="Slack is a part of a policy"):
            operator.run(alert_contacts=["slack"])

    def test_what_it_complains_of_is_told(self, operator: Operator) -> None:
        with pytest.raises(RefusedError, match=r"HTTP 422 \(base: 7 is not one of"):
            operator.run(timeout="7s")
        operator.api.violations.clear()


class TestHealthchecks:
    @pytest.fixture
    def operator(self) -> Iterator[Operator]:
        with HealthchecksApi() as api:
            yield Operator(api)
        assert api.violations == []

    def test_what_is_sent(self, operator: Operator) -> None:
        done = operator.run(alert_contacts=["ops@example.com"], grace="2h")
        body = operator.api.writes()[0][2]
        assert (body["slug"], body["timeout"], body["grace"], body["unique"]) == ("lottery-api", 86400, 7200, ["name"])
        assert body["channels"] == "1bdea468-03bf-47b8-ab27-29a9dd0e4b94"
        assert "hc-ping.com" not in str(done), "whoever has that address can call it"
        assert operator.run(alert_contacts=["*"], grace="2h")["actions"] == ["update"]
        assert operator.run(alert_contacts=["Slack #alerts", "email"], grace="2h")["actions"] == []

    def test_a_schedule_takes_the_place_of_the_interval(self, operator: Operator) -> None:
        operator.run()
        more: dict[str, Any] = {"schedule": "15 3 * * *", "time_zone": "America/Mexico_City"}
        assert operator.run(**more)["actions"] == ["update"]
        assert operator.run(**more)["actions"] == []
        assert operator.run()["actions"] == ["update"]
        with pytest.raises(RefusedError, match="no time zone"):
            operator.run(schedule="15 3 * * *", time_zone="Nowhere")

    def test_it_visits_nothing(self, operator: Operator) -> None:
        with pytest.raises(RefusedError, match="visits no address"):
            operator.run(url=HEALTH)

    def test_a_key_that_may_only_read(self, operator: Operator) -> None:
        assert isinstance(operator.api, HealthchecksApi)
        operator.api.add("other", "other", update_url=None)
        with pytest.raises(RefusedError, match="may only read"):
            operator.run()


class TestInfo:
    @pytest.mark.parametrize(
        ("word", "status", "words"),
        [
            ("UP", "ok", "sees that lottery API works"),
            ("DOWN", "critical", "does not work"),
            ("PAUSED", "warning", "does not watch lottery API"),
            ("STARTED", "unknown", "has not looked"),
            ("MAINTENANCE", "ok", "in maintenance"),
            ("SOMETHING_NEW", "unknown", "nobody knows"),
        ],
    )
    def test_what_each_state_is_worth(self, word: str, status: str, words: str) -> None:
        with UptimeRobotApi() as api:
            api.add(NAME, HEALTH, word)
            operator = Operator(api)
            found = operator.info(names=[NAME])["checks"][0]
            assert (found["id"], found["status"]) == ("monitor.lottery-api.status", status)
            assert words in found["summary"]
            assert bool(found["advice"]) == (status != "ok")
            spanish = operator.info(language="es", names=[NAME])["checks"][0]
            assert spanish["summary"] != found["summary"]

    def test_a_pause_in_a_window_is_meant_so(self) -> None:
        with BetterStackApi() as api:
            api.add(NAME, HEALTH, "up", paused=True)
            checks = Operator(api).info(in_window=True)["checks"]
            assert [each["status"] for each in checks] == ["ok"]

    def test_one_that_is_not_there_and_one_that_is_late(self) -> None:
        with HealthchecksApi() as api:
            api.add("backup", "backup", "grace")
            found = Operator(api).info(names=["backup", "gone"])
        assert [each["status"] for each in found["checks"]] == ["warning", "critical"]
        with pytest.raises(OpsError):
            Operator(api).info(retry_limit="0s")
