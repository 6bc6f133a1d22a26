# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update changes, which data has to come back with the old images, and how that is told."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.filter.image_changes import FilterModule as ImageChanges
from ansible_collections.chatbot.ops.plugins.filter.update_restores import FilterModule as UpdateRestores
from ansible_collections.chatbot.ops.plugins.filter.way_back_told import FilterModule as WayBackTold
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container, read_container
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.compose import Compose
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.judge import (
    crosses_major,
    hopeless,
    jobs_among,
    lacking,
    unfit,
    worsened,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import Pin, Pins, State, gone_back, tag_of
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.plan import names_to_return, override, steps
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service, read_project

from tests.unit.plugins.module_utils._compose.documents import container

DOCUMENT = {
    "name": "shop",
    "services": {
        "web": {"image": "web:1", "depends_on": {"api": {"condition": "service_healthy", "restart": True}, "gone": {}}},
        "api": {"build": {"context": "."}, "scale": 3, "ports": [{"target": 80}]},
        "bound": {"image": "b", "deploy": {"replicas": 2}, "container_name": "b"},
        "off": {"image": "o", "deploy": {"replicas": 0}},
    },
}


def _container(service: str, image_id: str = "old", **state: Any) -> Container:
    document = container(service, state=state)
    return read_container({**document, "Image": image_id})


def test_a_compose_file_as_its_services() -> None:
    found = {each.name: each for each in read_project(DOCUMENT)}
    assert list(found) == ["api", "bound", "web"]
    assert found["api"] == Service("api", "shop-api", True, (), (), 3, False)
    assert found["web"] == Service("web", "web:1", False, ("api", "gone"), ("api",), 1, False)
    assert [each.rolls for each in found.values()] == [True, False, False]


def test_a_circle_ends_where_it_began() -> None:
    services = {"a": {"image": "a", "depends_on": {"b": {}}}, "b": {"image": "b", "depends_on": {"a": {}}}}
    assert sorted(each.name for each in read_project({"services": services})) == ["a", "b"]


def test_the_steps_are_those_that_are_left() -> None:
    services = read_project(DOCUMENT)
    there = {"api": [_container("api", "new"), _container("api", "old")], "web": [_container("web", "new")]}
    wanted = {"api": "new", "web": "new", "bound": "new"}
    found = [(each.service, each.how) for each in steps(services, wanted, there)]
    assert found == [("api", "roll"), ("bound", "replace"), ("web", "restart")]
    assert steps(services, {}, there) == []


def test_names_that_the_compose_file_did_not_have_are_not_given_back() -> None:
    state = _state({"web": ("web:0", "old-web"), "api": ("shop-api", "old-api")})
    assert state.current is not None
    pins, services = state.current.services, read_project(DOCUMENT)
    assert names_to_return(pins, services) == {"shop-api": "old-api"}
    assert override(pins, services) == {"services": {"web": {"image": pins["web"].tag}}}
    assert override({"api": pins["api"]}, services) == {}


def _state(services: dict[str, tuple[str, str]]) -> State:
    pins = {name: Pin(image, each, (), tag_of("shop", name, "1")) for name, (image, each) in services.items()}
    return State(current=Pins("1", "2026-11-24T03:15:00.000000Z", pins))


def test_without_an_attempt_there_is_no_way_back() -> None:
    assert gone_back(State(), "2026-11-24T03:15:00.000000Z") == State()


@pytest.mark.parametrize(
    ("stack", "service", "tag"),
    [
        ("lottery-chatbot", "n8n", "chatbot-ops/lottery-chatbot/n8n:20261124t031500z-7f3a"),
        ("Lotería_2", "_api", "chatbot-ops/loter-a-2/api:20261124t031500z-7f3a"),
        ("ñ", "ü", "chatbot-ops/x/x:20261124t031500z-7f3a"),
    ],
    ids=["as it is", "with what no reference may have", "of nothing else"],
)
def test_our_names_of_images_are_references(stack: str, service: str, tag: str) -> None:
    assert tag_of(stack, service, "20261124T031500Z-7f3a") == tag


_MIGRATION = {"name": "CreateTables1", "timestamp": 1}
_LATER = {"name": "AddColumn2", "timestamp": 2}


@pytest.mark.parametrize(
    ("n8n", "database", "together", "sources", "words"),
    [
        ((_MIGRATION, _MIGRATION), ("a", "a"), False, [], ""),
        ((_MIGRATION, _LATER), ("a", "a"), False, ["n8n"], "migrated from CreateTables1 to AddColumn2"),
        ((_MIGRATION, {}), ("a", "a"), False, ["n8n"], "to unknown"),
        (({}, {}), ("a", "a"), False, ["n8n"], "from unknown to unknown"),
        ((_MIGRATION, _MIGRATION), ("a", "b"), False, ["database"], "schema was changed"),
        ((_MIGRATION, _MIGRATION), ("a", ""), False, ["database"], "schema was changed"),
        ((_MIGRATION, _LATER), ("a", "b"), False, ["database", "n8n"], "AddColumn2"),
        (({}, {}), ("a", "b"), True, ["database", "n8n"], "n8n belongs to it"),
        (({}, {}), ("a", "a"), True, [], ""),
    ],
    ids=["nothing", "n8n", "n8n unreadable", "both unknown", "database", "database silent", "both", "n8n in it", "not"],
)
def test_what_has_to_come_back_with_the_old_images(
    n8n: tuple[Any, Any], database: tuple[str, str], together: bool, sources: list[str], words: str
) -> None:
    found = {"n8n": n8n, "database": database}
    named = {name: dict(zip(("before", "after"), each, strict=True)) for name, each in found.items()}
    decide = UpdateRestores().filters()["update_restores"]
    decided = decide({**named, "sources": ["n8n", "database"], "together": together})
    assert decided["sources"] == sources
    assert words in "; ".join(decided["reasons"])
    assert decide({**named, "sources": [], "together": together})["sources"] == []


def test_an_update_in_words() -> None:
    tell = ImageChanges().filters()["image_changes"]
    update = {
        "n8n": {"image": "n8n:stable", "old": "2.40.7", "new": "2.41.0"},
        "api": {"image": "api:1", "old": "", "new": ""},
    }
    assert tell(update) == [
        "api has a new image of api:1.",
        "n8n has a new image of n8n:stable from 2.40.7 to 2.41.0. It may migrate its database: a way back then restores it "
        "from the set that is taken first.",
    ]
    assert tell({"n8n": {"image": "n", "old": "2.1", "new": ""}}, "other")[0].endswith(
        "from 2.1 to an unknown version."
    )


def test_a_way_back_in_words() -> None:
    tell = WayBackTold().filters()["way_back_told"]
    back = {"pins": {"since": "2026-10-24T03:15:00Z"}, "renamed": ["n8n"]}
    kept = " ".join(tell({"back": back, "restores": {"sources": [], "reasons": []}, "results": {}, "taken": ""}))
    assert "The data was left as it is" in kept
    assert "still asks for the new image of n8n" in kept
    rows = {"before": {"rows": {"messages": 12, "orders": 3}}, "after": {"rows": {"messages": 10, "orders": 3}}}
    results = {"database": {"backup_id": "b1", "previous": "lottery_previous_1", "diff": rows}}
    restores = {"sources": ["database", "n8n"], "reasons": ["the database's schema was changed"]}
    told = " ".join(tell({"back": {**back, "renamed": []}, "restores": restores, "results": results, "taken": "then"}))
    assert "from the set that was taken before, at then (the database's schema was changed)" in told
    assert "database by b1; what was there is kept as lottery_previous_1." in told
    assert "n8n by unknown." in told
    assert "Rows that were written since then, and are only in what is kept: messages: 2." in told


@pytest.mark.parametrize(
    ("state", "fit", "hope"),
    [
        ({}, None, None),
        ({"Health": None}, None, None),
        ({"Health": {"Status": "starting"}}, "is starting", None),
        ({"Status": "restarting"}, "is restarting", None),
        ({"Status": "exited", "ExitCode": 1}, "is exited", "is exited"),
        ({"Status": "exited", "ExitCode": 0}, None, None),
    ],
    ids=["healthy", "no health check", "starting", "restarting", "failed", "done"],
)
def test_whether_a_container_is_fit(state: dict[str, Any], fit: str | None, hope: str | None) -> None:
    found = _container("api", **state)
    assert (unfit(found, ["api"]) or "").endswith(fit or "")
    assert (unfit(found, ["api"]) is None) is (fit is None)
    assert (hopeless(found, ["api"]) is None) is (hope is None)


def test_only_what_was_a_job_before_may_end() -> None:
    ended = _container("api", Status="exited", ExitCode=0)
    assert jobs_among({"api": [ended], "n8n": [_container("n8n")], "gone": []}) == ["api"]
    assert unfit(ended) == "lottery-chatbot-api-1 is exited"
    assert hopeless(ended) == "lottery-chatbot-api-1 is exited"


def test_what_is_to_run_always_has_never_done_all() -> None:
    document = container(
        "api", state={"Status": "exited", "ExitCode": 0}, HostConfig={"RestartPolicy": {"Name": "always"}}
    )
    assert unfit(read_container(document), ["api"]) == "lottery-chatbot-api-1 is exited"


def test_what_a_service_lacks_and_what_went_wrong() -> None:
    found = _container("api")
    assert lacking("api", [found], 1) is None
    assert lacking("api", [found], 2) == "api has 1 of 2 containers"
    assert worsened({found.id: 0}, [found]) is None
    assert worsened({found.id: 0}, []) == f"the container {found.id[:12]} is gone"
    assert worsened({found.id: -1}, [found]) == "lottery-chatbot-api-1 was restarted"


@pytest.mark.parametrize(
    ("old", "new", "crosses"),
    [("1.123.81", "2.40.7", True), ("v2.1", "2.41.0", False), ("", "2.41.0", True), ("stable", "latest", True)],
    ids=["another major", "the same", "unknown", "words"],
)
def test_whether_versions_cross_a_major(old: str, new: str, *, crosses: bool) -> None:
    assert crosses_major(old, new) is crosses


def test_a_file_over_those_that_made_what_runs_or_that_compose_finds(tmp_path: Any) -> None:
    for name in ("compose.yml", "docker-compose.yml", "compose.override.yml", "over.json"):
        (tmp_path / name).write_text("{}")
    project = Compose(str(tmp_path))
    over = str(tmp_path / "over.json")
    known = [str(tmp_path / "docker-compose.yml"), over, str(tmp_path / "gone.yml")]
    assert project.laid_over(over, known).files == (known[0], over)
    found = tuple(str(tmp_path / name) for name in ("compose.yml", "compose.override.yml", "over.json"))
    assert project.laid_over(over, []).files == found
