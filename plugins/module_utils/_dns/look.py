# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at what every name server of a zone answers, once or until it is what is wanted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._dns.answers import (
    Answer,
    Wanted,
    behind,
    record_result,
    without_dead_ends,
)
from ansible_collections.chatbot.ops.plugins.module_utils._dns.client import (
    NoWayError,
    Way,
    addresses_of,
    require_dnspython,
    servers_of,
)
from ansible_collections.chatbot.ops.plugins.module_utils._dns.names import (
    PORT,
    Server,
    full_names,
    optional_address,
    parse_server,
    zone_name,
)

DNS_ARGUMENTS: dict[str, Any] = {
    "zone": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "address": {"type": "str"},
    "address_v6": {"type": "str"},
    "ttl": {"type": "int"},
    "wait_limit": {"type": "str"},
    "servers": {"type": "list", "elements": "str", "default": []},
    "port": {"type": "int", "default": PORT},
    "resolvers": {"type": "list", "elements": "str", "default": []},
    "transport": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
    "timeout": {"type": "str", "default": "5s"},
}
# How long to leave the servers alone between two looks: a second at first, as most are that fast.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_AT_ONCE = 16

Found = Mapping[str, Mapping[Server, Answer]]


@dataclass(frozen=True)
class Request:
    """What to look at, how, and what is wanted."""

    zone: str
    names: tuple[str, ...]
    wanted: Wanted
    way: Way
    servers: tuple[Server, ...] = ()
    """Whom to ask; the zone's own servers if there are none."""
    port: int = PORT
    resolvers: tuple[Server, ...] = ()
    wait_limit: float | None = None
    """For how many seconds to ask again while the wanted is not answered; None to ask once, whatever is answered."""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Request:
        """Return the request that a module's parameters make.

        :raises RefusedError: if one is of no use.
        """
        zone = zone_name(params["zone"])
        wanted = Wanted(
            optional_address("address", params["address"], 4),
            optional_address("address_v6", params["address_v6"], 6),
            params["ttl"],
        )
        wait_limit = optional_duration("wait_limit", params["wait_limit"])
        if wait_limit is not None and wanted.is_open:
            raise RefusedError("Parameter wait_limit: there is nothing to wait for. Set address, address_v6 or ttl.")
        return cls(
            zone,
            tuple(full_names(params["names"], zone)),
            wanted,
            Way(params["transport"], duration_seconds("timeout", params["timeout"])),
            tuple(parse_server("servers", each, params["port"]) for each in params["servers"]),
            params["port"],
            tuple(parse_server("resolvers", each) for each in params["resolvers"]),
            wait_limit,
        )


def look(request: Request) -> dict[str, Any]:
    """Return what ``dns_record_info`` returns.

    :raises RefusedError: if what is wanted can never come.
    :raises ToolError: if the servers cannot be found, or the wanted is not answered in time.
    """
    require_dnspython()
    begun = time.monotonic()
    servers = request.servers or tuple(servers_of(request.zone, request.port, request.resolvers, request.way))
    found = _ask_all(request, servers)
    if request.wait_limit is not None:
        found = _wait(request, servers, found, begun + request.wait_limit)
    records = [record_result(name, answers, request.wanted) for name, answers in found.items()]
    return {
        "zone": request.zone,
        "servers": [str(each) for each in servers],
        "records": records,
        "points_here": all(each["points_here"] for each in records) if request.wanted.has_address else None,
        "settled": all(each["settled"] for each in records),
        "waited_seconds": round(time.monotonic() - begun, 3),
    }


def _wait(request: Request, servers: Sequence[Server], found: Found, deadline: float) -> Found:
    pause = _FIRST_PAUSE
    while True:
        late = behind(found, request.wanted)
        if not late:
            return found
        _refuse_hopeless(found)
        left = deadline - time.monotonic()
        if left <= 0:
            raise ToolError(
                f"After {request.wait_limit:g} s not every name server of {request.zone} answers {_words(request.wanted)}: "
                f"{'; '.join(late)}. A secondary server that is behind catches up when it hears of the change; "
                "if it does not, see why it cannot fetch the zone. Then run this again.",
                behind=late,
            )
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
        found = _ask_all(request, servers)


def _refuse_hopeless(found: Found) -> None:
    for name, answers in found.items():
        for answer in answers.values():
            if answer.cname:
                raise RefusedError(
                    f"{name} is an alias (CNAME) of {answer.cname}, so it has no address of its own. Wait for "
                    f"{answer.cname} instead, or remove the alias."
                )
            if answer.other_zone:
                raise RefusedError(f"{name} is in the zone {answer.other_zone}. Ask for it there.")


def _words(wanted: Wanted) -> str:
    words = [each for each in (wanted.address, wanted.address_v6) if each]
    return " and ".join([*words, *([f"TTL {wanted.ttl}"] if wanted.ttl is not None else [])])


def _ask_all(request: Request, servers: Sequence[Server]) -> Found:
    """Ask all servers at once, and each of them for one name after the other."""
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(servers))) as pool:
        by_server = dict(zip(servers, pool.map(lambda server: _ask_one(request, server), servers)))
    unreachable = [server for server, answers in by_server.items() if answers is None]
    nothing = Answer(problem="cannot be asked: this host has no way to that address")
    found: dict[str, Mapping[Server, Answer]] = {}
    for name in request.names:
        answers = {server: (said or {}).get(name, nothing) for server, said in by_server.items()}
        found[name] = without_dead_ends(answers, unreachable)
    return found


def _ask_one(request: Request, server: Server) -> dict[str, Answer] | None:
    """Return a server's answers by name; None if this host has no way to it."""
    answers: dict[str, Answer] = {}
    for name in request.names:
        try:
            answers[name] = addresses_of(server, name, request.zone, request.way)
        except NoWayError:
            return None
    return answers
