# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, addresses and servers as people write them. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

PORT = 53
# What RFC 1035 (2.3.1, 2.3.4) allows, and what is in use besides: the underscore, and the asterisk of a wildcard.
_LABEL = re.compile(r"^(?:\*|[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)$")
_MAX_NAME = 253


@dataclass(frozen=True)
class Server:
    """A name server at one of its addresses."""

    address: str
    port: int = PORT
    name: str = ""
    """Its name, if it was found by that."""

    def __str__(self) -> str:
        place = f"[{self.address}]" if ":" in self.address else self.address
        place = self.address if self.port == PORT else f"{place}:{self.port}"
        return f"{self.name} ({place})" if self.name else place


def zone_name(zone: str) -> str:
    """Return a zone's name in small letters, without the dot at its end.

    :raises RefusedError: if it is no name.
    """
    return _checked(zone, "zone")


def full_names(names: Sequence[str], zone: str) -> list[str]:
    """Return the whole names of records, in small letters and without the dot at their ends, each once.

    :param names: relative to the zone (``bot``, ``@`` for the zone itself), or whole (``bot.example.org``).
    :param zone: as `zone_name` returns it.
    :raises RefusedError: if there is none, or one is no name, or not in the zone.
    """
    if not names:
        raise RefusedError(f"Parameter names: there is none. Name the records of {zone}, such as bot.")
    return list(dict.fromkeys(_full_name(each, zone) for each in names))


def _full_name(given: str, zone: str) -> str:
    name = str(given).strip()
    if name == "@":
        return zone
    checked = _checked(name, "names")
    if checked == zone or checked.endswith(f".{zone}"):
        return checked
    if name.endswith(".") or "." in checked:
        raise RefusedError(
            f"Parameter names: {given} is not in the zone {zone}. Write names of this zone, relative to it (bot) "
            f"or whole (bot.{zone}); what lies deeper is written whole."
        )
    return _checked(f"{checked}.{zone}", "names")


def _checked(text: str, parameter: str) -> str:
    name = str(text).strip().lower()
    bare = name.removesuffix(".")
    if not bare.isascii():
        raise RefusedError(
            f"Parameter {parameter}: {text!r} has letters that DNS does not know. Write its form for DNS (xn--...)."
        )
    if len(bare) > _MAX_NAME or not all(_LABEL.match(label) for label in bare.split(".")):
        raise RefusedError(f"Parameter {parameter}: {text!r} is no name of DNS. Write one such as bot.example.org.")
    return bare


def optional_address(parameter: str, value: str | None, version: int) -> str:
    """Return an address in its usual form, or nothing where none is given.

    :param version: of the Internet Protocol, 4 or 6.
    :raises RefusedError: if it is none of that version, or none that others could reach a server by.
    """
    if not value:
        return ""
    try:
        address = ipaddress.ip_address(str(value).strip())
    except ValueError as error:
        raise RefusedError(f"Parameter {parameter}: {value!r} is no address. Write one of IPv{version}.") from error
    if address.version != version:
        raise RefusedError(f"Parameter {parameter}: {value} is an address of IPv{address.version}, not {version}.")
    if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_link_local:
        raise RefusedError(
            f"Parameter {parameter}: nobody else reaches a server by {value}. Give the address that users reach it by."
        )
    return str(address)


def parse_server(parameter: str, value: str, port: int = PORT) -> Server:
    """Return the server at ``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1`` or ``[2001:db8::1]:5353``.

    :param port: of those that name none.
    :raises RefusedError: if it is none of these.
    """
    text = str(value).strip()
    bracketed = re.match(r"^\[(.+)\](?::(\d+))?$", text)
    plain = re.match(r"^([^:]+):(\d+)$", text)
    match = bracketed or plain
    address, number = (match.group(1), match.group(2)) if match else (text, None)
    try:
        return Server(str(ipaddress.ip_address(address)), _port(number) if number else port)
    except ValueError as error:
        raise RefusedError(
            f"Parameter {parameter}: {value!r} is no address of a name server. Write 192.0.2.1, 192.0.2.1:5353, "
            "2001:db8::1 or [2001:db8::1]:5353."
        ) from error


def _port(number: str) -> int:
    port = int(number)
    if not 0 < port < 65536:
        raise ValueError(number)
    return port
