# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A full backup is due after its time, a differential one after its own, and none without need."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.due import due_backup

from tests.unit.plugins.module_utils._pgbackrest.answers_made import DIFF, FULL, STANZA, backups, changed, info

_DIFF_BEGAN = datetime.fromtimestamp(1795568404, UTC)


def _due(hours: float, text: str = "", **options: object) -> dict[str, Any]:
    findings = {"info": text or info(), "stanza": STANZA, "kind": "auto", "full_max_age": "7d", "max_age": "24h"}
    return due_backup({**findings, **options}, _DIFF_BEGAN + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "kind"),
    [
        pytest.param(23.9, "", id="both young enough"),
        pytest.param(24.1, "diff", id="the newest too old"),
        pytest.param(7 * 24, "full", id="the full one too old"),
    ],
)
def test_age_decides(hours: float, kind: str) -> None:
    assert _due(hours) == {"kind": kind, "newest": DIFF, "newest_full": FULL, "damaged": [], "replaced": []}


@pytest.mark.parametrize("kind", ["full", "diff", "incr"])
def test_what_is_asked_for_is_due_at_once(kind: str) -> None:
    assert _due(0, kind=kind)["kind"] == kind


@pytest.mark.parametrize("kind", ["auto", "diff", "incr"])
@pytest.mark.parametrize("text", [info("missing"), info("empty")], ids=["no stanza", "no backup"])
def test_the_first_one_is_a_full_one(text: str, kind: str) -> None:
    none = {"newest": "", "newest_full": "", "damaged": [], "replaced": []}
    assert _due(0, text, kind=kind) == {"kind": "full", **none}


def test_one_with_damaged_pages_does_not_count() -> None:
    (stanza,) = json.loads(info())
    damaged = [{**backup, "error": True} for backup in stanza["backup"]]
    assert _due(0, changed(backup=damaged))["kind"] == "full"


@pytest.mark.parametrize(
    ("labels", "kind", "damaged", "replaced"),
    [
        pytest.param(["1F", "2F!"], "full", ["2F"], [], id="the newest full one"),
        pytest.param(["1F", "1F_2D!"], "", ["1F_2D"], [], id="the newest one, upon a sound full one"),
        pytest.param(["1F", "2F!", "2F_3D"], "full", ["2F"], [], id="the base of the newest"),
        pytest.param(["1F", "2F!", "2F_3D!"], "full", ["2F", "2F_3D"], [], id="both"),
        pytest.param(["1F!", "2F!", "3F!"], "full", ["3F"], ["1F", "2F"], id="the newest takes the place of others"),
        pytest.param(["1F", "2F!", "2F_3D!", "4F"], "", [], ["2F"], id="a sound one does so, too"),
        pytest.param(["1F!", "1F_2D", "3F"], "", [], [], id="a sound one builds upon it"),
        pytest.param(["1F", "1F_2D!", "3F"], "", [], [], id="only full ones are replaced"),
    ],
)
def test_damaged_ones_are_told_and_replaced_but_are_no_base(
    labels: list[str], kind: str, damaged: list[str], replaced: list[str]
) -> None:
    due = _due(0.1, backups(*labels))
    assert (due["kind"], due["damaged"], due["replaced"]) == (kind, damaged, replaced)
    assert _due(0.1, backups(*labels), kind="diff")["kind"] == (kind or "diff")


def test_without_an_age_each_run_takes_one() -> None:
    assert _due(0, max_age="")["kind"] == "diff"
    assert _due(0, full_max_age="")["kind"] == "full"


@pytest.mark.parametrize("options", [{"kind": "differential"}, {"max_age": "soon"}], ids=["kind", "age"])
def test_a_wrong_option_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="postgres_pitr_"):
        _due(0, **options)
