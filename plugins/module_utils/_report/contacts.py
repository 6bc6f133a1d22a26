# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of people and keys: contacts in the order in which to call them, and hints where keys are kept.

A contact that nobody could reach, or a field that would not be shown, is refused: it would be missed when it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

_CHANNELS = ("phone", "email", "url")
_FIELDS = ("name", "role", *_CHANNELS, "hours", "contract", "escalation", "alerts")
_FORMS = {
    "phone": (re.compile(r"\+?[\d ()./x-]*\d[\d ()./x-]*"), "telephone number, such as +52 55 1234 5678"),
    "email": (re.compile(r"[^\s@<>]+@[^\s@<>]+"), "address, such as soporte@example.com"),
    "url": (re.compile(r"https?://[^\s<>]+"), "address that begins with https://"),
}
_ALERTS = ("warning", "unknown", "critical")
_SCHEMES = {"phone": "tel:", "email": "mailto:", "url": ""}
_SECRET = re.compile(r"AGE-SECRET-KEY-|-----BEGIN|\$ANSIBLE_VAULT")
_LEAST_SECRET = 6  # whatever is shorter stands in many an ordinary word


@dataclass(frozen=True)
class Channel:
    """A way to reach somebody: ``phone``, ``email`` or ``url``, as people read it and as a link."""

    kind: str
    text: str
    href: str


@dataclass(frozen=True)
class Contact:
    """Somebody to call. All but the name and the channels may be empty.

    ``escalation`` is the place in the order. ``alerts`` is the least state of a check that one is written to of.
    """

    name: str
    role: str
    channels: tuple[Channel, ...]
    hours: str
    contract: str
    escalation: float = float("inf")
    alerts: str = ""


def read_contacts(given: Any) -> tuple[Contact, ...]:
    """Return the contacts in ``given`` (a list of dictionaries, or nothing), by ``escalation``, then as they stand.

    :raises RefusedError: naming the contact, and what is wrong with it.
    """
    if not given:
        return ()
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        raise RefusedError("chatbot_stack.contacts is no list of contacts, each with a name and a phone, email or url.")
    found = [_contact(number, each) for number, each in enumerate(given, start=1)]
    return tuple(contact for _order, contact in sorted(found, key=lambda each: each[0]))


def read_keys(given: Any) -> dict[str, str]:
    """Return the hints where keys are kept, by the name of the key.

    :raises RefusedError: if they are no dictionary of texts.
    """
    if not given:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(each, str) for each in given.values()):
        raise RefusedError(
            "chatbot_stack.keys is no dictionary of texts. Say by the name of each key (identity, vault, repository) "
            "where it is kept."
        )
    return {str(name): " ".join(hint.split()) for name, hint in given.items() if hint.strip()}


def require_no_secret(texts: Mapping[str, str], secrets: Mapping[str, Any]) -> None:
    """Refuse a page that would give away what it must only tell the place of.

    :param texts: what people wrote, by where they wrote it.
    :param secrets: the secrets that are known, by their names.
    :raises RefusedError: naming the place, never the secret.
    """
    known = {name: str(value).strip() for name, value in secrets.items() if value}
    for place, text in texts.items():
        held = [name for name, value in known.items() if len(value) >= _LEAST_SECRET and value in text]
        if held or _SECRET.search(text):
            what = held[0] if held else "a private key or something of a vault"
            raise RefusedError(
                f"{place} holds a secret ({what}), and the runbook is printed and passed on. Say where it is kept, never "
                "the secret itself, and replace it if others have read it."
            )


def _contact(number: int, given: Any) -> tuple[tuple[float, int], Contact]:
    place = f"chatbot_stack.contacts[{number - 1}]"
    if not isinstance(given, Mapping):
        raise RefusedError(f"{place} is no dictionary. Give it a name, and a phone, email or url.")
    unknown = sorted(str(each) for each in set(given) - set(_FIELDS))
    if unknown:
        raise RefusedError(f"{place} has {', '.join(unknown)}, which is no field of a contact: {', '.join(_FIELDS)}.")
    name = _text(place, given, "name")
    channels = tuple(_channel(place, kind, each) for kind in _CHANNELS for each in _several(given.get(kind)))
    if not name or not channels:
        raise RefusedError(
            f"{place} ({name or 'no name'}) cannot be called. Give it a name, and a phone, email or url."
        )
    texts = [_text(place, given, field) for field in ("role", "hours", "contract")]
    order, alerts = _escalation(place, given.get("escalation")), _alerts(place, given)
    return (order, number), Contact(name, texts[0], channels, texts[1], texts[2], order, alerts)


def _text(place: str, given: Mapping[str, Any], field: str) -> str:
    value = given.get(field)
    if value is None:
        return ""
    if isinstance(value, (Mapping, list)):
        raise RefusedError(f"{place}.{field} is no text.")
    return " ".join(str(value).split())


def _several(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [" ".join(str(each).split()) for each in values if each not in (None, "")]


def _channel(place: str, kind: str, text: str) -> Channel:
    form, example = _FORMS[kind]
    if not form.fullmatch(text):
        raise RefusedError(f"{place}.{kind}: {text!r} is no {example}.")
    target = re.sub(r"[^+\d]", "", text.partition("x")[0]) if kind == "phone" else text
    return Channel(kind, text, f"{_SCHEMES[kind]}{target}")


def _escalation(place: str, value: Any) -> float:
    if value in (None, ""):
        return float("inf")
    if isinstance(value, bool) or not str(value).isdigit() or int(value) < 1:
        raise RefusedError(
            f"{place}.escalation: {value!r} is no place in the order. Give 1 to whoever is called first."
        )
    return float(int(value))


def _alerts(place: str, given: Mapping[str, Any]) -> str:
    value = _text(place, given, "alerts")
    if value and value not in _ALERTS:
        raise RefusedError(
            f"{place}.alerts: {value!r} is no state of a check. Give {', '.join(_ALERTS[:-1])} or {_ALERTS[-1]}: from "
            "which on this contact is written to. Without it, never."
        )
    return value
