# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Better Stack's uptime API v2. https://betterstack.com/docs/uptime/api (2026-07). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import (
    Dialect,
    Request,
    next_path,
    require_address,
    status_of,
)
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Action, Found, Wanted

#: By what it tells whoever is on call. Slack belongs to an escalation policy, or to the team's integrations.
WAYS = ("email", "sms", "call", "push", "critical_alert")
_POLICY = "policy:"
_STATUSES = {
    "up": "up",
    "down": "down",
    "paused": "paused",
    "pending": "pending",
    "maintenance": "maintenance",
    "validating": "late",
}


class BetterStack(Dialect):
    """The service."""

    title = "Better Stack"
    url = "https://uptime.betterstack.com/api/v2"
    variable = "BETTERSTACK_API_TOKEN"
    list_path = "/monitors?per_page=250"
    kinds = ("monitor_type", ("status", "expected_status_code", "keyword", "keyword_absence"))

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    def check(self, wanted: Wanted) -> None:
        require_address(wanted, self.title)
        if wanted.interval < 30:
            raise RefusedError(
                "Parameter interval: Better Stack looks every 30s at the most often (paid plans; 3m else)."
            )

    def contacts_of(self, names: Sequence[str]) -> tuple[str, ...]:
        strange = [each for each in names if each not in WAYS and not each.startswith(_POLICY)]
        if strange:
            raise RefusedError(
                f"Parameter alert_contacts: Better Stack tells whoever is on call, by {', '.join(WAYS)}, or by an escalation "
                f"policy, written as policy:<its id>; {', '.join(strange)} is none of them. Slack is a part of a policy."
            )
        return tuple(names)

    def fields(self, wanted: Wanted, contacts: tuple[str, ...] | None) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "pronounceable_name": wanted.name,
            "url": wanted.url,
            "monitor_type": "keyword" if wanted.keyword else "status",
            "check_frequency": wanted.interval,
            "request_timeout": wanted.timeout,
            "http_method": "get",
            "follow_redirects": True,
            "verify_ssl": True,
        }
        if wanted.keyword:
            fields["required_keyword"] = wanted.keyword
        if contacts is not None:
            policies = [each[len(_POLICY) :] for each in contacts if each.startswith(_POLICY)]
            fields["policy_id"] = policies[0] if policies else None
            if not policies:  # it takes no notice of these beside a policy
                fields.update({way: way in contacts for way in WAYS})
        return fields

    def page(self, document: Any) -> tuple[list[Found], str | None]:
        monitors = [self._monitor(each) for each in document["data"]]
        return monitors, next_path(self.list_path, (document.get("pagination") or {}).get("next"))

    def monitor(self, document: Any) -> Found:
        return self._monitor(document["data"])

    @staticmethod
    def _monitor(document: Any) -> Found:
        attributes = document["attributes"]
        names = (
            *("pronounceable_name", "url", "monitor_type", "check_frequency", "request_timeout", "follow_redirects"),
            *("verify_ssl", "required_keyword", *WAYS),
        )
        fields = {name: attributes[name] for name in names if attributes.get(name) is not None}
        fields["http_method"] = str(attributes.get("http_method") or "get").lower()
        policy = attributes.get("policy_id")
        fields["policy_id"] = None if policy in (None, "") else str(policy)
        return Found(
            str(document["id"]),
            str(attributes.get("pronounceable_name") or ""),
            str(attributes.get("url") or ""),
            "paused" if attributes.get("paused") else status_of(attributes["status"], _STATUSES),
            fields,
        )

    def request(self, action: Action, monitor_id: str) -> Request:
        path = f"/monitors/{monitor_id}"
        if action.kind == "create":
            return "POST", "/monitors", dict(action.fields)
        if action.kind == "delete":
            return "DELETE", path, None
        if action.kind == "update":
            return "PATCH", path, dict(action.fields)
        return "PATCH", path, {"paused": action.kind == "pause"}
