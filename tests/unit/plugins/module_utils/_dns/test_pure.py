# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, answers and plans, without any server."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._dns.answers import (
    Answer,
    Wanted,
    behind,
    record_result,
    without_dead_ends,
)
from ansible_collections.chatbot.ops.plugins.module_utils._dns.names import (
    Server,
    full_names,
    optional_address,
    parse_server,
    zone_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._dns.plan import plan

ZONE = "example.org"
OLD, NEW = "192.0.2.10", "192.0.2.20"
ONE, TWO = Server("192.0.2.53", name="ns1.example.net"), Server("198.51.100.53", name="ns2.example.net")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("bot", "bot.example.org"),
        ("Bot", "bot.example.org"),
        ("@", "example.org"),
        ("example.org", "example.org"),
        ("api.bot.example.org.", "api.bot.example.org"),
        ("*.example.org", "*.example.org"),
        ("_acme", "_acme.example.org"),
    ],
)
def test_names_are_made_whole(given: str, name: str) -> None:
    assert full_names([given, given], zone_name("Example.ORG.")) == [name]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param("bot.example.net", "not in the zone", id="another zone"),
        pytest.param("bot.", "not in the zone", id="a top-level domain"),
        pytest.param("notexample.org", "not in the zone", id="a zone that ends alike"),
        pytest.param("bot..example.org", "no name of DNS", id="an empty label"),
        pytest.param("bo t", "no name of DNS", id="a space"),
        pytest.param("a" * 64, "no name of DNS", id="a label that is too long"),
        pytest.param(".".join(["a" * 60] * 4) + ".example.org", "no name of DNS", id="a name that is too long"),
        pytest.param("lotería", "xn--", id="a letter that DNS does not know"),
        pytest.param("", "no name of DNS", id="nothing"),
    ],
)
def test_names_of_no_use_are_refused(given: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        full_names([given], ZONE)


def test_at_least_one_name_is_wanted() -> None:
    with pytest.raises(RefusedError, match="there is none"):
        full_names([], ZONE)


@pytest.mark.parametrize(
    ("given", "version", "expected"),
    [(NEW, 4, NEW), ("2001:DB8:0::20", 6, "2001:db8::20"), ("", 4, ""), (None, 6, "")],
)
def test_addresses_take_their_usual_form(given: str | None, version: int, expected: str) -> None:
    assert optional_address("address", given, version) == expected


@pytest.mark.parametrize(
    ("given", "version", "words"),
    [
        ("bot", 4, "is no address"),
        ("192.0.2.256", 4, "is no address"),
        (NEW, 6, "an address of IPv4, not 6"),
        ("2001:db8::1", 4, "an address of IPv6, not 4"),
        ("127.0.0.1", 4, "nobody else reaches"),
        ("0.0.0.0", 4, "nobody else reaches"),
        ("fe80::1", 6, "nobody else reaches"),
        ("224.0.0.1", 4, "nobody else reaches"),
    ],
)
def test_addresses_that_lead_nowhere_are_refused(given: str, version: int, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        optional_address("address", given, version)


@pytest.mark.parametrize(
    ("given", "server", "text"),
    [
        ("192.0.2.53", Server("192.0.2.53", 5300), "192.0.2.53:5300"),
        ("192.0.2.53:53", Server("192.0.2.53"), "192.0.2.53"),
        ("2001:db8::53", Server("2001:db8::53", 5300), "[2001:db8::53]:5300"),
        ("[2001:db8::53]:5353", Server("2001:db8::53", 5353), "[2001:db8::53]:5353"),
        ("[2001:db8::53]", Server("2001:db8::53", 5300), "[2001:db8::53]:5300"),
    ],
)
def test_servers_are_read_and_written(given: str, server: Server, text: str) -> None:
    assert (parse_server("servers", given, 5300), str(server)) == (server, text)
    assert str(Server(server.address, server.port, "ns1")) == f"ns1 ({text})"


@pytest.mark.parametrize("given", ["ns1.example.net", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2.53:x", ""])
def test_what_is_no_address_of_a_server_is_refused(given: str) -> None:
    with pytest.raises(RefusedError, match="no address of a name server"):
        parse_server("servers", given)


@pytest.mark.parametrize(
    ("answer", "points", "met"),
    [
        pytest.param(Answer((NEW,), ttl=60), True, True, id="as wanted"),
        pytest.param(Answer((NEW,), ttl=300), True, False, id="another time to live"),
        pytest.param(Answer((OLD,), ttl=60), False, False, id="another address"),
        pytest.param(Answer((OLD, NEW), ttl=60), False, False, id="one more address"),
        pytest.param(Answer((NEW,), ("2001:db8::1",), 60, 60), False, False, id="an address of IPv6 besides"),
        pytest.param(Answer(), False, False, id="none"),
        pytest.param(Answer(cname="bot.example.net"), False, False, id="an alias"),
        pytest.param(Answer(problem="does not answer"), False, False, id="a problem"),
    ],
)
def test_an_answer_is_what_is_wanted_or_not(answer: Answer, points: bool, met: bool) -> None:
    wanted = Wanted(NEW, ttl=60)
    assert (wanted.points_here(answer), wanted.is_met(answer)) == (points, met)


def test_a_wanted_time_to_live_alone_leaves_the_addresses_open() -> None:
    assert Wanted(ttl=60).is_met(Answer((OLD,), ("2001:db8::1",), 60, 60))
    assert not Wanted(ttl=60).is_met(Answer((OLD,), ("2001:db8::1",), 60, 61))
    assert not Wanted(ttl=60).is_met(Answer())


def test_what_is_told_of_a_server_that_is_behind() -> None:
    found = {
        "bot.example.org": {
            ONE: Answer((NEW,), ttl=60),
            TWO: Answer((OLD,), ("2001:db8::1",), 300, 60),
        },
        "api.example.org": {ONE: Answer(), TWO: Answer(problem="does not answer within 5 s")},
        "www.example.org": {ONE: Answer(cname="bot.example.org"), TWO: Answer((NEW,), ttl=60)},
    }
    assert behind(found, Wanted(NEW)) == [
        f"{TWO} answers {OLD} (TTL 300) and 2001:db8::1 (TTL 60) for bot.example.org",
        f"{ONE} answers that it has no address for api.example.org",
        f"{TWO} does not answer within 5 s for api.example.org",
        f"{ONE} answers that it is an alias (CNAME) of bot.example.org for www.example.org",
    ]


def test_a_record_s_result_holds_the_longest_time_to_live_and_every_address() -> None:
    answers = {ONE: Answer((NEW,), ttl=60), TWO: Answer((OLD,), ttl=300)}
    result = record_result("bot.example.org", answers, Wanted(NEW))
    assert (result["addresses"], result["ttl"], result["ttl_v6"]) == ([OLD, NEW], 300, None)
    assert (result["points_here"], result["settled"]) == (False, False)
    assert record_result("bot.example.org", answers, Wanted())["points_here"] is None


def test_an_address_without_a_way_is_left_out_if_the_server_answers_at_another_one() -> None:
    six = Server("2001:db8::53", name=ONE.name)
    lonely = Server("2001:db8::54", name="ns3.example.net")
    nothing = Answer(problem="no way")
    answers = {ONE: Answer((OLD,), ttl=60), six: nothing, lonely: nothing}
    assert without_dead_ends(answers, [six, lonely]) == {ONE: answers[ONE], lonely: nothing}


def record(name: str = "bot.example.org", *answers: Answer) -> dict[str, Any]:
    servers = dict(zip((ONE, TWO), answers or (Answer((OLD,), ttl=300),), strict=False))
    return record_result(name, servers, Wanted())


def switch(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return plan({"purpose": "switch", "records": records, "address": NEW, "address_v6": "", "ttl": 60, **more})


def test_a_switch_changes_what_differs_on_any_server() -> None:
    planned = switch(record(), record("api.example.org", Answer((NEW,), ttl=60), Answer((OLD,), ttl=900)))
    assert [(each["name"], each["type"], each["addresses"], each["ttl"]) for each in planned["changes"]] == [
        ("bot.example.org", "A", [NEW], 60),
        ("api.example.org", "A", [NEW], 60),
    ]
    assert planned["words"][1] == f"api.example.org A: {NEW} (TTL 60) or {OLD} (TTL 900) -> {NEW} (TTL 60)"
    assert (planned["cached_seconds"], planned["proxied"]) == (900, [])
    assert planned["wait_for"] == ["bot.example.org", "api.example.org"]


def test_a_switch_that_is_done_changes_nothing_whatever_the_time_to_live_is() -> None:
    planned = switch(record("bot.example.org", Answer((NEW,), ttl=300)))
    assert (planned["changes"], planned["words"], planned["cached_seconds"]) == ([], [], 0)


def test_a_name_that_is_not_there_is_made() -> None:
    planned = switch(record("new.example.org", Answer()), address_v6="2001:db8::20")
    assert planned["words"] == [
        f"new.example.org A: nothing -> {NEW} (TTL 60)",
        "new.example.org AAAA: nothing -> 2001:db8::20 (TTL 60)",
    ]
    assert planned["cached_seconds"] == 0


def test_a_server_that_does_not_answer_keeps_nobody_from_switching() -> None:
    dead = Answer(problem="does not answer within 5 s")
    assert len(switch(record("bot.example.org", Answer((OLD,), ttl=300), dead))["changes"]) == 1


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        pytest.param([Answer(cname="bot.example.net")], "is an alias", id="an alias"),
        pytest.param(
            [Answer(problem="…", other_zone="sub.example.org")], "in the zone sub.example.org", id="other zone"
        ),
        pytest.param([Answer(problem="refuses to answer (REFUSED)")], "Nobody knows where", id="nobody answers"),
        pytest.param([Answer((OLD,), ("2001:db8::1",), 60, 60)], "Set dns_address_v6", id="IPv6 is left behind"),
    ],
)
def test_what_cannot_be_switched_is_refused(answers: list[Answer], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        switch(record("bot.example.org", *answers))


def other_ttl(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return plan({"purpose": "ttl", "records": records, "ttl": 60, **more})


def test_another_time_to_live_keeps_the_addresses() -> None:
    two = Answer((NEW, OLD), ("2001:db8::1",), 300, 60)
    (change,) = other_ttl(record("bot.example.org", two))["changes"]
    assert (change["type"], change["addresses"], change["ttl"]) == ("A", [NEW, OLD], 60)
    assert other_ttl(record("bot.example.org", Answer((OLD,), ttl=60)))["changes"] == []


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        pytest.param([Answer((OLD,), ttl=300), Answer((NEW,), ttl=300)], "do not agree", id="a change is on its way"),
        pytest.param([Answer()], "has no address", id="no address"),
    ],
)
def test_a_time_to_live_that_has_no_meaning_is_refused(answers: list[Answer], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        other_ttl(record("bot.example.org", *answers))


def held(kind: str, content: str, **more: Any) -> dict[str, Any]:
    return {"name": "bot.example.org", "type": kind, "content": content, "ttl": 300, "proxied": False, **more}


def test_what_the_provider_holds_counts_more_than_what_its_proxy_answers() -> None:
    there = [held("A", OLD, proxied=True, ttl=1, comment="x", tags=["a:b"])]
    planned = switch(record("bot.example.org", Answer(("203.0.113.1",), ttl=300)), provider_records=there)
    (change,) = planned["changes"]
    assert change["keep"] == {"proxied": True, "comment": "x", "tags": ["a:b"]}
    assert (change["ttl"], planned["cached_seconds"]) == (1, 0)
    assert (planned["proxied"], planned["wait_for"]) == (["bot.example.org"], [])
    assert other_ttl(record(), provider_records=there)["changes"] == []


def test_a_new_address_of_a_proxied_name_is_proxied_too() -> None:
    there = [held("TXT", "x", comment="of the text"), held("A", NEW, proxied=True, ttl=1)]
    (change,) = switch(record(), provider_records=there, address_v6="2001:db8::20")["changes"]
    assert (change["type"], change["keep"]) == ("AAAA", {"proxied": True, "comment": "", "tags": []})


def test_an_automatic_time_to_live_stands_for_five_minutes() -> None:
    assert switch(record(), provider_records=[held("A", OLD, ttl=1)])["cached_seconds"] == 300


def test_an_alias_that_the_provider_holds_is_refused() -> None:
    with pytest.raises(RefusedError, match=r"an alias \(CNAME\) of example\.net"):
        switch(record(), provider_records=[held("CNAME", "example.net")])
