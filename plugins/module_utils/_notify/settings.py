# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of the module ``notification``, checked and turned into a job. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, check_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, time_zone
from ansible_collections.chatbot.ops.plugins.module_utils._notify.channels import (
    TELEGRAM_URL,
    Channel,
    Email,
    Slack,
    Telegram,
    Webhook,
)
from ansible_collections.chatbot.ops.plugins.module_utils._notify.hours import NEVER, Hours, read_hours, read_time
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import read_people
from ansible_collections.chatbot.ops.plugins.module_utils._notify.policy import Rules
from ansible_collections.chatbot.ops.plugins.module_utils._notify.run import Job, require_stack_name
from ansible_collections.chatbot.ops.plugins.module_utils._notify.smtp import MailSettings

_EMAIL: dict[str, Any] = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": 587},
    "encryption": {"type": "str", "default": "starttls", "choices": ["starttls", "tls", "none"]},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "sender": {"type": "str", "required": True},
    "to": {"type": "list", "elements": "str", "default": []},
    "ca_file": {"type": "path"},
}
_SLACK: dict[str, Any] = {"webhook_url": {"type": "str", "required": True, "no_log": True}}
_TELEGRAM: dict[str, Any] = {
    "token": {"type": "str", "required": True, "no_log": True},
    "chats": {"type": "list", "elements": "str", "required": True},
    "api_url": {"type": "str", "default": TELEGRAM_URL},
}
_WEBHOOK: dict[str, Any] = {
    "url": {"type": "str", "required": True, "no_log": True},
    "headers": {"type": "dict", "default": {}, "no_log": True},
    "ca_file": {"type": "path"},
}

ARGUMENTS: dict[str, Any] = {
    "stack": {"type": "str", "required": True},
    "state_folder": {"type": "path", "required": True},
    "checks": {"type": "list", "elements": "dict", "default": []},
    "contacts": {"type": "list", "elements": "dict", "default": []},
    "language": {"type": "str", "default": "en", "choices": ["en", "es"]},
    "time_zone": {"type": "str", "default": "UTC"},
    "quiet_hours": {"type": "str", "default": ""},
    "digest_at": {"type": "str", "default": ""},
    "reminder_warning": {"type": "str", "default": "24h"},
    "reminder_critical": {"type": "str", "default": "4h"},
    "escalate_after": {"type": "str", "default": "30m"},
    "flap_changes": {"type": "int", "default": 5},
    "flap_window": {"type": "str", "default": "6h"},
    "forget_after": {"type": "str", "default": "2d"},
    "test": {"type": "bool", "default": False},
    "email": {"type": "dict", "options": _EMAIL},
    "slack": {"type": "dict", "options": _SLACK},
    "telegram": {"type": "dict", "options": _TELEGRAM},
    "webhook": {"type": "dict", "options": _WEBHOOK},
}


def read_job(params: Mapping[str, Any]) -> Job:
    """Return what the parameters ask for.

    :raises RefusedError: naming the one that makes no sense.
    """
    channels = _channels(params)
    if not channels:
        raise RefusedError("No channel is given: set email, slack, telegram or webhook.")
    if all(isinstance(each, Email) and not each.has_recipients for each in channels):
        raise RefusedError(
            "Parameter email.to is empty, and there is no other channel: what is for everybody would reach nobody. Name "
            "somebody, or set slack, telegram or webhook."
        )
    if params["flap_changes"] < 2:
        raise RefusedError("Parameter flap_changes: what changes once does not come and go. Give 2 or more.")
    return Job(
        stack=require_stack_name(params["stack"]),
        folder=params["state_folder"],
        language=params["language"],
        checks=tuple(_check(number, each) for number, each in enumerate(params["checks"])),
        people=read_people(params["contacts"]),
        channels=channels,
        rules=_rules(params),
        is_test=params["test"],
    )


def _rules(params: Mapping[str, Any]) -> Rules:
    warning = _span(params, "reminder_warning")
    return Rules(
        zone=time_zone("time_zone", params["time_zone"]),
        reminders={"warning": warning, "unknown": warning, "critical": _span(params, "reminder_critical")},
        escalation=_span(params, "escalate_after"),
        quiet=_hours(params["quiet_hours"]),
        digest=_time(params["digest_at"]),
        flap_changes=params["flap_changes"],
        flap_window=_span(params, "flap_window"),
        forget=_span(params, "forget_after"),
    )


def _check(number: int, given: Mapping[str, Any]) -> Check:
    try:
        return check_from(given)
    except (ValueError, TypeError) as error:
        raise RefusedError(
            f"Parameter checks: number {number} ({given.get('id')}) is no check result: {error}."
        ) from error


def _channels(params: Mapping[str, Any]) -> tuple[Channel, ...]:
    found: list[Channel] = []
    if params["email"]:
        given = params["email"]
        found.append(
            Email(
                MailSettings(
                    host=given["host"],
                    sender=given["sender"],
                    port=given["port"],
                    encryption=given["encryption"],
                    username=given["username"] or "",
                    password=given["password"] or "",
                    recipients=tuple(given["to"]),
                    ca_file=given["ca_file"] or None,
                )
            )
        )
    if params["slack"]:
        found.append(Slack(params["slack"]["webhook_url"]))
    if params["telegram"]:
        given = params["telegram"]
        if not given["chats"]:
            raise RefusedError("Parameter telegram.chats is empty. Give the id of at least one chat.")
        found.append(Telegram(given["token"], given["chats"], given["api_url"]))
    if params["webhook"]:
        given = params["webhook"]
        headers = {str(name): str(value) for name, value in given["headers"].items()}
        found.append(Webhook(given["url"], headers, given["ca_file"] or None))
    return tuple(found)


def _span(params: Mapping[str, Any], name: str) -> timedelta:
    return timedelta(seconds=duration_seconds(name, params[name]))


def _hours(text: str) -> Hours:
    if not text:
        return NEVER
    try:
        return read_hours(text)
    except ValueError as error:
        raise RefusedError(
            f"Parameter quiet_hours: {error}. Write them as 22:00-07:00, or L-V 22-7; S-D 0-10."
        ) from error


def _time(text: str) -> time | None:
    if not text:
        return None
    try:
        return read_time(text)
    except ValueError as error:
        raise RefusedError(f"Parameter digest_at: {error}. Write it as 08:00.") from error
