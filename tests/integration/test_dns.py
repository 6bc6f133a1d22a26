# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook point_dns with every provider: signed updates, Route 53 (moto), Cloudflare and Hetzner (stand-ins).

The server whose names move is lost in all of them: nothing is asked of it.
"""

from __future__ import annotations

import pathlib
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import hcloud
import pytest
from hcloud.zones import ZoneRecord
from moto.server import ThreadedMotoServer

from tests.support.dns_clouds import PROXY_ADDRESS, TOKEN, Cloudflare, CloudProxy, Hetzner
from tests.support.dns_play import DnsPlayer
from tests.support.dns_server import KEY, READ_ONLY_KEY, SECRET, DnsServer

pytestmark = pytest.mark.thorough

ZONE = "lottery.test"
OLD, NEW = "192.0.2.10", "192.0.2.20"
CONTENT = f"""$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
@ NS ns2
ns1 A 127.0.0.1
ns2 A 127.0.0.2
bot A {OLD}
api A {OLD}
www CNAME bot
both A {OLD}
both AAAA 2001:db8::10
"""


@pytest.fixture
def zone() -> Iterator[DnsServer]:
    with DnsServer(ZONE, CONTENT, ("127.0.0.1", "127.0.0.2")) as running:
        yield running


def settings(zone: DnsServer, provider: str, **more: Any) -> dict[str, Any]:
    places = [zone.place(0), zone.place(1)]
    return {"provider": provider, "zone": ZONE, "records": ["bot"], "authoritative": places, **more}


class TestSignedUpdates:
    @pytest.fixture
    def player(self, zone: DnsServer, tmp_path: pathlib.Path) -> DnsPlayer:
        updates = {"server": "127.0.0.1", "port": zone.port, "key_name": KEY}
        return DnsPlayer(
            tmp_path,
            settings(zone, "rfc2136", records=["bot", f"api.{ZONE}."], **updates),
            {"dns_key_secret": SECRET},
        )

    def test_the_names_move_with_a_short_time_to_live_and_get_the_usual_one_back(
        self, player: DnsPlayer, zone: DnsServer
    ) -> None:
        checked = player.must("--check", "--diff", dns_address=NEW)
        assert f"bot.{ZONE} A: {OLD} (TTL 300) -> {NEW} (TTL 60)" in checked.text
        assert (checked.changed, zone.history) == (1, [])
        moved = player.must("-vvv", dns_address=NEW)
        assert "Others may keep the old answers for up to 300 s" in moved.text
        assert SECRET not in moved.output
        assert [zone.text(name) for name in ("bot", "api")] == [f"300 IN A {NEW}"] * 2
        assert any(f"bot.{ZONE}. 60 IN A {NEW}" in each for each in zone.history)
        steps = len(zone.history)
        assert player.must(dns_address=NEW).changed == 0
        assert len(zone.history) == steps == 4

    @pytest.mark.parametrize(
        ("key", "secret", "reason"),
        [
            pytest.param("nobody", SECRET, "PeerBadKey", id="a key that the server does not know"),
            pytest.param(KEY, "d3Jvbmc=", "PeerBadSignature", id="a secret that is not the key's"),
            pytest.param(READ_ONLY_KEY, SECRET, "REFUSED", id="a key without the right"),
        ],
    )
    def test_a_refused_update_leaves_the_old_records(
        self, player: DnsPlayer, zone: DnsServer, key: str, secret: str, reason: str
    ) -> None:
        refused = player.refused(reason, dns_address=NEW, dns_key_name=key, dns_key_secret=secret)
        assert "Check dns_key_name, dns_key_secret and dns_key_algorithm" in refused.text
        assert zone.history == []
        assert zone.text("bot") == f"300 IN A {OLD}"

    def test_a_name_server_that_is_behind_is_named_and_a_second_run_finishes(
        self, player: DnsPlayer, zone: DnsServer
    ) -> None:
        zone.hold(1)
        late = player.refused("not every name server", dns_address=NEW, dns_wait_limit="2s")
        assert f"{zone.place(1)} answers {OLD} (TTL 300) for bot.{ZONE}" in late.text
        assert f"{zone.place(0)} answers" not in late.text
        assert zone.text("bot") == f"60 IN A {NEW}"
        zone.release(1)
        assert player.must(dns_address=NEW).changed == 1
        assert zone.text("bot") == f"300 IN A {NEW}"

    def test_the_time_to_live_is_lowered_before_a_move_and_raised_after_it(
        self, player: DnsPlayer, zone: DnsServer
    ) -> None:
        lowered = player.must("--tags", "lower_ttl")
        assert "for up to 300 s: move the names after" in lowered.text
        assert zone.text("bot") == f"60 IN A {OLD}"
        assert player.must("--tags", "lower_ttl").changed == 0
        assert player.must(dns_address=NEW, dns_restore_ttl=False).changed == 1
        assert zone.text("bot") == f"60 IN A {NEW}"
        assert player.must("--tags", "restore_ttl").changed == 1
        assert zone.text("bot") == f"300 IN A {NEW}"

    @pytest.mark.parametrize(
        ("variables", "reason"),
        [
            pytest.param({"dns_records": ["www"]}, f"www.{ZONE} is an alias (CNAME) of bot.{ZONE}", id="an alias"),
            pytest.param({"dns_records": ["both"]}, "Set dns_address_v6 to the new server's", id="IPv6 left behind"),
            pytest.param({"dns_address": "bot"}, "is no address", id="no address"),
            pytest.param({"dns_address": ""}, "Set dns_address to the IPv4 address", id="no address given"),
            pytest.param({"dns_key_secret": ""}, "and dns_key_secret", id="no secret"),
            pytest.param({"dns_key_algorithm": "hmac-md5"}, "Others are broken", id="a broken algorithm"),
            pytest.param({"dns_provider": "bind"}, "Set dns_provider", id="an unknown provider"),
            pytest.param({"dns_ttl": 30}, "Set dns_switch_ttl to 30", id="a time to live below the short one"),
        ],
    )
    def test_bad_input_is_refused_before_anything_is_changed(
        self, player: DnsPlayer, zone: DnsServer, variables: dict[str, Any], reason: str
    ) -> None:
        player.refused(reason, **{"dns_address": NEW, **variables})
        assert zone.history == []


class TestCloudflare:
    @pytest.fixture
    def cloudflare(self, zone: DnsServer) -> Cloudflare:
        cloud = Cloudflare(zone)
        zone.set("bot")
        cloud.add("bot", "A", OLD, comment="the lottery's", tags=["team:bots"])
        zone.history.clear()
        return cloud

    @pytest.fixture
    def player(self, cloudflare: Cloudflare, tmp_path: pathlib.Path) -> Iterator[DnsPlayer]:
        with CloudProxy(tmp_path, cloudflare) as proxy:
            given = settings(cloudflare.zone, "cloudflare")
            yield DnsPlayer(tmp_path, given, {"dns_api_token": TOKEN}, proxy.environment())

    def test_a_name_moves_without_ever_being_gone(self, player: DnsPlayer, cloudflare: Cloudflare) -> None:
        assert player.must("--check", dns_address=NEW).changed == 2
        assert not [each for each in cloudflare.calls if not each.startswith("GET ")]
        moved = player.must("-vvv", dns_address=NEW)
        assert TOKEN not in moved.output
        (record,) = cloudflare.records.values()
        kept = {"comment": "the lottery's", "tags": ["team:bots"], "proxied": False}
        assert record.items() >= {"content": NEW, "ttl": 300, **kept}.items()
        assert all(f"bot.{ZONE}. " in each for each in cloudflare.zone.history)
        assert player.must(dns_address=NEW).changed == 0

    def test_a_proxied_name_stays_proxied(self, player: DnsPlayer, cloudflare: Cloudflare) -> None:
        cloudflare.records.clear()
        cloudflare.add("bot", "A", OLD, proxied=True)
        assert cloudflare.zone.text("bot") == f"300 IN A {PROXY_ADDRESS}"
        moved = player.must(dns_address=NEW)
        assert f"{OLD} (proxied) -> {NEW} (proxied)" in moved.text
        (record,) = cloudflare.records.values()
        assert record.items() >= {"content": NEW, "ttl": 1, "proxied": True}.items()
        assert player.must(dns_address=NEW).changed == 0

    def test_what_cloudflare_refuses_leaves_the_old_record(self, player: DnsPlayer, cloudflare: Cloudflare) -> None:
        refused = player.refused("Invalid access token", dns_address=NEW, dns_api_token="wrong-token-0123456789")
        assert "Zone:Read and DNS:Edit" in refused.text
        assert "wrong-token-0123456789" not in refused.output
        cloudflare.refuses_writes = True
        player.refused("Authentication error", dns_address=NEW)
        assert [each["content"] for each in cloudflare.records.values()] == [OLD]
        cloudflare.records.clear()
        cloudflare.add("bot", "CNAME", "example.net")
        player.refused(f"bot.{ZONE} is an alias (CNAME) of example.net", dns_address=NEW)


class TestHetzner:
    @pytest.fixture
    def hetzner(self, zone: DnsServer) -> Hetzner:
        cloud = Hetzner(zone)
        cloud.add("bot", "A", OLD)
        return cloud

    @pytest.fixture
    def player(self, hetzner: Hetzner, tmp_path: pathlib.Path) -> Iterator[DnsPlayer]:
        with CloudProxy(tmp_path, hetzner) as proxy:
            given = settings(hetzner.zone, "hetzner")
            yield DnsPlayer(tmp_path, given, {"dns_api_token": TOKEN}, proxy.environment())

    def test_a_name_moves(self, player: DnsPlayer, hetzner: Hetzner) -> None:
        assert player.must("--check", dns_address=NEW).changed == 1
        assert [each for each in hetzner.calls if each.startswith("POST ")] == []
        moved = player.must("-vvv", dns_address=NEW, dns_address_v6="2001:db8::20")
        assert TOKEN not in moved.output
        assert {kind: (each["ttl"], each["records"][0]["value"]) for (_name, kind), each in hetzner.sets.items()} == {
            "A": (300, NEW),
            "AAAA": (300, "2001:db8::20"),
        }
        assert player.must(dns_address=NEW, dns_address_v6="2001:db8::20").changed == 0

    def test_what_hetzner_refuses_leaves_the_old_record(self, player: DnsPlayer, hetzner: Hetzner) -> None:
        player.refused("Cannot authenticate", dns_address=NEW, dns_api_token="wrong")
        hetzner.protected.add("bot")
        refused = player.refused("rrset is protected", dns_address=NEW)
        assert "Hetzner's Cloud Console" in refused.text
        assert hetzner.sets["bot", "A"]["records"][0]["value"] == OLD
        hetzner.protected.clear()
        player.must(dns_address=NEW)
        assert hetzner.zone.text("bot") == f"300 IN A {NEW}"


def test_hetzner_s_own_client_understands_the_stand_in(
    zone: DnsServer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = Hetzner(zone)
    cloud.add("bot", "A", OLD)
    with CloudProxy(tmp_path, cloud) as proxy:
        for name, value in proxy.environment().items():
            monkeypatch.setenv(name, value)
        client = hcloud.Client(token=TOKEN)
        found = client.zones.get(ZONE).get_rrset("bot", "A")
        found.change_rrset_ttl(60).wait_until_finished()
        found.set_rrset_records([ZoneRecord(value=NEW)]).wait_until_finished()
        with pytest.raises(hcloud.APIException, match="unable to authenticate"):
            hcloud.Client(token="wrong").zones.get(ZONE)
    assert zone.text("bot") == f"60 IN A {NEW}"


class TestRoute53:
    @pytest.fixture
    def moto(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "127.0.0.1")
        server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()

    @pytest.fixture
    def route53(self, moto: str, zone: DnsServer) -> Any:
        client = boto3.client(
            "route53", endpoint_url=moto, aws_access_key_id="a", aws_secret_access_key="s", region_name="us-east-1"
        )
        identifier = client.create_hosted_zone(Name=ZONE, CallerReference="1")["HostedZone"]["Id"]
        values = {"TTL": 300, "ResourceRecords": [{"Value": OLD}]}
        change(client, identifier, Name=f"bot.{ZONE}.", Type="A", **values)

        def refresh() -> None:
            for each in sets(client):
                lines = [f"{each['TTL']} IN A {one['Value']}" for one in each.get("ResourceRecords", [])]
                zone.set(each["Name"], *(lines or [f"60 IN A {PROXY_ADDRESS}"]))

        zone.refresh = refresh
        return client

    @pytest.fixture
    def player(self, moto: str, zone: DnsServer, tmp_path: pathlib.Path) -> DnsPlayer:
        secrets = {"dns_aws_access_key": "access-key-of-the-tests", "dns_aws_secret_key": "secret-key-of-the-tests"}
        return DnsPlayer(tmp_path, settings(zone, "route53", aws_endpoint_url=moto), secrets)

    def test_a_name_moves(self, player: DnsPlayer, route53: Any) -> None:
        assert player.must("--check", dns_address=NEW).changed == 1
        assert [each["ResourceRecords"] for each in sets(route53)] == [[{"Value": OLD}]]
        moved = player.must("-vvv", dns_address=NEW)
        assert "secret-key-of-the-tests" not in moved.output
        assert [(each["TTL"], each["ResourceRecords"]) for each in sets(route53)] == [(300, [{"Value": NEW}])]
        assert player.must(dns_address=NEW).changed == 0

    def test_what_route_53_refuses_leaves_the_old_record(self, player: DnsPlayer, route53: Any, moto: str) -> None:
        limit(moto, "0")
        try:
            refused = player.refused("Failed to ask Route 53 for the records", dns_address=NEW)
        finally:
            limit(moto, "inf")
        assert "Check the credentials" in refused.text
        assert [each["ResourceRecords"] for each in sets(route53)] == [[{"Value": OLD}]]

    def test_an_alias_of_route_53_is_refused(self, player: DnsPlayer, route53: Any) -> None:
        identifier = route53.list_hosted_zones()["HostedZones"][0]["Id"]
        target = {"HostedZoneId": "Z1", "DNSName": "balancer.example.net.", "EvaluateTargetHealth": False}
        change(route53, identifier, Name=f"bot.{ZONE}.", Type="A", AliasTarget=target)
        player.refused(f"bot.{ZONE}. is an alias of Route 53 (of balancer.example.net.)", dns_address=NEW)
        assert sets(route53)[0]["AliasTarget"]["DNSName"] == "balancer.example.net."


def change(client: Any, identifier: str, **record: Any) -> None:
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=identifier, ChangeBatch=batch)


def sets(client: Any) -> list[dict[str, Any]]:
    identifier = client.list_hosted_zones()["HostedZones"][0]["Id"]
    found: list[dict[str, Any]] = client.list_resource_record_sets(HostedZoneId=identifier)["ResourceRecordSets"]
    return [each for each in found if each["Type"] == "A"]


def limit(moto: str, count: str) -> None:
    """Let moto check credentials after that many requests."""
    plain = {"Content-Type": "text/plain"}
    request = urllib.request.Request(f"{moto}/moto-api/reset-auth", count.encode(), plain, method="POST")
    urllib.request.urlopen(request, timeout=10).close()
