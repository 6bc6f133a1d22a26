# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The update of a stack, against an engine in memory: what happens to which container and image, and in which order."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._rollout import compose

from tests.unit.plugins.module_utils._rollout.update import Update


def test_a_look_tells_what_runs_in_the_order_of_dependencies_and_writes_nothing(update: Update) -> None:
    found = update.act("look")
    assert list(found["services"]) == ["postgres", "api", "n8n", "nginx"]
    assert [each["how"] for each in found["services"].values()] == ["replace", "roll", "replace", "replace"]
    assert (found["unwell"], found["attempt"], found["image_bytes"]) == ([], None, 4000)
    assert not update.folder.exists()
    update.world.stop(update.world.containers()[0], 10)
    assert "is exited" in update.act("look")["unwell"][0]


def test_nothing_new_changes_nothing_and_pins_what_runs(update: Update) -> None:
    result = update.act("pull")
    assert (result["changed"], result["new_images"], result["crosses_major"]) == (False, {}, False)
    pins = update.state()["current"]
    assert update.state()["attempt"] is None
    assert {update.world.names[each["tag"]] for each in pins["services"].values()} == {
        "id-api-old",
        "id-n8n-old",
        "id-nginx-old",
        "id-postgres-old",
    }
    update.act("pull")
    assert update.state()["current"] == pins


def test_a_project_that_is_not_called_like_its_folder_is_not_brought_up_a_second_time(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    for action in ("pull", "up"):
        update.act(action, directory="/opt/elsewhere")
    assert update.world.running("n8n") == ["id-n8n-new"]
    assert {each.project for each in update.world.containers()} == {update.world.project} == {"lottery-chatbot"}


def test_a_good_update_goes_service_by_service_and_keeps_what_ran_before(update: Update) -> None:
    world = update.world
    world.put("n8n", "id-n8n-new")
    world.put("postgres", "id-postgres-new")
    world.versions |= {"id-n8n-old": "2.40.7", "id-n8n-new": "2.41.0"}
    result = update.act("pull")
    assert result["new_images"]["n8n"] == {"image": "n8n:1", "old": "2.40.7", "new": "2.41.0"}
    assert not result["crosses_major"]
    assert world.running("n8n") == ["id-n8n-old"]
    done = update.act("up", facts={"schema": "abc"})
    assert [each["service"] for each in done["steps"]] == ["postgres", "n8n"]
    assert set(done["seconds"]) == {"postgres", "n8n"}
    assert world.running("n8n") == ["id-n8n-new"]
    assert update.state()["attempt"]["facts"] == {"schema": "abc", "jobs": []}
    update.act("settle", backups={"n8n": "b"}, migrated=True)
    state = update.state()
    assert state["attempt"] is None
    assert state["current"]["services"]["n8n"]["image_id"] == "id-n8n-new"
    assert (state["previous"]["backups"], state["previous"]["migrated"]) == ({"n8n": "b"}, True)
    assert world.names[state["previous"]["services"]["n8n"]["tag"]] == "id-n8n-old"


def test_an_update_that_is_cut_off_goes_on_with_what_is_left(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    update.world.put("postgres", "id-postgres-new")
    update.act("pull")
    update.world.health["id-n8n-new"] = "starting"
    with pytest.raises(ToolError):
        update.act("up")
    with pytest.raises(RefusedError, match="was cut off while containers were changed"):
        update.act("pull")
    update.world.health.clear()
    update.world.later["id-n8n-new"] = (0, "healthy")
    assert [each["service"] for each in update.act("up")["steps"]] == []
    update.act("settle")
    assert update.state()["current"]["services"]["n8n"]["image_id"] == "id-n8n-new"


def test_replicas_are_replaced_one_after_the_other_without_a_gap(update: Update) -> None:
    update.good("api", "id-api-new")
    assert update.world.running("api") == ["id-api-new", "id-api-new"]
    assert update.world.least_healthy["api"] == 2


def test_a_new_replica_that_stays_ill_leaves_the_old_ones_alone(update: Update) -> None:
    update.world.put("api", "id-api-bad")
    update.world.health["id-api-bad"] = "unhealthy"
    update.act("pull")
    with pytest.raises(ToolError, match=r"api does not get healthy: .*unhealthy.*password=\*\*\*") as caught:
        update.act("up")
    assert caught.value.details["service"] == "api"
    update.act("back")
    assert update.world.running("api") == ["id-api-old", "id-api-old"]
    assert update.world.least_healthy["api"] == 2


@pytest.mark.parametrize("halt", [False, True], ids=["as it is", "halted for its data first"])
def test_an_image_that_stays_ill_is_gone_back_on(update: Update, *, halt: bool) -> None:
    world = update.world
    world.put("n8n", "id-n8n-bad")
    world.put("postgres", "id-postgres-new")
    world.health["id-n8n-bad"] = "starting"
    update.act("pull")
    with pytest.raises(ToolError, match="n8n does not get healthy"):
        update.act("up")
    if halt:
        assert update.act("halt", keep=["postgres"])["halted"] == ["n8n"]
        assert world.running("postgres") == ["id-postgres-old"]
        assert world.running("n8n") == []
        assert update.state()["attempt"]["phase"] == "back"
        with pytest.raises(RefusedError, match="on its way back"):
            update.act("up")
    result = update.act("back", facts={"reason": "it was ill"})
    assert "n8n" in result["returned"]
    assert (world.running("n8n"), world.running("postgres")) == (["id-n8n-old"], ["id-postgres-old"])
    assert world.names["n8n:1"] == "id-n8n-old"
    assert update.state()["attempt"] is None
    # The next one works.
    world.health.clear()
    update.good("n8n", "id-n8n-better")
    assert world.running("n8n") == ["id-n8n-better"]


def test_a_container_that_is_named_is_kept_as_its_service_is(update: Update) -> None:
    update.world.put("postgres", "id-postgres-new")
    update.act("pull")
    update.act("up")
    (name,) = [each.name for each in update.world.containers() if each.service == "postgres"]
    assert update.act("halt", keep=[name])["halted"] == []
    assert update.world.running("postgres") == ["id-postgres-old"]


def test_what_turns_unhealthy_while_it_is_watched_is_told(update: Update) -> None:
    update.world.put("n8n", "id-n8n-late")
    update.world.later["id-n8n-late"] = (20, "unhealthy")
    update.act("pull")
    with pytest.raises(ToolError, match=r"did not stay so while it was watched.*is unhealthy") as caught:
        update.act("up", wait_limit="5", soak="5")
    assert caught.value.details["service"] == "n8n"


def test_a_pull_that_fails_leaves_the_names_as_they_were(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    update.world.fails["pull"] = "no space left on device"
    update.world.names["n8n:1"] = "id-n8n-old"
    with pytest.raises(ToolError, match=r"Failed to pull the images of the project.*no space left"):
        update.act("pull")
    assert update.world.names["n8n:1"] == "id-n8n-old"
    assert update.state()["attempt"] is None


def test_an_update_that_is_given_up_before_anything_was_touched(update: Update) -> None:
    assert not update.act("cancel")["changed"]
    update.world.put("n8n", "id-n8n-new")
    update.act("pull")
    assert update.world.names["n8n:1"] == "id-n8n-new"
    assert update.act("cancel", check=True)["changed"]
    assert update.act("cancel")["changed"]
    assert update.world.names["n8n:1"] == "id-n8n-old"
    # One that was cut off there begins anew.
    update.act("pull")
    assert update.act("pull")["changed"]
    assert update.state()["attempt"]["names"]["n8n:1"] == "id-n8n-old"


def test_by_hand_it_goes_back_and_forth(update: Update) -> None:
    with pytest.raises(RefusedError, match="nothing is remembered"):
        update.act("back")
    update.good("n8n", "id-n8n-new")
    assert update.act("back", check=True)["changed"]
    update.act("back")
    assert update.world.running("n8n") == ["id-n8n-old"]
    update.act("back")
    assert update.world.running("n8n") == ["id-n8n-new"]
    assert update.state()["previous"]["services"]["n8n"]["image_id"] == "id-n8n-old"


def test_a_name_that_changed_in_the_compose_file_is_laid_over_and_told(update: Update) -> None:
    world = update.world
    world.services["n8n"]["image"] = "n8n:2"
    world.names["n8n:2"] = world.registry["n8n:2"] = "id-n8n-2"
    world.versions |= {"id-n8n-old!": "1.123.81", "id-n8n-2!": "2.40.7"}
    world.health["id-n8n-2"] = "unhealthy"
    assert update.act("pull")["crosses_major"]
    with pytest.raises(ToolError):
        update.act("up")
    result = update.act("back")
    assert result["renamed"] == ["n8n"]
    assert world.running("n8n") == ["id-n8n-old"]
    assert world.names["n8n:2"] == "id-n8n-2"
    # What runs is known by the name that it had, not by ours.
    update.act("pull")
    assert update.state()["attempt"]["pins"]["services"]["n8n"]["image"] == "n8n:1"


def test_old_images_are_removed_when_the_new_ones_have_served_long_enough(update: Update) -> None:
    update.good("n8n", "id-n8n-2")
    update.good("n8n", "id-n8n-3")
    assert update.act("prune")["removed"] == []
    assert update.act("prune", keep_days=0.0, check=True)["removed"] == ["n8n:1", "n8n:1"]
    assert len(update.state()["old"]) == 1
    assert update.act("prune", keep_days=0.0)["removed"] == ["n8n:1", "n8n:1"]
    left = {each for name, each in update.world.names.items() if name.startswith("chatbot-ops/")}
    assert "id-n8n-3" in left
    assert not {"id-n8n-old", "id-n8n-2"} & left
    assert [update.world.image(each) for each in ("id-n8n-old", "id-n8n-2")] == [None, None]
    assert (update.state()["previous"], update.state()["old"]) == (None, [])
    assert not update.act("prune", keep_days=0.0)["changed"]


def test_an_old_image_that_has_another_name_stays(update: Update) -> None:
    update.good("n8n", "id-n8n-2")
    update.world.names["somebody:else"] = "id-n8n-old"
    for check in (True, False):
        assert update.act("prune", keep_days=0.0, check=check)["removed"] == []
    assert [name for name, each in update.world.names.items() if each == "id-n8n-old"] == ["somebody:else"]


def test_no_image_is_removed_while_something_is_ill(update: Update) -> None:
    update.good("n8n", "id-n8n-2")
    update.world.stop(update.world.containers()[0], 10)
    assert update.act("prune", keep_days=0.0) == {"changed": False, "removed": []}


def test_images_that_are_gone_cannot_be_gone_back_to(update: Update) -> None:
    update.good("n8n", "id-n8n-2")
    update.world.names = {name: each for name, each in update.world.names.items() if each != "id-n8n-old"}
    update.world.digests = {}
    with pytest.raises(RefusedError, match="not on this host any more: n8n"):
        update.act("back")


def test_what_was_deployed_by_others_meanwhile_is_pinned_anew(update: Update) -> None:
    update.good("n8n", "id-n8n-2")
    update.world.names["n8n:1"] = update.world.registry["n8n:1"] = "id-n8n-by-hand"
    update.world.run(Command(("docker", "compose", "up", "--scale=n8n=1", "n8n")))
    update.act("pull")
    state = update.state()
    assert state["current"]["services"]["n8n"]["image_id"] == "id-n8n-by-hand"
    assert [each["services"]["n8n"]["image_id"] for each in state["old"]] == ["id-n8n-2"]


def test_services_that_are_built_are_built_on_what_is_newest(update: Update) -> None:
    world = update.world
    world.services["api"] = {"build": {"context": "."}}
    world.names["lottery-chatbot-api"] = "id-api-old"
    assert set(update.act("pull")["new_images"]) == {"api"}
    assert "build --quiet --pull api" in world.told
    assert not [each for each in world.told if each.startswith("pull") and "api" in each.split()]


def test_a_dependent_that_has_to_be_restarted_is(update: Update) -> None:
    update.world.services["nginx"]["depends_on"]["n8n"] = {"restart": True}
    update.good("n8n", "id-n8n-new")
    assert "restart --no-deps nginx" in update.world.told


def test_only_the_services_that_are_meant(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    update.world.put("api", "id-api-new")
    assert set(update.act("pull", services=["api"])["new_images"]) == {"api"}
    with pytest.raises(RefusedError, match="has no service web"):
        update.act("look", services=["web"])


def test_check_mode_touches_nothing(update: Update) -> None:
    world = update.world
    world.names["n8n:1"] = "id-n8n-new"
    before = dict(world.names)
    assert set(update.act("pull", check=True)["new_images"]) == {"n8n"}
    assert world.names == before
    assert not update.folder.exists()
    world.names["n8n:1"] = "id-n8n-old"
    world.put("n8n", "id-n8n-new")
    update.act("pull")
    assert [each["service"] for each in update.act("up", check=True)["steps"]] == ["n8n"]
    assert update.act("halt", check=True) == {"changed": True, "halted": []}
    assert update.act("settle", check=True)["changed"]
    assert update.state()["attempt"]["phase"] == "pulled"


@pytest.mark.parametrize("action", ["up", "settle"])
def test_without_an_update_there_is_nothing_to_do(update: Update, action: str) -> None:
    with pytest.raises(RefusedError, match="no update of lottery-chatbot is under way"):
        update.act(action)


def test_a_compose_file_that_cannot_be_read(update: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "run_command", lambda _command: "services:")
    with pytest.raises(ToolError, match="is no JSON"):
        update.act("look")


def test_a_crash_loop_is_not_waited_for(update: Update) -> None:
    update.world.put("n8n", "id-n8n-bad")
    update.world.health["id-n8n-bad"] = "starting"
    update.act("pull")
    update.world.restarts["id-n8n-bad"] = 3
    with pytest.raises(ToolError, match="was restarted 3 times"):
        update.act("up", wait_limit="1h")


def test_a_job_that_has_ended_is_well_but_a_service_that_ends_is_not(update: Update) -> None:
    world = update.world
    for each in world.there.values():
        if "n8n" in each["Name"]:
            each["State"].update(Status="exited", ExitCode=0)
    assert update.act("look")["unwell"] == []
    world.put("api", "id-api-new")
    update.act("pull")
    assert update.state()["attempt"]["facts"] == {"jobs": ["n8n"]}
    update.act("up")
    update.act("settle")
