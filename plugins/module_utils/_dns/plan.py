# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which records to change, and how, so that names point to a server. Pure.

What is there is known from the name servers' answers, or, where a provider answers for other addresses than a record holds
(Cloudflare's proxy), from the provider itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

_FIELDS = {"A": ("addresses", "ttl", "IPv4"), "AAAA": ("addresses_v6", "ttl_v6", "IPv6")}
_SETTINGS = {"A": "dns_address", "AAAA": "dns_address_v6"}
# Cloudflare's automatic TTL, the only one of records behind its proxy, and what it stands for.
# https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/
_AUTOMATIC, _AUTOMATIC_SECONDS = 1, 300

Seen = tuple[tuple[str, ...], "int | None"]


@dataclass(frozen=True)
class State:
    """The addresses of one version that a name has."""

    name: str
    kind: str
    """``A`` or ``AAAA``."""
    seen: tuple[Seen, ...]
    """The addresses and the TTL, as each server answers them, or as the provider holds them."""
    keep: Mapping[str, Any] = field(default_factory=dict)
    """What else the provider holds of the record, and is to stay: ``proxied``, ``comment``, ``tags``."""

    @property
    def is_proxied(self) -> bool:
        """Whether the provider answers with addresses of its own."""
        return bool(self.keep.get("proxied"))

    @property
    def is_empty(self) -> bool:
        """Whether there is no address."""
        return not any(addresses for addresses, _ttl in self.seen)

    @property
    def cached_seconds(self) -> int:
        """For how long others may keep what they were answered now."""
        return 0 if self.is_proxied else max((ttl for _each, ttl in self.seen if ttl is not None), default=0)

    def __str__(self) -> str:
        told = dict.fromkeys(_words(addresses, ttl, self.is_proxied) for addresses, ttl in self.seen)
        return " or ".join(told)


def plan(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to change.

    :param findings: ``purpose``: ``switch`` (to ``address`` and ``address_v6``, with ``ttl``) or ``ttl`` (the same
        addresses with another TTL); ``records``, as ``dns_record_info`` returns them; ``provider_records``, what the provider
        holds for these names, in the form of Cloudflare's API, or None.
    :returns: ``changes``, a list of ``name``, ``type``, ``addresses``, ``ttl``, ``keep``; the same in ``words``; the names
        to ``wait_for`` at the name servers, and those that are ``proxied``; ``cached_seconds``, for how long others may keep
        the old answers.
    :raises RefusedError: if a record cannot be changed so, or nobody knows what is there.
    """
    held = findings.get("provider_records")
    states = [each for record in findings["records"] for each in _states(record, held)]
    ttl = int(findings["ttl"])
    if findings["purpose"] == "switch":
        wanted = {"A": findings.get("address") or "", "AAAA": findings.get("address_v6") or ""}
        changed = [(state, [wanted[state.kind]]) for state in states if _is_elsewhere(state, wanted[state.kind])]
    else:
        _refuse_empty(states)
        changed = [(state, list(_agreed(state))) for state in states if _has_other_ttl(state, ttl)]
    proxied = sorted({state.name for state in states if state.is_proxied})
    names = [record["name"] for record in findings["records"]]
    return {
        "changes": [_change(state, addresses, ttl) for state, addresses in changed],
        "words": [_told(state, addresses, ttl) for state, addresses in changed],
        "wait_for": [each for each in names if each not in proxied],
        "proxied": proxied,
        "cached_seconds": max((state.cached_seconds for state, _addresses in changed), default=0),
    }


def _states(record: Mapping[str, Any], held: Sequence[Mapping[str, Any]] | None) -> list[State]:
    name = record["name"]
    if held is not None:
        own = [each for each in held if each["name"].lower() == name]
        alias = next((each["content"] for each in own if each["type"] == "CNAME"), None)
        _refuse_alias(name, alias)
        return [_held_state(name, kind, own) for kind in _FIELDS]
    _refuse_alias(name, record["cname"])
    if record["other_zone"]:
        raise RefusedError(
            f"{name} is in the zone {record['other_zone']}. Name that as dns_zone, or leave the name out."
        )
    known = [each for each in record["answers"] if not each["problem"]]
    if not known:
        raise RefusedError(
            f"Nobody knows where {name} points, so it was left alone: {'; '.join(record['problems'])}. Check dns_zone and "
            "the zone's name servers; if they are not those that the zone names, set dns_authoritative."
        )
    return [
        State(name, kind, tuple((tuple(each[addresses]), each[ttl]) for each in known))
        for kind, (addresses, ttl, _version) in _FIELDS.items()
    ]


def _refuse_alias(name: str, alias: str | None) -> None:
    if alias:
        raise RefusedError(
            f"{name} is an alias (CNAME) of {alias}, and an address beside it is not possible. Point {alias} at the server "
            "instead, or remove the alias."
        )


def _held_state(name: str, kind: str, own: Sequence[Mapping[str, Any]]) -> State:
    records = [each for each in own if each["type"] == kind]
    if not records:
        # As the name's other address is.
        proxied = any(each.get("proxied") for each in own if each["type"] in _FIELDS)
        return State(name, kind, (((), None),), _keep({"proxied": proxied}))
    ttl = max(_AUTOMATIC_SECONDS if each["ttl"] == _AUTOMATIC else int(each["ttl"]) for each in records)
    return State(name, kind, ((tuple(sorted(each["content"] for each in records)), ttl),), _keep(records[0]))


def _keep(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "proxied": bool(record.get("proxied")),
        "comment": record.get("comment") or "",
        "tags": list(record.get("tags") or []),
    }


def _is_elsewhere(state: State, wanted: str) -> bool:
    if wanted:
        return any(addresses != (wanted,) for addresses, _ttl in state.seen)
    if not state.is_empty:
        version = _FIELDS[state.kind][2]
        raise RefusedError(
            f"{state.name} also has an address of {version} ({state}), and part of its users would still go there. Set "
            f"{_SETTINGS[state.kind]} to the new server's, or remove that {state.kind} record."
        )
    return False


def _refuse_empty(states: Sequence[State]) -> None:
    names = dict.fromkeys(state.name for state in states)
    empty = [name for name in names if all(state.is_empty for state in states if state.name == name)]
    if empty:
        raise RefusedError(
            f"{', '.join(empty)} has no address, so there is no time to live to change. Check dns_records, or point it to "
            "a server first."
        )


def _has_other_ttl(state: State, ttl: int) -> bool:
    # Behind the proxy, the TTL is the provider's.
    return not state.is_empty and not state.is_proxied and any(each != ttl for _addresses, each in state.seen)


def _agreed(state: State) -> tuple[str, ...]:
    found = {addresses for addresses, _ttl in state.seen}
    if len(found) > 1:
        raise RefusedError(
            f"The name servers do not agree on {state.name}: {state}. A change is still on its way to some of them; run this "
            "again when it has arrived."
        )
    return found.pop()


def _change(state: State, addresses: Sequence[str], ttl: int) -> dict[str, Any]:
    return {
        "name": state.name,
        "type": state.kind,
        "addresses": list(addresses),
        "ttl": _AUTOMATIC if state.is_proxied else ttl,
        "keep": dict(state.keep),
    }


def _told(state: State, addresses: Sequence[str], ttl: int) -> str:
    return f"{state.name} {state.kind}: {state} -> {_words(addresses, ttl, state.is_proxied)}"


def _words(addresses: Sequence[str], ttl: int | None, proxied: bool) -> str:
    if not addresses:
        return "nothing"
    return f"{', '.join(addresses)} ({'proxied' if proxied else f'TTL {ttl}'})"
