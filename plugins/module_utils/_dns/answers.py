# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers answer, and whether that is what is wanted. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._dns.names import Server


@dataclass(frozen=True)
class Answer:
    """What one server says of the addresses of one name."""

    addresses: tuple[str, ...] = ()
    """Of IPv4, sorted."""
    addresses_v6: tuple[str, ...] = ()
    ttl: int | None = None
    """For how many seconds others may keep the addresses of IPv4; None where there are none."""
    ttl_v6: int | None = None
    cname: str | None = None
    """The name that this one is another name of."""
    problem: str | None = None
    """Why the server does not say."""
    other_zone: str | None = None
    """The zone that the name is in, if that is another one."""

    def __str__(self) -> str:
        if self.problem:
            return self.problem
        if self.cname:
            return f"answers that it is an alias (CNAME) of {self.cname}"
        found = [f"{', '.join(each)} (TTL {ttl})" for each, ttl in self._families if each]
        return f"answers {' and '.join(found)}" if found else "answers that it has no address"

    @property
    def _families(self) -> list[tuple[tuple[str, ...], int | None]]:
        return [(self.addresses, self.ttl), (self.addresses_v6, self.ttl_v6)]


@dataclass(frozen=True)
class Wanted:
    """What is to be answered; what is empty or None may be anything."""

    address: str = ""
    address_v6: str = ""
    ttl: int | None = None

    @property
    def has_address(self) -> bool:
        """Whether there is an address to compare with."""
        return bool(self.address or self.address_v6)

    @property
    def is_open(self) -> bool:
        """Whether anything would do."""
        return not self.has_address and self.ttl is None

    def points_here(self, answer: Answer) -> bool:
        """Whether an answer has the wanted addresses, and no other one.

        With an address of one version only, none of the other version may be there: part of the clients would go there.
        """
        if answer.problem or answer.cname:
            return False
        return answer.addresses == _one(self.address) and answer.addresses_v6 == _one(self.address_v6)

    def is_met(self, answer: Answer) -> bool:
        """Whether an answer is all that is wanted."""
        if answer.problem or answer.cname or (self.has_address and not self.points_here(answer)):
            return False
        return self.ttl is None or {each for each in (answer.ttl, answer.ttl_v6) if each is not None} == {self.ttl}


def _one(address: str) -> tuple[str, ...]:
    return (address,) if address else ()


def record_result(name: str, answers: Mapping[Server, Answer], wanted: Wanted) -> dict[str, Any]:
    """Return what ``dns_record_info`` returns of one name."""
    said = list(answers.values())
    ttls = [each.ttl for each in said if each.ttl is not None]
    ttls_v6 = [each.ttl_v6 for each in said if each.ttl_v6 is not None]
    return {
        "name": name,
        "addresses": sorted({address for each in said for address in each.addresses}),
        "addresses_v6": sorted({address for each in said for address in each.addresses_v6}),
        "ttl": max(ttls, default=None),
        "ttl_v6": max(ttls_v6, default=None),
        "cname": next((each.cname for each in said if each.cname), None),
        "other_zone": next((each.other_zone for each in said if each.other_zone), None),
        "problems": [f"{server} {each.problem}" for server, each in answers.items() if each.problem],
        "points_here": all(map(wanted.points_here, said)) if wanted.has_address else None,
        "settled": all(map(wanted.is_met, said)),
        "answers": [_answer_result(server, each) for server, each in answers.items()],
    }


def _answer_result(server: Server, answer: Answer) -> dict[str, Any]:
    return {
        "server": str(server),
        "addresses": list(answer.addresses),
        "addresses_v6": list(answer.addresses_v6),
        "ttl": answer.ttl,
        "ttl_v6": answer.ttl_v6,
        "cname": answer.cname,
        "problem": answer.problem,
    }


def behind(found: Mapping[str, Mapping[Server, Answer]], wanted: Wanted) -> list[str]:
    """Return which server answers what for which name, where that is not what is wanted."""
    return [
        f"{server} {answer} for {name}"
        for name, answers in found.items()
        for server, answer in answers.items()
        if not wanted.is_met(answer)
    ]


def without_dead_ends(answers: Mapping[Server, Answer], unreachable: Sequence[Server]) -> dict[Server, Answer]:
    """Return the answers without those of addresses that this host has no way to, where another address of the server
    has answered: a host without IPv6 asks by IPv4."""
    named = {server.name for server, answer in answers.items() if server not in unreachable and not answer.problem}
    return {
        server: answer
        for server, answer in answers.items()
        if server not in unreachable or not server.name or server.name not in named
    }
