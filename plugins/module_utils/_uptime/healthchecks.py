# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The management API v3 of healthchecks.io, also of one's own server. https://healthchecks.io/docs/api/ (4.3). Pure."""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import Dialect, Request, status_of
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Action, Contact, Found, Wanted

_STATUSES = {"up": "up", "started": "up", "grace": "late", "down": "down", "paused": "paused", "new": "pending"}
_LONGEST = 365 * 86400


class Healthchecks(Dialect):
    """The service: it visits nothing, but waits for a call."""

    title = "healthchecks.io"
    url = "https://healthchecks.io/api/v3"
    variable = "HEALTHCHECKS_API_KEY"
    list_path = "/checks/"
    contact_paths = ("/channels/",)
    fixed = ()

    def headers(self, key: str) -> dict[str, str]:
        return {"X-Api-Key": key}

    def check(self, wanted: Wanted) -> None:
        if wanted.url or wanted.keyword:
            raise RefusedError(
                "Parameter url: healthchecks.io visits no address and looks for no keyword; it waits to be called. "
                "Leave url and keyword out, or take another provider."
            )
        for name, seconds in (("interval", wanted.interval), ("grace", wanted.grace)):
            if not 60 <= seconds <= _LONGEST:
                raise RefusedError(f"Parameter {name}: healthchecks.io takes 1m to 365d.")

    def fields(self, wanted: Wanted, contacts: tuple[str, ...] | None) -> dict[str, Any]:
        fields: dict[str, Any] = {"name": wanted.name, "slug": slug_of(wanted.name), "grace": wanted.grace}
        if wanted.schedule:
            fields |= {"schedule": wanted.schedule, "tz": wanted.zone}
        else:
            fields["timeout"] = wanted.interval
        if contacts is not None:
            fields["channels"] = ",".join(contacts)
        return fields

    def page(self, document: Any) -> tuple[list[Found], str | None]:
        return [self.monitor(each) for each in document["checks"]], None

    def monitor(self, document: Any) -> Found:
        address = document.get("update_url") or ""
        if not address:
            raise RefusedError("The key for healthchecks.io may only read. Give a read-write key of the project.")
        names = ("name", "slug", "grace", "schedule", "tz", "timeout")
        fields = {name: document[name] for name in names if document.get(name) is not None}
        fields["channels"] = ",".join(sorted(filter(None, str(document.get("channels") or "").split(","))))
        return Found(
            address.rstrip("/").rpartition("/")[2],
            str(document["name"]),
            "",
            status_of(document["status"], _STATUSES),
            fields,
        )

    def contacts(self, document: Any) -> list[Contact]:
        return [
            Contact(str(each["id"]), tuple(str(each[name]) for name in ("name", "kind") if each.get(name)))
            for each in document["channels"]
        ]

    def request(self, action: Action, monitor_id: str) -> Request:
        path = f"/checks/{monitor_id}"
        if action.kind == "create":
            return "POST", "/checks/", {**action.fields, "unique": ["name"]}
        if action.kind == "update":
            return "POST", path, dict(action.fields)
        if action.kind == "delete":
            return "DELETE", path, None
        return "POST", f"{path}/{action.kind}", {}


def slug_of(name: str) -> str:
    """Return a name for addresses: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
