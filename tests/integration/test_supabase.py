# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack whose database is a Supabase project's, by the playbooks: from our own dump, and from Supabase's backups."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from tests.support.playbooks import Play, Playbooks
from tests.support.stack import STACK, SampleStack
from tests.support.supabase_api import REF, TOKEN, SupabaseApi
from tests.support.supabase_server import APPLICATION, DATABASE, SupabaseServer

ROWS = "SELECT (SELECT count(*) FROM public.orders), (SELECT count(*) FROM auth.users)"


@pytest.fixture
def playbooks(stack: SampleStack, tmp_path: pathlib.Path) -> Playbooks:
    return Playbooks(stack, tmp_path)


def restore(playbooks: Playbooks, *arguments: str, **variables: Any) -> Play:
    given = {"restore_confirm": STACK, "restore_database_supabase_ref": REF, **variables}
    return playbooks.play("restore_database", *arguments, "-e", json.dumps(given))


def test_supabase_restores_its_own_project(playbooks: Playbooks) -> None:
    with SupabaseApi() as api:
        api.state.add_backup(7, 3600)
        options = {
            "restore_database_supabase": "managed_backup",
            "restore_database_supabase_api_url": api.url,
            "restore_database_supabase_token": TOKEN,
            "restore_database_supabase_poll_interval": "0.05s",
        }
        plan = restore(playbooks, "--check", "--diff", **options)
        assert (plan.exit_status, plan.changed) == (0, 1), plan.output
        refused = restore(playbooks, **options)
        assert refused.exit_status != 0
        assert f"-e restore_database_supabase_confirm={REF}" in " ".join(refused.output.split())
        assert api.restores == []
        done = restore(playbooks, "-vvv", **options, restore_database_supabase_confirm=REF)
        assert (done.exit_status, done.changed) == (0, 1), done.output
        assert [each.body for each in api.restores] == [{"id": 7}]
        assert TOKEN not in done.output.replace(json.dumps(TOKEN), "")
        assert api.violations == []


def test_a_project_that_nobody_named(playbooks: Playbooks) -> None:
    result = restore(playbooks, restore_database_supabase="point_in_time", restore_database_supabase_ref="")
    assert result.exit_status != 0
    assert "set chatbot_stack.database.supabase to its reference" in " ".join(result.output.split())


def test_our_own_dump_is_the_default(playbooks: Playbooks) -> None:
    with SupabaseServer() as project:
        project.as_user(APPLICATION)
        login = project.user_connection()
        options = {"host": login["host"], "port": login["port"], "user": login["user"], "password": login["password"]}
        options |= {"name": DATABASE, "bin_dir": str(project.bin_dir)}
        backup = {f"backup_database_{key}": value for key, value in options.items()}
        more = {"backup_sources": ["database"], "backup_database_provider": "supabase"}
        taken = playbooks.play("backup_stack", "-e", json.dumps({**backup, **more}))
        assert taken.exit_status == 0, taken.output
        before = project.psql(ROWS)
        project.psql("DELETE FROM public.orders; DELETE FROM auth.users")
        done = restore(playbooks, **{f"restore_database_{key}": value for key, value in options.items()})
        assert (done.exit_status, done.changed) == (0, 1), done.output
        assert project.psql(ROWS) == before == "20|20"
