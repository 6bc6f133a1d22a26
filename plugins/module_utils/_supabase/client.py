# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the Management API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    Clock,
    HttpClient,
    Refusal,
    Service,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase import answers
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.refusal import refusal
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import ApiSettings

_TOO_MANY = 429


class Client:
    """One project, as the Management API shows it and changes it.

    :raises OpsError: whatever method is called: a ``RefusedError`` for what the API refuses, a ``ToolError`` for what
        stays out of order, an ``UnansweredError`` for a change whose answer was lost.
    """

    def __init__(self, settings: ApiSettings, clock: Clock | None = None) -> None:
        service = Service(
            url=settings.url,
            headers={"Authorization": f"Bearer {settings.token}"},
            secrets=(settings.token,),
            timeout=settings.timeout,
            patience=settings.patience,
        )
        self._http = HttpClient(service, _refusal, clock)
        self.clock = self._http.clock
        self.project_ref = settings.project_ref
        self._project = f"/v1/projects/{settings.project_ref}"
        self._title = f"of Supabase project {settings.project_ref}"

    def project(self) -> answers.Project:
        """Return the project with its state."""
        return answers.parse_project(self._get(self._project, f"read the state {self._title}", "project_admin_read"))

    def services(self, *names: str) -> list[answers.Service]:
        """Return the health of the services ``names``, such as ``db``."""
        query = urlencode([("services", each) for each in names])
        path = f"{self._project}/health?{query}"
        return answers.parse_services(self._get(path, f"read the services' health {self._title}", "project_admin_read"))

    def backups(self) -> answers.Backups:
        """Return the managed backups."""
        path = f"{self._project}/database/backups"
        return answers.parse_backups(self._get(path, f"list the backups {self._title}", "backups_read"))

    def plan(self, organization: str) -> str | None:
        """Return the organization's plan."""
        path = f"/v1/organizations/{organization}"
        return answers.parse_plan(
            self._get(path, f"read the plan of organization {organization}", "organization_admin_read")
        )

    def restore_to(self, instant: datetime) -> None:
        """Begin to bring the project back to ``instant`` (whole seconds count)."""
        self._restore("restore-pitr", {"recovery_time_target_unix": int(instant.timestamp())})

    def restore_backup(self, backup_id: int) -> None:
        """Begin to bring the project back to a managed backup."""
        self._restore("restore", {"id": backup_id})

    def _restore(self, kind: str, body: Mapping[str, Any]) -> None:
        path, what = f"{self._project}/database/backups/{kind}", f"begin the restore {self._title}"
        self._http.send(Call("POST", path, what, body, permission="backups_write"))

    def _get(self, path: str, what: str, permission: str) -> Any:
        return self._http.json(Call("GET", path, what, permission=permission))


def _refusal(call: Call, answer: Answer) -> Refusal:
    said = answers.parse_message(answer.body)
    found = refusal(f"Failed to {call.what}", answer.status, said, call.permission)
    if not isinstance(found, ToolError):
        return Refusal(found, FINAL)
    return Refusal(found, THROTTLED if answer.status == _TOO_MANY else FAILED)
