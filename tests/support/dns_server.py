# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone with its name servers on loopback addresses: they answer with authority, and take signed updates (RFC 2136).

What a message says and whether its signature holds is dnspython's affair; what an update does to the zone is written here
after RFC 2136. The bed has a real server (Knot); this one stands in where there is no root.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rdtypes.ANY.TSIG
import dns.rrset
import dns.tsig
import dns.tsigkeyring
import dns.update
import dns.zone

KEY = "test-update"
#: A key that signs, and may not update.
READ_ONLY_KEY = "test-read"
SECRET = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgYXQgbGVhc3Q="

_Records = dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rdataset.Rdataset]
_ANY, _NONE = dns.rdataclass.ANY, dns.rdataclass.NONE


class _RefusedError(Exception):
    def __init__(self, code: dns.rcode.Rcode) -> None:
        super().__init__(dns.rcode.to_text(code))
        self.code = code


class DnsServer:
    """The name servers of one zone, from its text; the first one is the primary."""

    def __init__(self, zone: str, text: str, addresses: tuple[str, ...] = ("127.0.0.1",)) -> None:
        self.zone = dns.name.from_text(zone)
        self._records: _Records = {}
        for name, rdataset in dns.zone.from_text(text, self.zone, relativize=False).iterate_rdatasets():
            self._records[name, rdataset.rdtype] = rdataset
        self._keys = dns.tsigkeyring.from_text({KEY: SECRET, READ_ONLY_KEY: SECRET})
        self._lock = threading.Lock()
        self._held: dict[str, _Records] = {}
        self.refresh: Callable[[], None] = lambda: None
        """Called before each answer; it may `set` records that others keep."""
        self._down: set[str] = set()
        self.history: list[str] = []
        """The addresses after each change of any, as text."""
        self.addresses = addresses
        self.port = _free_port(addresses)
        self._servers = [_Listener(self, address) for address in addresses]

    def __enter__(self) -> DnsServer:
        for each in self._servers:
            threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_details: object) -> None:
        for each in self._servers:
            each.shutdown()
            each.server_close()

    def place(self, number: int = 0) -> str:
        """Return where a server listens, as ``127.0.0.1:5353``."""
        return f"{self.addresses[number]}:{self.port}"

    def hold(self, number: int) -> None:
        """Let a server answer what the zone is now, whatever is changed: a secondary that does not hear of it."""
        self._held[self.addresses[number]] = dict(self._records)

    def release(self, number: int) -> None:
        """Let it catch up."""
        del self._held[self.addresses[number]]

    @contextlib.contextmanager
    def down(self, number: int) -> Iterator[None]:
        """Let a server end connections without an answer meanwhile."""
        self._down.add(self.addresses[number])
        yield
        self._down.remove(self.addresses[number])

    def text(self, name: str, kind: str = "A") -> str:
        """Return the zone's records of a name, as ``60 IN A 192.0.2.1``, a line each, sorted; nothing without any."""
        rdataset = self._records.get((self._name(name), dns.rdatatype.from_text(kind)))
        return "\n".join(sorted(rdataset.to_text().splitlines())) if rdataset else ""

    def set(self, name: str, *lines: str) -> None:
        """Replace the records of a name by these: ``60 IN A 192.0.2.1``."""
        after = {key: each for key, each in self._records.items() if key[0] != self._name(name)}
        for line in lines:
            ttl, rdclass, kind, data = line.split(" ", 3)
            rdataset = dns.rdataset.from_text(rdclass, kind, int(ttl), data)
            key = (self._name(name), rdataset.rdtype)
            after[key] = dns.rdataset.from_rdata_list(int(ttl), [*after.get(key, ()), *rdataset])
        self._replace(after)

    def _replace(self, after: _Records) -> None:
        # Sets of records are equal whatever their TTL is.
        if _text(after) != _text(self._records):
            self.history.append(_text(after))
        self._records = after

    def _name(self, name: str) -> dns.name.Name:
        return dns.name.from_text(name, self.zone)

    def reply(self, wire: bytes, address: str) -> bytes | None:
        """Return the answer to a message that came to a server; None if there is none."""
        if address in self._down:
            return None
        try:
            request = dns.message.from_wire(wire, keyring=self._keys)
        except (dns.message.UnknownTSIGKey, dns.tsig.BadSignature) as error:
            return _not_authorised(wire, unknown=isinstance(error, dns.message.UnknownTSIGKey))
        response = dns.message.make_response(request)
        if request.opcode() == dns.opcode.UPDATE:
            assert isinstance(request, dns.update.UpdateMessage)
            try:
                with self._lock:
                    self._update(request)
            except _RefusedError as error:
                response.set_rcode(error.code)
        else:
            self.refresh()
            self._answer(request, response, self._held.get(address, self._records))
        return response.to_wire()

    def _answer(self, request: dns.message.Message, response: dns.message.Message, records: _Records) -> None:
        question = request.question[0]
        if not question.name.is_subdomain(self.zone):
            response.set_rcode(dns.rcode.REFUSED)
            return
        delegated = next((name for name, kind in records if _is_below(question.name, name, kind, self.zone)), None)
        if delegated is not None:
            response.authority.append(_rrset(delegated, records[delegated, dns.rdatatype.NS]))
            return
        response.flags |= dns.flags.AA
        for kind in (question.rdtype, dns.rdatatype.CNAME):
            found = records.get((question.name, kind))
            if found is not None:
                response.answer.append(_rrset(question.name, found))
                return
        if not any(name.is_subdomain(question.name) for name, _kind in records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        response.authority.append(_rrset(self.zone, records[self.zone, dns.rdatatype.SOA]))

    def _update(self, request: dns.update.UpdateMessage) -> None:
        if not request.had_tsig or request.keyname != dns.name.from_text(KEY):
            raise _RefusedError(dns.rcode.REFUSED)
        if request.zone[0].name != self.zone:
            raise _RefusedError(dns.rcode.NOTAUTH)
        self._check(request.prerequisite)
        after = dict(self._records)
        for rrset in request.update:
            self._apply(after, rrset)
        self._replace(after)

    def _check(self, prerequisites: list[dns.rrset.RRset]) -> None:
        """RFC 2136, 3.2."""
        exact: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], set[dns.rdata.Rdata]] = {}
        for rrset in prerequisites:
            key = (rrset.name, rrset.rdtype)
            if rrset.deleting is None:
                exact.setdefault(key, set()).update(rrset)
                continue
            is_any = rrset.rdtype == dns.rdatatype.ANY
            there = any(name == rrset.name for name, _kind in self._records) if is_any else key in self._records
            if there != (rrset.deleting == _ANY):
                codes = (dns.rcode.YXDOMAIN, dns.rcode.NXDOMAIN) if is_any else (dns.rcode.YXRRSET, dns.rcode.NXRRSET)
                raise _RefusedError(codes[rrset.deleting == _ANY])
        for key, rdatas in exact.items():
            if set(self._records.get(key, ())) != rdatas:
                raise _RefusedError(dns.rcode.NXRRSET)

    def _apply(self, records: _Records, rrset: dns.rrset.RRset) -> None:
        """RFC 2136, 3.4.2."""
        if not rrset.name.is_subdomain(self.zone):
            raise _RefusedError(dns.rcode.NOTZONE)
        key = (rrset.name, rrset.rdtype)
        if rrset.deleting == _ANY:
            for each in [each for each in records if each == key or _all_of(rrset, each)]:
                del records[each]
            return
        found = list(records.get(key, ()))
        if rrset.deleting == _NONE:
            self._put(records, rrset, [each for each in found if each not in rrset])
        elif rrset.rdtype == dns.rdatatype.CNAME or (rrset.name, dns.rdatatype.CNAME) not in records:
            # An address beside an alias is ignored, says 3.4.2.2.
            self._put(records, rrset, [*found, *(each for each in rrset if each not in found)])

    @staticmethod
    def _put(records: _Records, rrset: dns.rrset.RRset, rdatas: list[dns.rdata.Rdata]) -> None:
        records.pop((rrset.name, rrset.rdtype), None)
        if rdatas:
            records[rrset.name, rrset.rdtype] = dns.rdataset.from_rdata_list(rrset.ttl, rdatas)


def _text(records: _Records) -> str:
    kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return "\n".join(_rrset(name, each).to_text() for (name, kind), each in sorted(records.items()) if kind in kinds)


def _is_below(asked: dns.name.Name, name: dns.name.Name, kind: dns.rdatatype.RdataType, zone: dns.name.Name) -> bool:
    return kind == dns.rdatatype.NS and name != zone and asked.is_subdomain(name)


def _all_of(rrset: dns.rrset.RRset, key: tuple[dns.name.Name, dns.rdatatype.RdataType]) -> bool:
    return rrset.rdtype == dns.rdatatype.ANY and key[0] == rrset.name


def _rrset(name: dns.name.Name, rdataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(name, rdataset.ttl, list(rdataset))


def _not_authorised(wire: bytes, *, unknown: bool) -> bytes:
    """RFC 8945, 5.2.1 and 5.2.2: the answer to a key that is unknown, or a signature that is not the key's, is unsigned."""
    response = dns.message.Message(struct.unpack(">H", wire[:2])[0])
    response.flags = dns.flags.QR | dns.opcode.to_flags(dns.opcode.UPDATE)
    response.set_rcode(dns.rcode.NOTAUTH)
    code = dns.rcode.BADKEY if unknown else dns.rcode.BADSIG
    build: Any = dns.rdtypes.ANY.TSIG.TSIG
    rdata = build(_ANY, dns.rdatatype.TSIG, dns.tsig.HMAC_SHA256, int(time.time()), 300, b"", response.id, code, b"")
    response.additional.append(dns.rrset.from_rdata(dns.name.from_text(KEY), 0, rdata))
    return response.to_wire()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, zone: DnsServer, address: str) -> None:
        self.zone = zone
        super().__init__((address, zone.port), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        while len(head := self.rfile.read(2)) == 2:
            reply = self.server.zone.reply(self.rfile.read(struct.unpack(">H", head)[0]), self.server.server_address[0])
            if reply is None:
                return
            self.wfile.write(struct.pack(">H", len(reply)) + reply)


def _free_port(addresses: tuple[str, ...]) -> int:
    for _attempt in range(50):
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.socket())
            first.bind((addresses[0], 0))
            port = int(first.getsockname()[1])
            try:
                for address in addresses[1:]:
                    stack.enter_context(socket.socket()).bind((address, port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port is free on all of {addresses}")
