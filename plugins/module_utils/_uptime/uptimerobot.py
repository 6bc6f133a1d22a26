# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""UptimeRobot's API v3. https://uptimerobot.com/api/v3 (2026-08; terraform-provider-uptimerobot 1.10.0). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import (
    Dialect,
    Request,
    next_path,
    require_address,
    status_of,
)
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Action, Contact, Found, Wanted

_STATUSES = {
    "up": "up",
    "down": "down",
    "looks_down": "down",
    "paused": "paused",
    "started": "pending",
    "not_checked_yet": "pending",
    "maintenance": "maintenance",
}


class UptimeRobot(Dialect):
    """The service."""

    title = "UptimeRobot"
    url = "https://api.uptimerobot.com/v3"
    variable = "UPTIMEROBOT_API_KEY"
    list_path = "/monitors"
    contact_paths = ("/user/alert-contacts", "/integrations")
    fixed = ("type",)
    kinds = ("type", ("HTTP", "KEYWORD"))

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def check(self, wanted: Wanted) -> None:
        require_address(wanted, self.title)
        if wanted.interval < 30:
            raise RefusedError(
                "Parameter interval: UptimeRobot looks every 30s at the most often (paid plans; 5m else)."
            )
        if not 1 <= wanted.timeout <= 60:
            raise RefusedError("Parameter timeout: UptimeRobot waits for 1s to 60s.")

    def fields(self, wanted: Wanted, contacts: tuple[str, ...] | None) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "friendlyName": wanted.name,
            "url": wanted.url,
            "type": "KEYWORD" if wanted.keyword else "HTTP",
            "interval": wanted.interval,
            "timeout": wanted.timeout,
            "httpMethodType": "GET",  # it asks by HEAD otherwise, which has no text to look for a keyword in
            "followRedirections": True,
            "sslExpirationReminder": True,
            "domainExpirationReminder": False,
        }
        if wanted.keyword:
            fields["keywordType"] = "ALERT_NOT_EXISTS"
            fields["keywordValue"] = wanted.keyword
            fields["keywordCaseType"] = 0
        if contacts is not None:
            # Both are 0 in the free plan: at once, and no repetition.
            fields["assignedAlertContacts"] = [
                {"alertContactId": each, "threshold": 0, "recurrence": 0} for each in contacts
            ]
        return fields

    def page(self, document: Any) -> tuple[list[Found], str | None]:
        monitors = [self.monitor(each) for each in document["data"]]
        return monitors, next_path(self.list_path, document.get("nextLink"))

    def monitor(self, document: Any) -> Found:
        contacts = [
            {
                "alertContactId": str(each["alertContactId"]),
                "threshold": int(each.get("threshold") or 0),
                "recurrence": int(each.get("recurrence") or 0),
            }
            for each in document.get("assignedAlertContacts") or []
        ]
        names = (
            *("friendlyName", "url", "type", "interval", "timeout", "httpMethodType", "followRedirections"),
            *("sslExpirationReminder", "domainExpirationReminder", "keywordType", "keywordValue", "keywordCaseType"),
        )
        fields = {name: document[name] for name in names if document.get(name) is not None}
        fields["assignedAlertContacts"] = sorted(contacts, key=lambda each: str(each["alertContactId"]))
        return Found(
            str(document["id"]),
            str(document["friendlyName"]),
            str(document.get("url") or ""),
            status_of(document["status"], _STATUSES),
            fields,
        )

    def contacts(self, document: Any) -> list[Contact]:
        found = document["data"] if isinstance(document, Mapping) else document
        return [
            Contact(str(each["id"]), tuple(str(each[name]) for name in ("value", "friendlyName") if each.get(name)))
            for each in found
        ]

    def request(self, action: Action, monitor_id: str) -> Request:
        path = f"/monitors/{monitor_id}"
        if action.kind == "create":
            return "POST", "/monitors", dict(action.fields)
        if action.kind == "update":
            return "PATCH", path, dict(action.fields)
        if action.kind == "delete":
            return "DELETE", path, None
        return "POST", f"{path}/{'pause' if action.kind == 'pause' else 'start'}", {}
