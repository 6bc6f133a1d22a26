# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack's name moves to another server, by updates that the bed's name server (Knot) takes or refuses."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed.bed import Bed
from tests.bed.services import resolve
from tests.bed.site import ADDRESSES, BOT, ZONE
from tests.e2e.player import Play, Player

_THERE, _HERE = ADDRESSES["replacement"], ADDRESSES["production"]


class _Mover:
    def __init__(self, bed: Bed, player: Player) -> None:
        self.site, self.player = bed.site, player

    def play(self, address: str, *, check: bool = False, **variables: Any) -> Play:
        given = {"dns_address": address, "dns_key_secret": self.site.secrets["tsig_secret"], **variables}
        return self.player.play("point_dns", check=check, **given)

    def must(self, address: str, *, check: bool = False, **variables: Any) -> Play:
        done = self.play(address, check=check, **variables)
        assert done.succeeded, done.output
        return done

    @property
    def found(self) -> str | None:
        """Where the name points, as the name server says."""
        return resolve(self.site, BOT)


@pytest.fixture
def mover(bed: Bed, bare_player: Player) -> Iterator[_Mover]:
    mover = _Mover(bed, bare_player)
    mover.must(_HERE)
    yield mover
    mover.must(_HERE)


def test_the_name_moves_once_and_back(mover: _Mover) -> None:
    checked = mover.must(_THERE, check=True)
    assert f"{BOT} A: {_HERE} (TTL 60) -> {_THERE} (TTL 60)" in checked.output
    assert (checked.changed, mover.found) == (1, _HERE)
    moved = mover.must(_THERE, dns_ttl=120)
    assert moved.changed == 2, "the address with the short time to live, then the usual one"
    assert [each["settled"] for each in moved.results["dns_record_info"]] == [False, True, True, True]
    assert mover.found == _THERE
    assert mover.must(_THERE, dns_ttl=120).changed == 0


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        # Knot 3.4 answers it without a signature, which its library takes for no answer at all.
        pytest.param({"dns_key_name": "nobody"}, "TSIG", id="a key that the server does not know"),
        pytest.param(
            {"dns_key_secret": base64.b64encode(b"not the secret").decode()}, "PeerBadSignature", id="another secret"
        ),
        pytest.param({"dns_nameserver_port": 1}, "DNS server error", id="a server that is not there"),
    ],
)
def test_a_refused_update_leaves_the_name_where_it_was(mover: _Mover, refusal: dict[str, Any], reason: str) -> None:
    refused = mover.play(_THERE, **refusal)
    assert not refused.succeeded
    assert reason in refused.output
    assert "dns_key_name, dns_key_secret and dns_key_algorithm" in " ".join(refused.output.split())
    assert mover.found == _HERE


def test_the_zone_s_own_server_is_found_and_asked_in_vain(mover: _Mover) -> None:
    """The bed's zone is not delegated to it, so nobody finds its name server; nothing is changed then."""
    lost = mover.play(_THERE, dns_authoritative=[])
    assert not lost.succeeded
    assert f"Failed to find the name servers of the zone {ZONE}" in " ".join(lost.output.split())
    assert mover.found == _HERE
