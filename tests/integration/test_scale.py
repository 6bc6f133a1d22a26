# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten and sixteen simulated hosts: what they ask of the store and the controller; ``make scale`` measures a thousand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scale.fleet import Api, Fleet
from tests.scale.measure import Run, play
from tests.scale.servers import Servers
from tests.scale.store import Store

_FORKS = 8
_THROTTLE = 3
#: What the controller's processes may take together (MiB): some 25 each, and what the hosts' facts add.
_MEMORY = 400.0
_SUMMARY = {"ANSIBLE_CALLBACKS_ENABLED": "chatbot.ops.fleet_summary"}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store() as running:
        yield running


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with Api() as running:
        yield running


def _failed(run: Run) -> list[str]:
    return [name for name, (_ok, _changed, gone, bad) in run.recap.items() if gone or bad]


def test_six_hosts_back_up_as_many_at_once_as_the_store_is_to_see(
    tmp_path: Path, servers: Servers, store: Store, api: Api
) -> None:
    """One of them has lost its data: the others have their backups, and the end of the run names it."""
    fleet = Fleet(tmp_path / "fleet", 6, servers, store, api)
    ill = fleet.names[4]
    shutil.rmtree(fleet.n8n(ill))
    store.begin()
    throttle = json.dumps({"backup_throttle": _THROTTLE})
    run = play(fleet, "backup_stack", _FORKS, f"--extra-vars={throttle}", environment=_SUMMARY)
    assert run.exit_status == 2, run.output
    assert _failed(run) == [ill]
    held = {key.split("/")[0] for key in store.held() if key.endswith("/manifest.json") and "/n8n/" in key}
    assert held == set(fleet.names) - {ill}
    assert 1 < store.load.most_hosts <= _THROTTLE
    well = {name: store.load.by_host[name] for name in fleet.names if name != ill}
    assert max(well.values()) - min(well.values()) <= 4, well  # the same for each, whatever the others do
    told = run.output.partition("FLEET: ")[2]
    assert told.startswith("5 of 6 hosts are well; these are not:\n")
    assert f"  {ill}: failed" in told
    assert run.output.count("FLEET: ") == 1


def test_eight_hosts_are_looked_at_in_waves_and_shown_on_one_page(
    tmp_path: Path, servers: Servers, store: Store, api: Api
) -> None:
    """All have no backups yet, which is critical: no wave of it ends the run, and the page is written all the same."""
    fleet = Fleet(tmp_path / "fleet", 8, servers, store, api, called="shop")
    store.begin()
    run = play(fleet, "health_check", _FORKS, "--extra-vars=wave=4", environment=_SUMMARY)
    assert run.exit_status == 2, run.output
    assert _failed(run) == fleet.names
    assert "FLEET: 0 of 8 hosts are well" in run.output
    assert run.output.count("TASK [chatbot.ops.health : Write the page of all stacks]") == 1
    shown = json.loads((fleet.reports / "fleet.json").read_text("utf-8"))
    assert sorted(each["stack"] for each in shown["stacks"]) == fleet.names
    assert {each["status"] for each in shown["stacks"]} == {"critical"}
    assert (fleet.reports / "fleet.html").stat().st_size < 200_000
    assert store.load.most_hosts <= _FORKS
    assert set(store.load.by_host) == set(fleet.names)
    assert max(store.load.by_host.values()) <= 6  # a listing for each, and no more with more hosts
    assert run.together < _MEMORY, run
