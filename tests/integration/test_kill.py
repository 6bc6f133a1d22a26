# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at random instants: no half backup is ever listed, no target is without its old or its new content."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest

from tests.support.stack import SampleStack
from tests.support.zygote import Zygote

#: How often each of the four is killed; both backups together, and both restores, come to twice as many.
KILLS = int(os.environ.get("CHATBOT_KILLS", "50"))


def killed(zygote: Zygote, name: str, params: dict[str, Any], lasts: float, rng: random.Random) -> None:
    run = zygote.start(name, params)
    run.ended(rng.uniform(0, lasts))
    run.kill()


def wait_until_left(stack: SampleStack) -> None:
    """Wait until the server has noticed that the killed ones are gone: their sessions hold locks for that long."""
    for _attempt in range(100):
        if (
            stack.server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatbot.ops'").strip()
            == "0"
        ):
            return
        time.sleep(0.1)
    raise AssertionError("a session of a killed process stays")


@pytest.mark.parametrize(("name", "source"), [("n8n_volume_backup", "n8n"), ("pg_dump", "database")])
def test_a_killed_backup_is_none(
    zygote: Zygote, stack: SampleStack, parameters: dict[str, dict[str, Any]], name: str, source: str
) -> None:
    rng = random.Random(name)
    begun = time.monotonic()
    zygote.run(name, parameters[name])
    lasts = time.monotonic() - begun
    before = [each.parent.name for each in stack.manifests(source)]
    for _number in range(KILLS):
        killed(zygote, name, parameters[name], lasts, rng)
        listed = zygote.run("backup_info", {**parameters["backup_info"], "source": source})["backups"]
        assert sorted(each["backup_id"] for each in listed) == [each.parent.name for each in stack.manifests(source)]
        assert all(each["good"] for each in listed)
    whole = stack.assert_backups_whole(source)
    assert whole < len(before) + KILLS, "not one was killed in its work"
    assert zygote.run(name, parameters[name])["changed"] is True
    assert stack.assert_backups_whole(source) == whole + 1
    assert os.listdir(stack.work) == [], "the next run swept what the killed ones left"


def test_a_killed_restore_of_n8n_leaves_the_old_or_the_new(
    zygote: Zygote, stack: SampleStack, parameters: dict[str, dict[str, Any]]
) -> None:
    rng = random.Random("n8n")
    contents = {}
    for name in ("old", "new"):
        (stack.n8n / "nodes" / "mark").write_text(name, encoding="utf-8")
        contents[stack.folder_digest()] = zygote.run("n8n_volume_backup", parameters["n8n_volume_backup"])["backup_id"]
    ids = list(contents.values())
    params = parameters["n8n_volume_restore"]
    begun = time.monotonic()
    zygote.run("n8n_volume_restore", {**params, "backup_id": ids[0]})
    lasts = time.monotonic() - begun
    seen = set()
    for number in range(KILLS):
        killed(zygote, "n8n_volume_restore", {**params, "backup_id": ids[number % 2]}, lasts, rng)
        seen.add(stack.folder_digest())
        assert seen <= set(contents)
    result = zygote.run("n8n_volume_restore", {**params, "backup_id": ids[0]})
    assert result["proof"]["equal"]
    assert contents[stack.folder_digest()] == ids[0]
    beside = [each.name for each in stack.n8n.parent.iterdir() if each.name.startswith(".")]
    assert beside == [], "the next run swept what the killed ones left"


def test_a_killed_restore_of_a_database_leaves_the_old_or_the_new(
    zygote: Zygote, stack: SampleStack, parameters: dict[str, dict[str, Any]]
) -> None:
    rng = random.Random("database")
    contents = {}
    for name in ("old", "new"):
        stack.server.psql(f"CREATE TABLE {name} (x int)", stack.database)
        contents[stack.database_digest()] = zygote.run("pg_dump", parameters["pg_dump"])["backup_id"]
    ids = list(contents.values())
    params = {**parameters["pg_restore"], "keep_previous": False}
    begun = time.monotonic()
    zygote.run("pg_restore", {**params, "backup_id": ids[0]})
    lasts = time.monotonic() - begun
    for number in range(KILLS):
        killed(zygote, "pg_restore", {**params, "backup_id": ids[number % 2]}, lasts, rng)
        assert stack.database_digest() in contents
    wait_until_left(stack)
    result = zygote.run("pg_restore", {**params, "backup_id": ids[1]})
    assert result["proof"]["equal"]
    assert contents[stack.database_digest()] == ids[1]
    databases = stack.server.psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{stack.database}%'").split()
    assert [name for name in databases if "_restore" in name] == [], "the next run swept what the killed ones left"
    assert os.listdir(stack.work) == []
