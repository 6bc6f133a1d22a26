# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to name servers that run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._dns import client
from ansible_collections.chatbot.ops.plugins.module_utils._dns.look import DNS_ARGUMENTS, Request, look

from tests.support.dns_server import KEY, READ_ONLY_KEY, SECRET, DnsServer
from tests.support.modules import run_module

ZONE = "lottery.test"
OLD, NEW = "192.0.2.10", "192.0.2.20"
CONTENT = f"""$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
bot A {OLD}
www CNAME bot
both A {OLD}
both AAAA 2001:db8::10
sub NS ns.example.net.
"""


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    with DnsServer(ZONE, CONTENT, ("127.0.0.1", "127.0.0.2")) as running:
        yield running


def asked(server: DnsServer, *names: str, **more: Any) -> dict[str, Any]:
    """Return what the library makes of these parameters; the servers are found by the zone's NS records."""
    defaults = {name: option.get("default") for name, option in DNS_ARGUMENTS.items()}
    found = {"zone": ZONE, "names": list(names), "port": server.port, "resolvers": [server.place()], "timeout": "2s"}
    return look(Request.from_params({**defaults, **found, **more}))


def test_the_module_asks_every_name_server_of_the_zone(zone: DnsServer) -> None:
    given = {"zone": ZONE, "names": ["bot"], "address": OLD, "port": zone.port, "resolvers": [zone.place()]}
    result = run_module("dns_record_info", given)
    assert result["servers"] == [f"ns1.{ZONE} ({zone.place(0)})", f"ns2.{ZONE} ({zone.place(1)})"]
    assert (result["points_here"], result["settled"], result["changed"]) == (True, True, False)
    failed = run_module("dns_record_info", {**given, "address": NEW, "wait_limit": "0s"}, fails=True)
    assert failed["error_kind"] == "tool"
    assert len(failed["behind"]) == 2


def test_each_kind_of_answer_is_told_as_what_it_is(zone: DnsServer) -> None:
    names = ("bot", "www", "both", "nothing", "x.sub.lottery.test")
    found = {each["name"].split(".")[0]: each for each in asked(zone, *names)["records"]}
    assert (found["bot"]["addresses"], found["bot"]["ttl"]) == ([OLD], 300)
    assert found["www"]["cname"] == f"bot.{ZONE}"
    assert (found["both"]["addresses_v6"], found["both"]["ttl_v6"]) == (["2001:db8::10"], 300)
    assert (found["nothing"]["addresses"], found["nothing"]["problems"]) == ([], [])
    assert found["x"]["other_zone"] == f"sub.{ZONE}"


def test_a_wait_ends_when_the_last_server_has_the_change(zone: DnsServer) -> None:
    zone.hold(1)
    zone.set("bot", f"60 IN A {NEW}")
    assert not asked(zone, "bot", address=NEW)["points_here"]
    threading.Timer(0.5, zone.release, [1]).start()
    result = asked(zone, "bot", address=NEW, ttl=60, wait_limit="20s")
    assert result["settled"]
    assert result["waited_seconds"] >= 0.5


def test_a_wait_in_vain_tells_which_server_answers_what(zone: DnsServer) -> None:
    zone.hold(1)
    zone.set("bot", f"60 IN A {NEW}")
    with pytest.raises(ToolError, match="After 1 s not every name server") as caught:
        asked(zone, "bot", address=NEW, wait_limit="1s")
    assert caught.value.details["behind"] == [f"ns2.{ZONE} ({zone.place(1)}) answers {OLD} (TTL 300) for bot.{ZONE}"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("www", "is an alias", id="an alias"),
        pytest.param("sub.lottery.test", "in the zone", id="other zone"),
    ],
)
def test_what_can_never_come_is_not_waited_for(zone: DnsServer, name: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        asked(zone, name, address=NEW, wait_limit="1h")


def test_a_server_that_cannot_be_asked_is_a_problem_and_no_answer(zone: DnsServer) -> None:
    with zone.down(1):
        (record,) = asked(zone, "bot", address=OLD)["records"]
    assert record["points_here"] is False
    assert len(record["problems"]) == 1
    assert record["problems"][0].startswith(f"ns2.{ZONE}")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        (record,) = asked(zone, "bot", servers=[f"127.0.0.1:{nobody.getsockname()[1]}"])["records"]
    assert "cannot be asked: Connection refused" in record["problems"][0]


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_asked(zone: DnsServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        (record,) = asked(zone, "bot", servers=[place], timeout="0.3")["records"]
    assert record["problems"] == [f"{place} does not answer within 0.3 s"]


def test_a_server_of_another_zone_refuses(zone: DnsServer) -> None:
    (record,) = asked(zone, "bot", zone="example.org", servers=[zone.place()])["records"]
    assert record["problems"] == [f"{zone.place()} refuses to answer (REFUSED)"]


def test_a_zone_that_nobody_knows_has_no_servers(zone: DnsServer) -> None:
    with pytest.raises(ToolError, match="Failed to find the name servers of the zone"):
        asked(zone, "bot", zone="example.org")


def test_a_name_server_without_an_address_is_told(zone: DnsServer) -> None:
    zone.set("ns2")
    with pytest.raises(ToolError, match=f"ns2.{ZONE} has no address"):
        asked(zone, "bot")


def test_an_address_that_there_is_no_way_to_is_told(zone: DnsServer) -> None:
    # Nobody has a route to the prefix that is kept for documents, unless to all of the Internet: then nobody answers.
    (record,) = asked(zone, "bot", servers=["[2001:db8::53]:53"], timeout="1s")["records"]
    assert len(record["problems"]) == 1


def test_there_must_be_something_to_wait_for(zone: DnsServer) -> None:
    with pytest.raises(RefusedError, match="nothing to wait for"):
        asked(zone, "bot", wait_limit="5m")


def test_a_missing_library_is_told_with_what_to_install(zone: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_MISSING", ImportError("dns"))
    with pytest.raises(OpsError, match="pip install dnspython"):
        asked(zone, "bot")


class TestTheServerOfTheTests:
    """It does what a name server does, so that what is tested with it holds."""

    def update(self, key: str = KEY, secret: str = SECRET) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(
            ZONE,
            keyring=dns.tsigkeyring.from_text({key: secret}),
            keyname=dns.name.from_text(key),
            keyalgorithm="hmac-sha256",
        )

    def send(self, zone: DnsServer, update: dns.update.UpdateMessage) -> str:
        return dns.rcode.to_text(dns.query.tcp(update, "127.0.0.1", 5, zone.port).rcode())

    def test_prerequisites_decide(self, zone: DnsServer) -> None:
        outcomes = []
        for present, name, more in (
            (True, "bot", ["A"]),
            (True, "bot", ["A", NEW]),
            (True, "gone", []),
            (False, "bot", ["A"]),
            (False, "bot", []),
        ):
            update = self.update()
            ask: Any = update.present if present else update.absent
            ask(name, *more)
            outcomes.append(self.send(zone, update))
        assert outcomes == ["NOERROR", "NXRRSET", "NXDOMAIN", "YXRRSET", "YXDOMAIN"]

    def test_records_are_added_replaced_and_deleted(self, zone: DnsServer) -> None:
        steps = []
        changes: list[Callable[[Any], object]] = [
            lambda update: update.add("bot", 60, "A", NEW),
            lambda update: update.delete("bot", "A", OLD),
            lambda update: update.replace("bot", 30, "A", OLD),
            lambda update: update.delete("bot"),
        ]
        for change in changes:
            update = self.update()
            change(update)
            assert self.send(zone, update) == "NOERROR"
            steps.append(zone.text("bot"))
        assert steps == [f"60 IN A {OLD}\n60 IN A {NEW}", f"0 IN A {NEW}", f"30 IN A {OLD}", ""]

    def test_an_address_beside_an_alias_is_ignored(self, zone: DnsServer) -> None:
        update = self.update()
        update.add("www", 60, "A", NEW)
        assert (self.send(zone, update), zone.text("www")) == ("NOERROR", "")

    def test_who_may_not_update_is_refused(self, zone: DnsServer) -> None:
        update = self.update(READ_ONLY_KEY)
        update.delete("bot")
        assert self.send(zone, update) == "REFUSED"
        with pytest.raises(dns.tsig.PeerBadKey):
            self.send(zone, self.update("nobody"))
        with pytest.raises(dns.tsig.PeerBadSignature):
            self.send(zone, self.update(secret="d3Jvbmc="))
        assert zone.history == []
