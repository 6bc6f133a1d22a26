# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the Management API, tried again where that is safe."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import (
    Backups,
    Project,
    Service,
    parse_backups,
    parse_message,
    parse_plan,
    parse_project,
    parse_services,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.refusal import refusal
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import ApiSettings

_TOO_MANY = 429
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_PAUSE = 60.0
_NETWORK = (URLError, HTTPException, OSError, UrlsConnectionError)


class UnansweredError(ToolError):
    """A request was sent, and nobody knows whether it took effect."""


@dataclass(frozen=True)
class Clock:
    """The time that passes (``monotonic``, in seconds) and how it is waited for; the tests' own runs faster."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    what: str
    permission: str
    body: Mapping[str, Any] | None = None

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
        return self.method == "GET"


class Client:
    """One project, as the Management API shows it and changes it.

    :raises OpsError: whatever method is called: a ``RefusedError`` for what the API refuses, a ``ToolError`` for what
        stays out of order, an ``UnansweredError`` for a change whose answer was lost.
    """

    def __init__(self, settings: ApiSettings, clock: Clock | None = None) -> None:
        self._settings, self.clock = settings, clock or Clock()
        self.project_ref = settings.project_ref
        self._project = f"/v1/projects/{settings.project_ref}"
        self._title = f"of Supabase project {settings.project_ref}"

    def project(self) -> Project:
        """Return the project with its state."""
        return parse_project(self._get(self._project, f"read the state {self._title}", "project_admin_read"))

    def services(self, *names: str) -> list[Service]:
        """Return the health of the services ``names``, such as ``db``."""
        query = urlencode([("services", each) for each in names])
        path = f"{self._project}/health?{query}"
        return parse_services(self._get(path, f"read the services' health {self._title}", "project_admin_read"))

    def backups(self) -> Backups:
        """Return the managed backups."""
        path = f"{self._project}/database/backups"
        return parse_backups(self._get(path, f"list the backups {self._title}", "backups_read"))

    def plan(self, organization: str) -> str | None:
        """Return the organization's plan."""
        path = f"/v1/organizations/{organization}"
        return parse_plan(self._get(path, f"read the plan of organization {organization}", "organization_admin_read"))

    def restore_to(self, instant: datetime) -> None:
        """Begin to bring the project back to ``instant`` (whole seconds count)."""
        self._restore("restore-pitr", {"recovery_time_target_unix": int(instant.timestamp())})

    def restore_backup(self, backup_id: int) -> None:
        """Begin to bring the project back to a managed backup."""
        self._restore("restore", {"id": backup_id})

    def _restore(self, kind: str, body: Mapping[str, Any]) -> None:
        path, what = f"{self._project}/database/backups/{kind}", f"begin the restore {self._title}"
        self._send(_Call("POST", path, what, "backups_write", body))

    def _get(self, path: str, what: str, permission: str) -> Any:
        said = self._send(_Call("GET", path, what, permission))
        try:
            return json.loads(said)
        except ValueError as error:
            raise ToolError(f"Failed to {what}: the answer is no JSON. Check api_url.") from error

    def _send(self, call: _Call) -> bytes:
        """Send the request, again and again while that is safe and the patience lasts."""
        begun, attempt = self.clock.monotonic(), 0
        while True:
            try:
                return self._once(call)
            except _RetryableError as retry:
                pause = retry.pause(attempt)
                if self.clock.monotonic() - begun + pause > self._settings.patience:
                    raise retry.error from retry
                self.clock.sleep(pause)
                attempt += 1

    def _once(self, call: _Call) -> bytes:
        what = f"Failed to {call.what}"
        try:
            with open_url(
                self._settings.url + call.path,
                method=call.method,
                data=None if call.body is None else json.dumps(call.body).encode("ascii"),
                headers={
                    "Authorization": f"Bearer {self._settings.token}",
                    "Accept": "application/json",
                    **({} if call.body is None else {"Content-Type": "application/json"}),
                },
                http_agent="chatbot.ops",
                timeout=self._settings.timeout,
                follow_redirects="none",  # the token is for this address alone
            ) as response:
                return bytes(response.read(_MOST_BYTES))
        except HTTPError as error:
            raise _answered(call, what, error) from error
        except SSLValidationError as error:
            raise ToolError(f"{what}: {error}") from error
        except _NETWORK as error:
            raise self._lost(call, what, error) from error

    def _lost(self, call: _Call, what: str, error: Exception) -> Exception:
        reason = getattr(error, "reason", None) or error
        said = f"{what}: {self._settings.url} cannot be reached ({reason}). Check the network and api_url."
        if call.repeatable or isinstance(reason, ConnectionRefusedError):
            return _RetryableError(ToolError(said))
        return UnansweredError(said)


class _RetryableError(Exception):
    """The request had no effect and may be sent again; ``error`` is what to say when the patience ends."""

    def __init__(self, error: ToolError, asked: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self._asked = error, asked

    def pause(self, attempt: int) -> float:
        """Return for how many seconds to wait: as the server asks, else longer each time."""
        if self._asked is not None:
            return self._asked
        return float(min(2.0**attempt, _LONGEST_PAUSE)) * random.uniform(0.5, 1.0)  # spread, not secrecy


def _answered(call: _Call, what: str, error: HTTPError) -> Exception:
    said = parse_message(error.read(_MOST_BYTES))
    found = refusal(what, error.code, said, call.permission)
    if not isinstance(found, ToolError):
        return found
    if error.code == _TOO_MANY:
        return _RetryableError(found, asked_pause(dict(error.headers.items()), datetime.now(timezone.utc)))
    return _RetryableError(found) if call.repeatable else UnansweredError(found.message, **found.details)


def asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds for which the answer's headers ask to wait; None if they ask for nothing.

    ``Retry-After`` holds seconds or a date (RFC 9110, 10.2.3), Supabase's own ``X-RateLimit-Reset`` seconds.
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    for name in ("retry-after", "x-ratelimit-reset"):
        value = known.get(name, "")
        if value.replace(".", "", 1).isdigit():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
        except (TypeError, ValueError, IndexError):
            continue
    return None
