# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are updated under load, first on a copy if that is asked for; a run that was cut off is gone on with."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Load, port_by_name
from tests.bed.site import PROJECT
from tests.e2e.moving import BREAKS_N8N, NEVER_WELL, ONE_API, STATE, TWO_APIS, Asking, Moving, failed, said, tell

# `make e2e` has the scenario rollback_stack, which has updated on its way.
pytestmark = pytest.mark.thorough


def test_a_good_update_under_load(moving: Moving, bed: Bed) -> None:
    """Nothing acknowledged is lost, and the API is missed for its container's own restart at most."""
    with Asking(bed) as plain:
        stack.compose(moving.server, "up", "--detach", "--wait", "--no-deps", "--force-recreate", "api", timeout=90)
    before = moving.running()
    wanted = moving.push("api")
    with Asking(bed) as asking, Load(port_by_name(bed.site), bed.site.authority, rate=5) as load:
        done = moving.update()
    assert done.succeeded, done.output[-6000:]
    assert moving.running() == {**before, "api": wanted}
    account = tell(load, moving)
    assert account.acknowledged > 20
    print(f"the API was missing for {asking.missing:.1f} s; its container made anew by hand, {plain.missing:.1f} s")
    assert min(plain.asked, asking.asked) > 10
    # Some seconds for what else the machine does: an update that stops more than the API takes far longer.
    assert asking.missing <= plain.missing + 8
    again = moving.update()
    assert again.succeeded, again.output[-4000:]
    assert again.changed == 0
    assert "There is nothing to do" in said(again)
    state = moving.state()
    assert state["attempt"] is None
    assert state["previous"]["services"]["api"]["image_id"] == before["api"]
    assert moving.id_of(state["previous"]["services"]["api"]["tag"]) == before["api"]


def test_back_by_hand_and_forth_again(moving: Moving) -> None:
    state = moving.state()
    refused = moving.roll_back(stack_update_confirm="")
    failed(refused, "To go on, add -e stack_update_confirm")
    done = moving.roll_back()
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["api"] == state["previous"]["services"]["api"]["image_id"]
    again = moving.roll_back()
    assert again.succeeded, again.output[-4000:]
    assert moving.running()["api"] == state["current"]["services"]["api"]["image_id"]
    assert stack.obstacle(moving.server) is None


def test_old_images_go_when_the_new_ones_have_served_for_their_days(moving: Moving) -> None:
    # Of the bed's own image there are other names; of one that came by an update, and gave way to another, only ours.
    for _number in range(2):
        moving.push("api")
        moved = moving.update(stack_update_services=["api"], stack_update_soak="1s", stack_update_sources=["config"])
        assert moved.succeeded, moved.output[-4000:]
    state = moving.state()
    old = state["previous"]["services"]["api"]
    assert moving.id_of(old["tag"]) == old["image_id"]
    state["current"]["since"] = f"{datetime.now(UTC) - timedelta(days=15):%Y-%m-%dT%H:%M:%SZ}"
    moving.server.ssh("tee", STATE, stdin=json.dumps(state).encode())
    done = moving.update()
    assert done.succeeded, done.output[-4000:]
    assert moving.id_of(old["image_id"]) == ""
    failed(moving.roll_back(), "its old images were removed since", "Nothing was touched")


def test_two_replicas_behind_nginx_answer_all_the_time(moving: Moving, bed: Bed) -> None:
    moving.lay_over(TWO_APIS)
    stack.up(moving.server)
    try:
        wanted = moving.push("api")
        with Asking(bed) as asking, Load(port_by_name(bed.site), bed.site.authority, rate=5) as load:
            done = moving.update()
        assert done.succeeded, done.output[-4000:]
        assert moving.running()["api"] == wanted
        tell(load, moving)
        print(f"asked {asking.asked} times, slowest {asking.slowest:.1f} s, missing for {asking.missing:.1f} s at most")
        assert asking.asked > 200
        assert asking.failures == []
    finally:
        moving.lay_over(ONE_API)
        stack.up(moving.server)


@pytest.mark.parametrize("is_later", [False, True], ids=["at once", "days later"])
def test_a_connection_that_is_lost_while_services_are_brought_up(moving: Moving, *, is_later: bool) -> None:
    """Gone on with days later, it takes another set first, as no data was changed."""
    wanted = {"api": moving.push("api"), "n8n": moving.push("n8n")}
    started = moving.start()
    script = f'until grep -q \'"phase": "up"\' {STATE}; do sleep 0.1; done; sleep 2'
    moving.server.shell(f"timeout 240 sh -c {shlex.quote(script)}", timeout=250)
    started.kill()
    attempt = moving.state()["attempt"]
    assert attempt["phase"] == "up"
    if is_later:
        moving.server.shell(f"""sed -i 's/"taken": "[^"]*"/"taken": "2026-01-01T00:00:00Z"/' {STATE}""")
    again = moving.update()
    assert again.succeeded, again.output[-4000:]
    assert "was cut off while services were brought up. It goes on" in said(again)
    assert ("another set is taken first" in said(again)) is is_later
    assert (moving.state()["previous"]["backups"] != attempt["facts"]["backups"]) is is_later
    assert {name: moving.running()[name] for name in wanted} == wanted
    assert moving.state()["attempt"] is None
    assert stack.obstacle(moving.server) is None


def test_a_connection_that_is_lost_on_the_way_back(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", NEVER_WELL)
    started = moving.start(stack_update_wait_limit="20s")
    script = f'until grep -q \'"phase": "back"\' {STATE}; do sleep 0.1; done'
    moving.server.shell(f"timeout 240 sh -c {shlex.quote(script)}", timeout=250)
    started.kill()
    failed(moving.update(), "the way back from it was cut off. Now it is finished", "serve again, and are healthy")
    as_before()


def test_a_rehearsal_finds_the_failing_migration_and_production_is_not_touched(
    moving: Moving, as_before: Callable[[], None]
) -> None:
    started = moving.server.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1")
    moving.push("n8n", BREAKS_N8N)
    words = ("failed in the phase rehearse", "n8n does not get healthy", "No container was touched")
    failed(moving.update(stack_update_rehearse=True), *words)
    assert moving.server.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1") == started
    as_before()
    wanted = moving.push("n8n")
    done = moving.update(stack_update_rehearse=True)
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["n8n"] == wanted
    left = (
        "docker ps --all --format '{{.Names}}'; docker volume ls --format '{{.Name}}'; ls /var/lib/chatbot-ops/updates"
    )
    assert "rehearsal" not in moving.server.shell(left)
