# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Molecule scenario on the bed's servers: check, converge, idempotence, verify. Each runbook has one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed.bed import Bed
from tests.tools.link import CHECKOUT, COLLECTIONS

_TIME_LIMIT = 600
_SCENARIOS = sorted(path.parent.name for path in (CHECKOUT / "molecule").glob("*/molecule.yml"))
# Roles that change a host and have no runbook of their own.
_ROLES = ["firewall", "monitoring_agent", "reverse_proxy"]
# What they install is not there yet, neither by another test nor by the bed; a later one needs what earlier ones did.
_ON_REPLACEMENT = ["update_system", "install_docker", "install_toolchain", "deploy_stack", "rebuild_server"]
_ON_REPLACEMENT += ["install_pitr", "backup_cluster", "restore_point_in_time", *reversed(_ROLES)]

# Their plays take minutes: an authority and many refusals; a PostgreSQL that is installed, archived and restored; a server
# that gets an Ansible of its own.
_THOROUGH = ["reverse_proxy", "install_pitr", "backup_cluster", "restore_point_in_time", "schedule_jobs"]
# They take long as well, and no backup or recovery stands on them ...
_THOROUGH += ["firewall", "guard_whatsapp", "monitoring_agent", "review_dependencies", "rotate_logs", "update_system"]
# ... or another scenario does as much on its way (rebuild_server installs all that a bare server needs, restores the stack's
# files and deploys it, rollback_stack has updated one), or another test plays the runbook: here (test_backup backs up and
# restores, test_dns and test_health play theirs), or in tests/integration, on a real database and a real n8n, with a check and
# a second time.
_THOROUGH += ["install_docker", "install_toolchain", "deploy_stack", "update_stack", "point_dns", "health_check"]
_THOROUGH += ["backup_stack", "restore_config", "restore_database", "restore_n8n", "verify_backups", "prune_backups"]
_THOROUGH += ["write_runbook"]
_MARKS = dict.fromkeys(_THOROUGH, pytest.mark.thorough)


# It touches no server: tests/integration/test_awx.py plays it.
_NO_SERVER = ["configure_awx"]


def test_every_runbook_has_one() -> None:
    runbooks = [path.stem for path in (CHECKOUT / "playbooks").glob("*.yml") if path.stem not in _NO_SERVER]
    assert sorted([*runbooks, *_ROLES]) == _SCENARIOS


@pytest.mark.usefixtures("player")
@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=_MARKS.get(each, ())) for each in _SCENARIOS if each not in _ON_REPLACEMENT]
)
def test_scenario_on_the_stack(bed: Bed, tmp_path: Path, name: str) -> None:
    _run(name, bed, tmp_path)


@pytest.mark.usefixtures("replacement")
@pytest.mark.parametrize("name", [pytest.param(each, marks=_MARKS.get(each, ())) for each in _ON_REPLACEMENT])
def test_scenario_on_a_bare_server(bed: Bed, tmp_path: Path, name: str) -> None:
    _run(name, bed, tmp_path)


def _run(name: str, bed: Bed, folder: Path) -> None:
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "BED_INVENTORY": str(bed.site.inventory),
        "BED_ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "BED_COLLECTIONS": str(COLLECTIONS),
        "NO_COLOR": "1",
        # A scenario that was interrupted counts as prepared ever after, where it is remembered.
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [str(programs / "molecule"), "test", f"--scenario-name={name}"],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIME_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
