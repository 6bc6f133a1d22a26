# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a code host runs is what ``.ci/run`` does, and no more than that is written there."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def test_the_workflow_runs_what_ci_runs_with_each_missing_part_a_failure() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["sudo --set-home env CI=true .ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert not any(job.get("continue-on-error") or step.get("continue-on-error") for step in job["steps"])
