# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret in any argument vector, return value, verbose output, manifest or report, and no file readable by others."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.age_keys import age_pair
from tests.support.playbooks import Playbooks
from tests.support.stack import STACK, SampleStack


class ArgumentWatch(threading.Thread):
    """Reads the argument vectors of all processes in their first seconds, again and again, and keeps each that was seen."""

    # How often a process is looked at: by then it is what it was begun for, and all others would be read for nothing.
    _LOOKS = 1000

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self.seen: set[bytes] = set()

    def __enter__(self) -> ArgumentWatch:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        looks: dict[str, int] = {}
        while not self._over.wait(0.002):
            looks = {name: looks.get(name, 0) + 1 for name in os.listdir("/proc") if name.isdigit()}
            for name in [name for name, number in looks.items() if number <= self._LOOKS]:
                try:
                    self.seen.add(pathlib.Path("/proc", name, "cmdline").read_bytes())
                except OSError:
                    continue


def secrets_of(stack: SampleStack) -> list[bytes]:
    texts = [stack.server.connection()["password"], stack.sample.encryption_key]
    pending: list[object] = [*stack.sample.secrets.values()]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            # Not what a header is called: tests that run beside this one say that, too.
            pending.extend(value[key] for key in value.keys() - {"name"})
        elif isinstance(value, str) and len(value) >= 12:
            texts.append(value)
    assert len(texts) > 3
    return [text.encode() for text in texts]


@pytest.fixture(params=[pytest.param("config", marks=pytest.mark.thorough), "environment"])
def key_source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def files_readable_by_others(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            yield path


def variables_file(folder: pathlib.Path, values: Mapping[str, Any]) -> list[str]:
    """Return the arguments that give a playbook ``values``, as a vault would."""
    path = folder / "variables.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(values))
    return ["-e", f"@{path}"]


def test_no_secret_gets_out(stack: SampleStack, tmp_path: pathlib.Path, key_source: str) -> None:
    playbooks = Playbooks(stack, tmp_path)
    ana = age_pair(tmp_path / "ana.txt")
    given: dict[str, Any] = {}
    if key_source == "environment":
        (stack.n8n / "config").unlink()
        roles = ("backup", "restore", "verification")
        given = {f"{role}_n8n_encryption_key": stack.sample.encryption_key for role in roles}
        given |= {"backup_recipients": [ana.recipient], "restore_identity": ana.text, "verification_identity": ana.text}
    variables = variables_file(tmp_path, given)
    outputs = []
    with ArgumentWatch() as watch:
        for arguments in (
            ["rehearse_recovery", "-e", "rehearsal_mode=scratch"],
            ["restore_n8n", "-e", f"restore_confirm={STACK}"],
            ["restore_database", "-e", f"restore_confirm={STACK}"],
            ["backup_stack", "-e", "backup_max_age=", "-e", "backup_database_user=nobody"],
        ):
            process = subprocess.Popen(
                [*playbooks.command(*arguments), "-vvv", "--diff", *variables],
                env=playbooks.environment(),
                cwd=tmp_path,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                umask=0o022,
            )
            outputs.append(process.communicate()[0])
            assert (process.returncode == 0) is (arguments[0] != "backup_stack"), outputs[-1].decode()
    seen = b"\n".join(watch.seen)
    assert b"pg_dump" in seen
    assert b"zstd" in seen
    reports = [path.read_bytes() for path in playbooks.reports.iterdir()]
    manifests = [path.read_bytes() for path in stack.backups.rglob("*.json")]
    assert len(reports) == 2
    assert len(manifests) >= 4
    assert key_source == "config" or b"--recipient" in seen
    for secret in [*secrets_of(stack), ana.text.split()[-1].encode()]:
        for where in (seen, *outputs, *reports, *manifests):
            assert secret not in where
    for folder in (stack.backups, stack.work, playbooks.reports):
        assert list(files_readable_by_others(folder)) == []
