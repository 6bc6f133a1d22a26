# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on the copies of a stack's backups: one store neither hides nor loses the others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.copies_verdict import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copies import judge_copies

N8N, DATABASE = "20261124T031502Z-n8n-7f3a", "20261124T031500Z-database-02bb"
OWN = "20261124T021502Z-n8n-aaaa"  # which restic took, and no other repository has
DISK, CLOUD = {"type": "local", "path": "/srv/backups"}, {"type": "s3", "bucket": "backups", "name": "the cloud"}


def listing(*ids: str, bad: str = "") -> dict[str, Any]:
    return {"backups": [{"backup_id": each, "source": each.split("-")[1], "good": each != bad} for each in ids]}


def judged(*listings: dict[str, Any], min_copies: int = 1) -> dict[str, Any]:
    backups = {"n8n": [N8N, OWN], "database": [DATABASE]}
    findings = {"repositories": [DISK, CLOUD], "listings": listings, "backups": backups, "min_copies": min_copies}
    return judge_copies(findings)


WHOLE = listing(N8N, DATABASE)


@pytest.mark.parametrize(
    ("second", "min_copies", "verdict", "store", "copies"),
    [
        pytest.param(WHOLE, 2, "ok", "ok", (2, 2), id="all there"),
        pytest.param(listing(OWN, DATABASE), 2, "ok", "ok", (2, 2), id="one of its own"),
        pytest.param(listing(N8N), 1, "degraded", "degraded", (2, 1), id="one missing"),
        pytest.param(listing(N8N), 2, "failed", "degraded", (2, 1), id="too few"),
        pytest.param(listing(N8N, DATABASE, bad=N8N), 1, "degraded", "degraded", (1, 2), id="one damaged"),
        pytest.param(listing("20261123T031502Z-n8n-aaaa"), 1, "degraded", "failed", (1, 1), id="only others"),
        pytest.param({"failed": True, "msg": "no route"}, 1, "degraded", "failed", (1, 1), id="not reached"),
        pytest.param({}, 2, "failed", "failed", (1, 1), id="nothing known"),
    ],
)
def test_verdicts(second: dict[str, Any], min_copies: int, verdict: str, store: str, copies: tuple[int, int]) -> None:
    result = judged(WHOLE, second, min_copies=min_copies)
    assert result["verdict"] == verdict
    assert result["repositories"]["/srv/backups"] == {"verdict": "ok", "problems": []}
    assert result["repositories"]["the cloud"]["verdict"] == store
    assert (result["copies"]["n8n"], result["copies"]["database"]) == copies
    assert bool(result["problems"]) is (verdict != "ok")
    assert all("the cloud" in each or "wanted" in each for each in result["problems"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"repositories": [DISK, DISK]}, "the same name", id="twice"),
        pytest.param({"repositories": [{"type": "s3"}, CLOUD]}, "has none of name", id="nameless"),
        pytest.param({"min_copies": 3}, "there are 2 repositories", id="too many wanted"),
        pytest.param({"min_copies": 0}, "min_copies is 0", id="none wanted"),
    ],
)
def test_findings_that_make_no_sense_are_an_error_of_ansible(changes: dict[str, Any], problem: str) -> None:
    findings = {"repositories": [DISK, CLOUD], "listings": [WHOLE, WHOLE], "backups": {}, "min_copies": 1, **changes}
    with pytest.raises(AnsibleFilterError, match=problem):
        FilterModule().filters()["copies_verdict"](findings)
