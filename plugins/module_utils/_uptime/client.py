# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a service of monitors."""

from __future__ import annotations

from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import Call, Clock, HttpClient, Service
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import Dialect
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Action, Contact, Found
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.refusal import refusal_of

_GONE = (404, 410)
_MOST_PAGES = 200


class Client:
    """A service, as ``dialect`` talks to it.

    :raises OpsError: whatever method is called: a ``RefusedError`` for what it refuses, a ``ToolError`` for what stays out
        of order, an ``UnansweredError`` for a change whose answer was lost.
    """

    def __init__(self, dialect: Dialect, service: Service, clock: Clock | None = None) -> None:
        self._dialect = dialect
        self._http = HttpClient(service, refusal_of(dialect.title), clock)
        self.clock = self._http.clock

    def monitors(self) -> list[Found]:
        """Return all monitors, of all pages."""
        dialect, found = self._dialect, []
        path: str | None = dialect.list_path
        seen: set[str] = set()
        while path is not None:
            if path in seen or len(seen) >= _MOST_PAGES:
                raise ToolError(f"Failed to list the monitors of {dialect.title}: its pages have no end ({path}).")
            seen.add(path)
            document = self._http.json(Call("GET", path, f"list the monitors of {dialect.title}"))
            monitors, path = dialect.read(document, dialect.page, "monitors")
            found += monitors
        return found

    def contacts(self) -> list[Contact]:
        """Return those that can be told."""
        dialect, found = self._dialect, []
        for path in dialect.contact_paths:
            document = self._http.json(Call("GET", path, f"list the contacts of {dialect.title}"))
            found += dialect.read(document, dialect.contacts, "contacts")
        return list({each.id: each for each in found}.values())

    def monitor(self, found: Found) -> Found | None:
        """Return the monitor as it is now; None if it is gone."""
        dialect = self._dialect
        path = dialect.request(Action("update"), found.id)[1]
        try:
            document = self._http.json(Call("GET", path, f"read monitor {found.name} of {dialect.title}"))
        except RefusedError as error:
            if error.details.get("status_code") in _GONE:
                return None
            raise
        return dialect.read(document, dialect.monitor, "a monitor")

    def do(self, action: Action, name: str, found: Found | None) -> Found | None:
        """Do one step, and return the monitor that the answer describes, if it does."""
        dialect = self._dialect
        method, path, body = dialect.request(action, found.id if found else "")
        # A creation that is sent twice makes two monitors; all else has the same effect twice.
        call = Call(method, path, f"{action.kind} monitor {name} of {dialect.title}", body, action.kind != "create")
        try:
            answer = self._http.send(call)
        except RefusedError as error:
            if action.kind == "delete" and error.details.get("status_code") in _GONE:
                return None
            raise
        if action.kind != "create":
            return found
        document: Any = answer.document()
        return dialect.read(document, dialect.monitor, "a monitor")
