# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests, and what goes wrong with them."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import UnansweredError
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import (
    parse_backups,
    parse_message,
    parse_project,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import read_settings

from tests.support.supabase_api import ORGANIZATION, REF, TOKEN, Trouble
from tests.unit.plugins.module_utils._supabase.conftest import Site

NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)


def test_what_the_project_is(site: Site) -> None:
    project = site.client().project()
    assert (project.ref, project.status, project.postgres_version) == (REF, "ACTIVE_HEALTHY", "17.6.1.132")
    assert [each.name for each in site.client().services("db", "auth")] == ["db", "auth"]
    assert site.client().plan(ORGANIZATION) == "pro"


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, RefusedError, "wrong, revoked or expired"),
        (402, RefusedError, "plan does not include it"),
        (403, RefusedError, "a scoped token needs backups_read"),
        (404, RefusedError, "no such project for this token"),
        (409, RefusedError, "something else is going on"),
        (429, ToolError, "limit of requests is used up"),
        (500, ToolError, r"status\.supabase\.com"),
        (503, ToolError, r"status\.supabase\.com"),
    ],
)
def test_a_refusal_says_what_to_do(site: Site, status: int, kind: type[OpsError], words: str) -> None:
    site.api.troubles = [Trouble("GET", "/backups", status, "Some words", times=100)]
    with pytest.raises(
        kind, match=rf"Failed to list the backups of Supabase project {REF}: .*Some words.*{words}"
    ) as e:
        site.client().backups()
    assert TOKEN not in str(e.value)
    assert e.value.details["status_code"] == status


def test_a_wrong_token(site: Site) -> None:
    with pytest.raises(RefusedError, match="HTTP 401"):
        site.client(access_token="sbp_wrong").project()


def test_what_the_server_asks_to_wait_is_waited(site: Site) -> None:
    site.api.troubles = [
        Trouble("GET", REF, 429, headers={"Retry-After": "7"}),
        Trouble("GET", REF, 429, headers={"X-RateLimit-Reset": "41"}),
    ]
    assert site.client().project().status == "ACTIVE_HEALTHY"
    assert site.time.pauses == [7.0, 41.0]


def test_no_longer_than_one_may(site: Site) -> None:
    site.api.troubles = [Trouble("GET", REF, 429, headers={"Retry-After": "600"}, times=9)]
    with pytest.raises(ToolError, match="HTTP 429"):
        site.client(retry_limit="5m").project()
    assert site.time.pauses == []


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_question_is_asked_again(site: Site, status: int) -> None:
    site.api.troubles = [Trouble("GET", REF, status, times=3)]
    assert site.client().project().ref == REF
    assert len(site.time.pauses) == 3


@pytest.mark.parametrize("status", [0, 500])
def test_a_change_is_asked_for_once(site: Site, status: int) -> None:
    site.api.troubles = [Trouble("POST", "/restore-pitr", status)]
    with pytest.raises(UnansweredError):
        site.client().restore_to(NOW)
    assert len(site.api.restores) == 1


def test_a_change_that_had_no_effect_is_asked_for_again(site: Site) -> None:
    site.api.troubles = [Trouble("POST", "/restore-pitr", 429, headers={"Retry-After": "1"})]
    site.client().restore_to(NOW)
    assert [each.body for each in site.api.restores] == [{"recovery_time_target_unix": 1795490100}] * 2


def test_a_token_follows_no_redirection(site: Site) -> None:
    site.api.troubles = [Trouble("GET", REF, 302, headers={"Location": f"{site.api.url}/v1/projects/{REF}"}, times=9)]
    with pytest.raises(OpsError, match="HTTP 302"):
        site.client().project()
    assert len(site.api.requests) == 1
    site.api.violations.clear()  # Supabase's document knows no such answer


def test_a_server_that_is_not_there(site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ToolError, match=f"{url} cannot be reached"):
            site.client(api_url=url).project()
    assert sum(site.time.pauses) > 60


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"project_ref": "lottery"}, "project_ref"),
        ({"access_token": None}, "No access token"),
        ({"access_token": "sbp_a\nb"}, "a line break"),
        ({"api_url": "http://api.example.org"}, "unencrypted"),
        ({"api_url": "ftp://127.0.0.1"}, "no address"),
        ({"api_url": "https://user:secret@api.example.org"}, "no address"),
        ({"request_timeout": "0"}, "leaves no time"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_parameters_that_make_no_sense(
    site: Site, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], words: str
) -> None:
    monkeypatch.delenv("SUPABASE_ACCESS_TOKEN", raising=False)
    with pytest.raises(RefusedError, match=words):
        site.client(**options)


def test_the_token_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_ACCESS_TOKEN", TOKEN)
    assert site.client(access_token=None).project().ref == REF
    assert TOKEN not in repr(read_settings(site.params(access_token=None)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "No\\n  way"}', "No way"),
        (b'{"message": ["a", "b"]}', "a; b"),
        (b"<html>", ""),
        (b"[]", ""),
        (b"\xff", ""),
    ],
)
def test_what_the_body_of_an_error_says(body: bytes, words: str) -> None:
    assert parse_message(body) == words


@pytest.mark.parametrize("answer", [None, [], {}, {"ref": REF}, "x"])
def test_an_answer_of_another_shape(answer: Any) -> None:
    with pytest.raises(ToolError, match="no description of a project"):
        parse_project(answer)
    with pytest.raises(ToolError, match="no description of backups"):
        parse_backups(answer)
