# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules ``uptime_monitor`` and ``uptime_monitor_info`` do, and the parameters that they share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    Clock,
    Service,
    request_span,
    service_token,
    service_url,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, time_zone
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.betterstack import BetterStack
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import Dialect
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.healthchecks import Healthchecks
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import (
    Found,
    Wanted,
    choose,
    differences,
    plan,
    resolve,
)
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.uptimerobot import UptimeRobot

DIALECTS: Mapping[str, type[Dialect]] = {
    "uptimerobot": UptimeRobot,
    "betterstack": BetterStack,
    "healthchecks": Healthchecks,
}
#: What both modules take (documented in the fragment ``uptime``).
API_ARGUMENTS: dict[str, Any] = {
    "provider": {"type": "str", "required": True, "choices": list(DIALECTS)},
    "api_key": {"type": "str", "no_log": True},
    "api_url": {"type": "str"},
    "request_timeout": {"type": "str", "default": "30s"},
    "retry_limit": {"type": "str", "default": "3m"},
}
MONITOR_ARGUMENTS: dict[str, Any] = {
    **API_ARGUMENTS,
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "default": "present", "choices": ["present", "absent", "paused"]},
    "url": {"type": "str", "default": ""},
    "keyword": {"type": "str", "default": "", "no_log": False},
    "interval": {"type": "str", "default": "5m"},
    "timeout": {"type": "str", "default": "30s"},
    "alert_contacts": {"type": "list", "elements": "str"},
    "grace": {"type": "str", "default": "1h"},
    "schedule": {"type": "str", "default": ""},
    "time_zone": {"type": "str", "default": "UTC"},
    "state_only": {"type": "bool", "default": False},
}
#: A service takes a moment until what was written is what it answers.
_SETTLING = 20.0
_PAUSE = 2.0


def open_client(params: Mapping[str, Any], clock: Clock | None = None) -> tuple[Dialect, Client]:
    """Return the service that the parameters name, ready to be asked.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    dialect = DIALECTS[params["provider"]]()
    key = service_token(
        "api_key",
        params["api_key"] or os.environ.get(dialect.variable, ""),
        f"Set api_key, or {dialect.variable} in the environment; {dialect.title}'s dashboard has it.",
    )
    service = Service(
        url=service_url("api_url", params["api_url"] or dialect.url, dialect.url),
        headers=dialect.headers(key),
        secrets=(key,),
        timeout=request_span("request_timeout", params["request_timeout"]),
        patience=duration_seconds("retry_limit", params["retry_limit"]),
    )
    return dialect, Client(dialect, service, clock)


def read_wanted(params: Mapping[str, Any]) -> Wanted:
    """Return the monitor that the parameters describe.

    :raises RefusedError: naming the one that makes no sense.
    """
    if not params["name"].strip():
        raise RefusedError("Parameter name is empty. Give the monitor a name, by which it is found again.")
    if params["schedule"]:
        time_zone("time_zone", params["time_zone"])
    contacts = params["alert_contacts"]
    return Wanted(
        name=params["name"],
        state=params["state"],
        url=params["url"],
        keyword=params["keyword"],
        interval=int(request_span("interval", params["interval"])),
        timeout=int(request_span("timeout", params["timeout"])),
        contacts=None if contacts is None else tuple(contacts),
        grace=int(request_span("grace", params["grace"])),
        schedule=params["schedule"],
        zone=params["time_zone"],
        state_only=params["state_only"],
    )


def manage(dialect: Dialect, client: Client, wanted: Wanted, *, check_mode: bool) -> dict[str, Any]:
    """Make the monitor what is wanted, and return the module's result.

    :raises OpsError: with what was being done to which monitor.
    """
    # Only its name is enough to remove one: of the same address, there may be another one.
    url = "" if wanted.state == "absent" else wanted.url
    found = choose(client.monitors(), wanted.name, url, dialect.title)
    if found is not None:
        dialect.require_known(found)
    fields: dict[str, Any] = {}
    if wanted.state_only and found is None:
        raise RefusedError(
            f"{dialect.title} has no monitor {wanted.name}, which could be {wanted.state}. Correct name, or make it first "
            "(chatbot.ops.configure_monitors)."
        )
    if wanted.state != "absent" and not wanted.state_only:
        dialect.check(wanted)
        fields = dialect.fields(wanted, _contact_ids(dialect, client, wanted.contacts))
    steps = plan(wanted, fields, found, dialect.fixed)
    after = found
    if not check_mode and steps:
        current = found
        for step in steps:
            current = client.do(step, wanted.name, current)
            if step.kind == "delete":
                current = None
        after = _settled(dialect, client, wanted, fields, current or found)
    return _result(wanted, fields, found, after, [each.kind for each in steps])


def _contact_ids(dialect: Dialect, client: Client, names: Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    known = dialect.contacts_of(names)
    if known is not None or not names:
        return known or ()
    if list(names) == ["*"]:
        return tuple(sorted(each.id for each in client.contacts()))
    return resolve(names, client.contacts(), dialect.title)


def _settled(
    dialect: Dialect, client: Client, wanted: Wanted, fields: Mapping[str, Any], written: Found | None
) -> Found | None:
    """Return the monitor as it is read back, once it is what is wanted."""
    if written is None:
        raise ToolError(f"{dialect.title} does not tell of which monitor {wanted.name} is. Look at its dashboard.")
    begun = client.clock.monotonic()
    while True:
        now = client.monitor(written)
        left = plan(wanted, fields, now, dialect.fixed)
        if not left:
            return now
        if client.clock.monotonic() - begun >= _SETTLING:
            break
        client.clock.sleep(_PAUSE)
    if now is None:
        raise ToolError(f"{dialect.title} took monitor {wanted.name}, and does not have it now. Look at its dashboard.")
    names = sorted(differences(fields, now)) or [each.kind for each in left]
    raise ToolError(
        f"{dialect.title} took monitor {wanted.name}, but not as it is wanted: {', '.join(names)}. The plan may not include it; "
        "look at its dashboard."
    )


def _result(
    wanted: Wanted, fields: Mapping[str, Any], found: Found | None, after: Found | None, steps: list[str]
) -> dict[str, Any]:
    before_fields = {} if found is None else {name: found.fields.get(name) for name in fields}
    after_fields = {} if wanted.state == "absent" else dict(fields)
    before = {} if found is None else {"state": "paused" if found.is_paused else "present", **before_fields}
    then = {} if wanted.state == "absent" else {"state": wanted.state, **after_fields}
    return {
        "changed": bool(steps),
        "actions": steps,
        "monitor": None if after is None else describe(after),
        "was_paused": found is not None and found.is_paused,
        "diff": {"before": before, "after": then if steps else before},
    }


def describe(monitor: Found) -> dict[str, Any]:
    """Return a monitor as JSON values."""
    return {
        "id": monitor.id,
        "name": monitor.name,
        "url": monitor.url or None,
        "status": monitor.status,
    }
