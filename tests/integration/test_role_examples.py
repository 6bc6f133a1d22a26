# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the roles that need neither Docker nor root run on a sample stack, as they stand in their READMEs.

The others are run by the scenarios in ``molecule`` and by ``tests/e2e``; ``tests/unit/meta/test_role_pages.py`` has the
variables of all examples checked.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.playbooks import Playbooks
from tests.support.stack import STACK, SampleStack
from tests.tools.link import CHECKOUT
from tests.tools.role_pages import example

# In an order in which each finds what it needs, with what the command line adds. Each leaves a file to be seen.
RUN = {
    "backup": ("", "backups/**/manifest.json"),
    "verification": ("", "backups/**/verdict.restore.json"),
    "retention": ("", "backups/**/manifest.json"),
    "restore": (f"restore_confirm={STACK} restore_before=2999-01-01T00:00:00Z", "n8n_data/database.sqlite"),
    "rehearsal": ("", "reports/rehearsal-*.html"),
    "runbook": ("", "reports/runbook-*.es.html"),
}


@pytest.fixture
def playbooks(stack: SampleStack, tmp_path: Path) -> Playbooks:
    return Playbooks(stack, tmp_path)


@pytest.mark.thorough
def test_they_run_as_they_stand(playbooks: Playbooks, tmp_path: Path) -> None:
    for name, (more, left) in RUN.items():
        playbook = tmp_path / f"{name}.yml"
        playbook.write_text(example(CHECKOUT / "roles" / name), encoding="utf-8")
        command = [*playbooks.command("")[:-1], str(playbook), *(["-e", more] if more else [])]
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=playbooks.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        assert "chatbot.ops" in playbook.read_text(encoding="utf-8")
        assert list(tmp_path.glob(left)), f"{name}: {done.stdout}"
