# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of those that wait for heartbeats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._heartbeat.send import ARGUMENTS, read_heartbeat, send

from tests.support.fast_clock import FastClock
from tests.support.ping_api import PATHS, SECRETS, PingApi


@pytest.fixture
def api() -> Iterator[PingApi]:
    with PingApi() as running:
        yield running
    assert running.violations == []


def run(api: PingApi, service: str, event: str, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in ARGUMENTS.items()}
    params = {**defaults, "type": service, "url": api.url(service), "event": event, **more}
    return send(read_heartbeat(params), check_mode=check_mode, clock=FastClock().clock())


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("healthchecks", ["start", "success", "start", "fail"]),
        ("uptime_kuma", ["up", "down"]),
        ("cronitor", ["run", "complete", "run", "fail"]),
    ],
)
def test_each_event_in_the_words_of_each_service(api: PingApi, service: str, expected: list[str]) -> None:
    for run_id, end in (("run-1", "success"), ("run-2", "fail")):
        run(api, service, "start", run_id=run_id)
        done = run(api, service, end, run_id=run_id, summary="3 backups & 182 MB, mañana")
        assert done == {"changed": False, "sent": True}
    assert api.events() == expected
    assert api.pings[-1].summary == "3 backups & 182 MB, mañana"
    if service != "uptime_kuma":
        first, second, third, fourth = (each.run for each in api.pings)
        assert first == second != third == fourth


def test_in_check_mode_nobody_is_called(api: PingApi) -> None:
    assert run(api, "healthchecks", "success", check_mode=True)["sent"] is False
    assert api.pings == []


@pytest.mark.parametrize("service", list(PATHS))
def test_a_long_summary_is_cut_before_it_is_refused(api: PingApi, service: str) -> None:
    run(api, service, "fail", summary="x" * 50_000)
    assert len(api.pings[0].summary) >= 250


def test_the_address_as_uptime_kuma_shows_it(api: PingApi) -> None:
    run(api, "uptime_kuma", "success", url=f"{api.url('uptime_kuma')}?status=up&msg=OK&ping=")
    assert api.pings[0].summary == "success"


@pytest.mark.parametrize(
    ("refusals", "kind", "words"),
    [
        (
            [(404, b"not found")],
            RefusedError,
            r"Failed to tell healthchecks of the fail: HTTP 404 \(not found\): there is no",
        ),
        ([(429, b"")] * 100, ToolError, "HTTP 429: too many calls"),
        ([(503, b"")] * 100, ToolError, "HTTP 503: the service itself failed"),
    ],
)
def test_what_goes_wrong_is_told_without_the_secret(
    api: PingApi, refusals: list[tuple[int, bytes]], kind: type[OpsError], words: str
) -> None:
    api.refusals = refusals
    with pytest.raises(kind, match=words) as caught:
        run(api, "healthchecks", "fail")
    assert [each for each in SECRETS if each in caught.value.message] == []


def test_a_failure_that_passes_is_no_failure(api: PingApi) -> None:
    api.refusals = [(503, b""), (429, b"")]
    assert run(api, "healthchecks", "success")["sent"]
    assert api.events() == ["success"]


def test_an_answer_of_something_else_is_no_success(api: PingApi) -> None:
    api.refusals = [(200, b"<html>Welcome</html>")]
    with pytest.raises(ToolError, match="none of Uptime Kuma's"):
        run(api, "uptime_kuma", "success")


@pytest.mark.parametrize("url", ["http://example.com/s3cret", "s3cret", "https://u:s3cret@example.com/x"])
def test_a_wrong_address_is_refused_and_not_shown(api: PingApi, url: str) -> None:
    with pytest.raises(RefusedError, match="no address of cronitor") as caught:
        run(api, "cronitor", "success", url=url)
    assert "s3cret" not in caught.value.message
