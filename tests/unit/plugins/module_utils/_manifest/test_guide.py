# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page beside a set. That its commands work is shown by following it; here is what it says when."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.guide import PAGES, recovery_page
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject

N8N = Manifest(
    backup_id="20261124T031502Z-n8n-7f3a",
    set_id="20261124T031500Z-set-1c9e",
    stack="lottery-chatbot",
    source="n8n",
    host="vps-1",
    started="2026-11-24T03:15:02.000000Z",
    taken="2026-11-24T03:15:02.500000Z",
    ended="2026-11-24T03:15:03.000000Z",
    objects=(StoredObject("data.tar.zst", 10, "aa", 20, "bb"),),
    proof={"database": {"workflows": {"total": 3}, "credentials": {"total": 5}}},
    versions={"n8n": "2.41.1", "tar": "1.34"},
    consistency={},
    recovery=("mkdir n8n", "zstd -d -c data.tar.zst | tar --extract --directory=n8n"),
    details={"key_in_backup": True, "folder": {"uid": 1000, "gid": 1000}, "volume": {"name": "x_n8n_data"}},
)
DATABASE = replace(
    N8N,
    backup_id="20261124T031500Z-database-02bb",
    source="database",
    taken="2026-11-24T03:15:00.000000Z",
    objects=(StoredObject("dump.pgdump.zst.age", 10, "cc", 20, "dd", recipients=("age1x", "age1y")),),
    proof={"tables": {"public.orders": {"rows": 7}, "public.subscribers": {"rows": 2}}},
    versions={"postgresql": "16.4"},
    recovery=("zstd globals.sql.zst | psql", "pg_restore dump.pgdump"),
    details={"passwords": True},
)


@pytest.mark.parametrize("language", PAGES)
def test_what_every_page_says(language: str) -> None:
    page = recovery_page([N8N, DATABASE], ["cp somewhere/data.tar.zst ."], language)
    for needed in (
        "lottery-chatbot",
        N8N.set_id,
        "vps-1",
        "2.5 s",
        "n8n 2.41.1",
        "postgresql 16.4",
        "aa  data.tar.zst",
    ):
        assert needed in page
    for claimed in ("9", "3", "5", "age1x", "age1y", "x_n8n_data", "1000:1000"):
        assert claimed in page
    assert "{" not in page.replace("'{{.Mountpoint}}'", "")
    headings = [int(number) for number in re.findall(r"^## (\d+)\. ", page, re.MULTILINE)]
    assert headings == list(range(1, len(headings) + 1))
    assert page.index("pg_restore dump.pgdump") < page.index("mkdir n8n")


@pytest.mark.parametrize(("language", "says"), [("en", "A safety copy"), ("es", "Una copia de seguridad")])
def test_whoever_opens_the_newest_page_is_told_that_it_is_a_safety_copys(language: str, says: str) -> None:
    copy = replace(DATABASE, safety_copy_for="20261123T031500Z-database-02aa")
    before, _heading, _rest = recovery_page([copy], [], language).partition("## 1. ")
    assert says in before
    assert "20261123T031500Z-database-02aa" in before
    assert says not in recovery_page([DATABASE], [], language)


def test_only_what_is_needed_is_asked_for() -> None:
    page = recovery_page([N8N], ["cp x ."], "en")
    assert "`sha256sum`, `zstd`, `tar`;" in page
    assert "private key" not in page
    assert "`age`" in recovery_page([DATABASE], ["age x"], "en")


@pytest.mark.parametrize(("inside", "says"), [(True, "is in it"), (False, "is NOT in it")])
def test_where_the_key_is(inside: bool, says: str) -> None:
    manifest = replace(N8N, details={**N8N.details, "key_in_backup": inside})
    assert f"encryption key {says}" in recovery_page([manifest], [], "en")
