# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Meta or 360dialog answer about a number, read into values. Pure.

Meta adds words and takes some away, and its own documents contradict each other: whatever is missing is None, and an
unknown word is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.tiers import Tier, tier_from

GREEN, YELLOW, RED = "GREEN", "YELLOW", "RED"
CONNECTED = "CONNECTED"
AVAILABLE, LIMITED, BLOCKED = "AVAILABLE", "LIMITED", "BLOCKED"
_SENDING = (AVAILABLE, LIMITED, BLOCKED)
#: Messages a second; https://developers.facebook.com/docs/whatsapp/throughput
_THROUGHPUTS = {"STANDARD": 80, "HIGH": 1000}


@dataclass(frozen=True)
class Entity:
    """One part that a message depends on: the number, the account, the business, the app."""

    kind: str
    can_send: str | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Number:
    """A number; each word is Meta's."""

    id: str | None = None
    phone: str | None = None
    name: str | None = None
    status: str | None = None
    quality: str | None = None
    name_status: str | None = None
    verification: str | None = None
    platform: str | None = None
    mode: str | None = None
    throughput: str | None = None
    tier: Tier = field(default_factory=lambda: tier_from(None))
    can_send: str | None = None
    entities: tuple[Entity, ...] = ()

    @property
    def quality_known(self) -> bool:
        """Whether Meta has rated it; it does not rate a new one (``UNKNOWN``, or ``NA``)."""
        return self.quality in (GREEN, YELLOW, RED)

    @property
    def sendable(self) -> bool | None:
        """Whether messages leave; None if nobody knows."""
        if self.can_send == BLOCKED or self.status not in (CONNECTED, None):
            return False
        return True if self.status == CONNECTED or self.can_send in (AVAILABLE, LIMITED) else None

    @property
    def most_a_second(self) -> int | None:
        """How many messages a second Meta takes; None if nobody knows."""
        return _THROUGHPUTS.get(self.throughput or "")


@dataclass(frozen=True)
class Account:
    """The WhatsApp Business account that a number belongs to."""

    id: str | None
    name: str | None
    review: str | None
    verification: str | None
    status: str | None
    tier: Tier


def parse_number(answer: Any) -> Number:
    """Return the number that is described.

    :raises ToolError: if nothing is.
    """
    known = _mapping(answer, "a number")
    can_send, entities = _health(known.get("health_status"))
    throughput = known.get("throughput")
    return Number(
        id=_word(known, "id"),
        phone=_word(known, "display_phone_number"),
        name=_word(known, "verified_name"),
        status=_word(known, "status"),
        quality=_word(known, "quality_rating"),
        name_status=_word(known, "name_status"),
        verification=_word(known, "code_verification_status"),
        platform=_word(known, "platform_type"),
        mode=_word(known, "account_mode"),
        throughput=_word(throughput, "level") if isinstance(throughput, Mapping) else None,
        tier=_tier(known),
        can_send=can_send,
        entities=entities,
    )


def parse_account(answer: Any) -> Account:
    """Return the account that is described.

    :raises ToolError: if none is.
    """
    known = _mapping(answer, "an account")
    return Account(
        id=_word(known, "id"),
        name=_word(known, "name"),
        review=_word(known, "account_review_status"),
        verification=_word(known, "business_verification_status"),
        status=_word(known, "status"),
        tier=_tier(known),
    )


def _mapping(answer: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise ToolError(
            f"WhatsApp's interface answered something that is no description of {what}. Check api_url; if it is right, "
            "the interface may have changed: look for a newer chatbot.ops."
        )
    return answer


def _tier(known: Mapping[str, Any]) -> Tier:
    return tier_from(_word(known, "whatsapp_business_manager_messaging_limit") or _word(known, "messaging_limit_tier"))


def _health(health: Any) -> tuple[str | None, tuple[Entity, ...]]:
    """Return whether messages can be sent, by the worst entity.

    Meta's overall word also counts calls by SIP, which hardly anybody set up: it says BLOCKED where all messages go.
    """
    if not isinstance(health, Mapping):
        return None, ()
    listed = health.get("entities")
    entities = tuple(_entity(each) for each in listed or () if isinstance(each, Mapping)) if _is_list(listed) else ()
    words = [each.can_send for each in entities if each.can_send in _SENDING]
    if not words:
        overall = _word(health, "can_send_message")
        return (overall if overall in _SENDING else None), entities
    return max(words, key=lambda word: _SENDING.index(word or AVAILABLE)), entities


def _entity(entity: Mapping[str, Any]) -> Entity:
    can_send = _word(entity, "can_send_message")
    problems: list[str] = []
    if can_send not in (AVAILABLE, None):
        for error in entity.get("errors") or ():
            if isinstance(error, Mapping):
                told = [str(error.get(each) or "") for each in ("error_code", "error_description", "possible_solution")]
                problems.append(" ".join(each for each in told if each))
        problems += [str(each) for each in entity.get("additional_info") or ()]
    return Entity(_word(entity, "entity_type") or "?", can_send, tuple(problems))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _word(known: Mapping[str, Any], name: str) -> str | None:
    value = known.get(name)
    return str(value) if isinstance(value, (str, int)) and str(value) else None
