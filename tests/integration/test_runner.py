# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runbooks under ansible-runner, from a private data folder as AWX makes one: its events are read, and no secret is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_secrets import secrets_of
from tests.support.age_keys import age_pair
from tests.support.playbooks import Playbooks
from tests.support.stack import STACK, SampleStack
from tests.tools.link import CHECKOUT

RUNBOOKS: dict[str, dict[str, Any]] = {
    "backup_stack": {},
    "verify_backups": {},
    "prune_backups": {},
    "restore_n8n": {"restore_confirm": STACK},
    "restore_database": {"restore_confirm": STACK},
    "write_runbook": {},
}


class Runner:
    """Runs playbooks from a private data folder below ``folder``, with what a vault or AWX's credentials would give."""

    def __init__(self, playbooks: Playbooks, folder: Path, credentials: dict[str, Any]) -> None:
        self._environment, self._credentials = playbooks.environment(), credentials
        self.private = folder / "private"
        for each in ("env", "inventory"):
            (self.private / each).mkdir(parents=True, mode=0o700)
        (self.private / "project").symlink_to(CHECKOUT)

    def run(self, playbook: str, variables: dict[str, Any]) -> Path:
        """Run ``playbook``, which has to succeed, and return the folder of its artifacts."""
        given = {**self._credentials, **variables}
        path = self.private / "env" / "extravars"
        path.touch(mode=0o600)
        path.write_text(json.dumps(given), encoding="utf-8")
        program = str(Path(sys.executable).with_name("ansible-runner"))
        words = [program, "run", str(self.private), f"--ident={playbook}", f"--playbook=chatbot.ops.{playbook}", "-v"]
        words += ["--quiet", f"--inventory={CHECKOUT / 'inventories' / 'demo'}"]
        environment = {**self._environment, "PATH": f"{Path(program).parent}:{self._environment['PATH']}"}
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, check=False)
        artifacts = self.private / "artifacts" / playbook
        assert done.returncode == 0, (artifacts / "stdout").read_text(encoding="utf-8")
        return artifacts


def events_of(artifacts: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(artifacts.glob("job_events/*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["backup_stack", "restore_n8n"], id="two"),
        pytest.param(list(RUNBOOKS), id="all that a stack without servers can show", marks=pytest.mark.thorough),
    ],
)
def test_no_secret_is_in_what_ansible_runner_keeps(stack: SampleStack, tmp_path: Path, names: list[str]) -> None:
    (stack.n8n / "config").unlink()  # the key comes from a credential then, as with AWX
    ana = age_pair(tmp_path / "ana.txt")
    roles = ("backup", "restore", "verification")
    credentials: dict[str, Any] = {f"{role}_n8n_encryption_key": stack.sample.encryption_key for role in roles}
    credentials |= {
        "backup_recipients": [ana.recipient],
        "restore_identity": ana.text,
        "verification_identity": ana.text,
    }
    runner = Runner(Playbooks(stack, tmp_path), tmp_path, credentials)
    secrets = [*secrets_of(stack), ana.text.split()[-1].encode()]
    for playbook in names:
        artifacts = runner.run(playbook, RUNBOOKS[playbook])
        kinds = {event["event"] for event in events_of(artifacts)}
        assert {"playbook_on_start", "runner_on_ok", "playbook_on_stats"} <= kinds
        kept = {path: path.read_bytes() for path in artifacts.rglob("*") if path.is_file()}
        assert any(b"chatbot.ops" in content for content in kept.values())
        leaks = [str(path) for path, content in kept.items() if any(secret in content for secret in secrets)]
        assert leaks == [], playbook
