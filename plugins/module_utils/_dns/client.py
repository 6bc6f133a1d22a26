# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to one name server, by the library dnspython."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._dns.answers import Answer
from ansible_collections.chatbot.ops.plugins.module_utils._dns.names import Server

try:
    import dns.exception
    import dns.flags
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
    import dns.rdataclass
    import dns.rdatatype
    import dns.resolver
    import dns.rrset
except ImportError as error:
    _MISSING: ImportError | None = error
else:
    _MISSING = None

_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


@dataclass(frozen=True)
class Way:
    """How to ask."""

    transport: str = "tcp"
    """``tcp`` or ``udp``; an answer that was cut short by UDP is asked for again by TCP."""
    timeout: float = 5.0
    """How long a server may take for one answer, in seconds."""


class NoWayError(Exception):
    """This host has no way to the address of a server."""


def require_dnspython() -> None:
    """Make sure of the library.

    :raises ToolError: if it is missing.
    """
    if _MISSING is not None:
        raise ToolError(
            "The Python library dnspython is missing where this runs. Install it for the Python that runs Ansible "
            "(pip install dnspython), or the package python3-dnspython."
        ) from _MISSING


def addresses_of(server: Server, name: str, zone: str, way: Way) -> Answer:
    """Return what a server says with authority of the addresses of a name.

    What it does not say, or says in a way that nobody can rely on, is the answer's problem.

    :raises NoWayError: if this host cannot reach such an address at all.
    """
    try:
        four, six = (_ask(server, name, kind, way) for kind in (dns.rdatatype.A, dns.rdatatype.AAAA))
    except OSError as error:
        if error.errno in _NO_WAY:
            raise NoWayError(str(error)) from error
        return Answer(problem=f"cannot be asked: {error.strerror or error}")
    except dns.exception.Timeout:
        return Answer(problem=f"does not answer within {way.timeout:g} s")
    except (dns.exception.DNSException, EOFError) as error:
        return Answer(problem=f"answers nonsense: {str(error) or type(error).__name__}")
    for response in (four, six):
        other = _other_zone(response, zone)
        if other:
            return Answer(problem=f"has {name} in the zone {other}, not in {zone}", other_zone=other)
        trouble = _trouble(response, zone)
        if trouble:
            return Answer(problem=trouble)
    return _answer(name, four, six)


def _ask(server: Server, name: str, kind: dns.rdatatype.RdataType, way: Way) -> dns.message.Message:
    question = dns.message.make_query(name, kind)
    # A server that others also ask recursively should say what it knows itself, not what it has kept.
    question.flags &= ~dns.flags.RD
    if way.transport == "udp":
        answer, _by_tcp = dns.query.udp_with_fallback(question, server.address, way.timeout, server.port)
        return answer
    return dns.query.tcp(question, server.address, way.timeout, server.port)


def _other_zone(response: dns.message.Message, zone: str) -> str | None:
    """Return the zone below ours that a name is in, by a referral to its servers or by the answer that it has no record."""
    if response.answer or response.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return None
    kinds = (dns.rdatatype.NS, dns.rdatatype.SOA)
    owners = [_text(each.name) for each in response.authority if each.rdtype in kinds]
    return next((each for each in owners if each.endswith(f".{zone}")), None)


def _trouble(response: dns.message.Message, zone: str) -> str | None:
    code = response.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return f"refuses to answer ({dns.rcode.to_text(code)})"
    if not response.flags & dns.flags.AA:
        return f"does not answer with authority for {zone}"
    return None


def _answer(name: str, four: dns.message.Message, six: dns.message.Message) -> Answer:
    alias = _records(four, name, dns.rdatatype.CNAME) or _records(six, name, dns.rdatatype.CNAME)
    if alias:
        return Answer(cname=_text(alias[0].target))
    a, aaaa = _records(four, name, dns.rdatatype.A), _records(six, name, dns.rdatatype.AAAA)
    return Answer(
        addresses=tuple(sorted(each.address for each in a or ())),
        addresses_v6=tuple(sorted(each.address for each in aaaa or ())),
        ttl=a.ttl if a else None,
        ttl_v6=aaaa.ttl if aaaa else None,
    )


def _records(response: dns.message.Message, name: str, kind: dns.rdatatype.RdataType) -> dns.rrset.RRset | None:
    return response.get_rrset(response.answer, dns.name.from_text(name), dns.rdataclass.IN, kind)


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def servers_of(zone: str, port: int, resolvers: Sequence[Server], way: Way) -> list[Server]:
    """Return every name server of a zone, at each of its addresses, as the resolvers know them.

    :param port: that they listen to.
    :param resolvers: whom to ask; this host's own if there are none.
    :raises ToolError: if they cannot be found.
    """
    resolver = _resolver(resolvers, way)
    try:
        names = sorted(_text(each.target) for each in resolver.resolve(f"{zone}.", "NS", tcp=way.transport == "tcp"))
    except (dns.exception.DNSException, OSError) as error:
        raise ToolError(
            f"Failed to find the name servers of the zone {zone}: {error}. Check its name and this host's resolver "
            "(/etc/resolv.conf); or name the servers."
        ) from error
    found: list[Server] = []
    for name in names:
        addresses = [address for kind in ("A", "AAAA") for address in _lookup(resolver, name, kind, way)]
        if not addresses:
            raise ToolError(
                f"Failed to find the name servers of the zone {zone}: {name} has no address. Correct that at the zone's "
                "registrar, or name the servers."
            )
        found += [Server(address, port, name) for address in addresses]
    return found


def _resolver(resolvers: Sequence[Server], way: Way) -> dns.resolver.Resolver:
    try:
        resolver = dns.resolver.Resolver(configure=not resolvers)
    except dns.exception.DNSException as error:
        raise ToolError(f"This host has no resolver: {error}. See /etc/resolv.conf; or name the servers.") from error
    if resolvers:
        resolver.nameservers = [each.address for each in resolvers]
        resolver.nameserver_ports = {each.address: each.port for each in resolvers}
    resolver.timeout = way.timeout
    resolver.lifetime = 2 * way.timeout
    return resolver


def _lookup(resolver: dns.resolver.Resolver, name: str, kind: str, way: Way) -> list[str]:
    try:
        return sorted(each.address for each in resolver.resolve(f"{name}.", kind, tcp=way.transport == "tcp"))
    except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise ToolError(f"Failed to find the address of the name server {name}: {error}. Try again.") from error
