# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a code host runs is what ``.ci/run`` does, and no more than that is written there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def test_the_workflow_runs_what_ci_runs_with_each_missing_part_a_failure() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["sudo --set-home env CI=true .ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert not any(job.get("continue-on-error") or step.get("continue-on-error") for step in job["steps"])


def test_what_is_too_long_for_a_change_is_run_every_night_by_targets_that_there_are() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/thorough.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [
        "sudo --set-home env CI=true make ${{ matrix.target }}"
    ]
    there = re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(job["strategy"]["matrix"]["target"]) <= set(there)
    assert "e2e-thorough" in job["strategy"]["matrix"]["target"]
    assert not any(job.get("continue-on-error") or step.get("continue-on-error") for step in job["steps"])
