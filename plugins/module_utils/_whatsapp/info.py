# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a number stands: found out by questions alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Limit, limit_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.answers import Account, Number
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.judge import Look, judge
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.refusal import problem_in
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.settings import D360, NumberSettings
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.texts import require_language

JUDGE_ARGUMENTS: dict[str, Any] = {
    "sent_24h": {"type": "int"},
    "usage_warning": {"type": "int", "default": 80},
    "usage_critical": {"type": "int", "default": 95},
    "language": {"type": "str", "choices": ["en", "es"], "default": "en"},
}


@dataclass(frozen=True)
class Judging:
    """How the number is judged; see :class:`Look`."""

    sent: int | None
    usage: Limit
    language: str


def judging_from(params: Mapping[str, Any]) -> Judging:
    """Return what the module parameters ask for.

    :raises RefusedError: naming the one that makes no sense.
    """
    sent = params["sent_24h"]
    if sent is not None and sent < 0:
        raise RefusedError(f"Parameter sent_24h: {sent} is less than nothing.")
    try:
        usage = limit_from({"warning": params["usage_warning"], "critical": params["usage_critical"]})
    except ValueError as error:
        raise RefusedError(f"Parameters usage_warning and usage_critical: {error}.") from error
    return Judging(sent, usage, require_language(params["language"]))


def number_info(client: Client, settings: NumberSettings, judging: Judging) -> dict[str, Any]:
    """Return the module's result.

    :raises OpsError: if the number cannot be read; its details hold the ``checks`` that say so, and the ``problem``.
    """
    asked = bool(settings.account_id) and settings.provider != D360
    try:
        number = client.number()
    except OpsError as error:
        problem = problem_in(error)
        look = Look(settings.label, None, None, problem, judging.sent, judging.usage, asked)
        checks = [each.to_document() for each in judge(look, judging.language)]
        error.details.update({"checks": checks, "problem": problem.to_document(), "label": settings.label})
        raise
    account, unread = _account(client)
    if number.tier.name is None and account is not None:
        number = replace(number, tier=account.tier)  # it is the same portfolio's
    found = Look(settings.label, number, account, None, judging.sent, judging.usage, asked)
    tier = number.tier
    share = 100 * judging.sent / tier.limit if judging.sent is not None and tier.limit else None
    return {
        "changed": False,
        "label": settings.label,
        "provider": settings.provider,
        "number": _number(number),
        "account": None if account is None else _account_document(account),
        "limit": {"tier": tier.name, "conversations": tier.limit, "unlimited": tier.unlimited, "known": tier.known},
        "usage": {"sent_24h": judging.sent, "percent": None if share is None else round(share, 1)},
        "checks": [each.to_document() for each in judge(found, judging.language)],
        "notes": unread,
    }


def _account(client: Client) -> tuple[Account | None, list[str]]:
    """Return the account, or why it is not known: to know it is no condition for the rest."""
    try:
        return client.account(), []
    except OpsError as error:
        return None, [error.message]


def _number(number: Number) -> dict[str, Any]:
    return {
        "id": number.id,
        "display_phone_number": number.phone,
        "verified_name": number.name,
        "status": number.status,
        "quality_rating": number.quality,
        "name_status": number.name_status,
        "code_verification_status": number.verification,
        "platform_type": number.platform,
        "account_mode": number.mode,
        "throughput": number.throughput,
        "messages_per_second": number.most_a_second,
        "can_send": number.can_send,
        "sendable": number.sendable,
        "entities": [
            {"type": each.kind, "can_send": each.can_send, "problems": list(each.problems)} for each in number.entities
        ],
    }


def _account_document(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "review_status": account.review,
        "verification_status": account.verification,
        "status": account.status,
    }
