# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the collection's playbooks and modules against the bed's servers, as AWX does: by ansible-runner."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bed.site import Site
from tests.support.killing import kill_all
from tests.tools.link import CHECKOUT, COLLECTIONS

_TIME_LIMIT = 600.0


@dataclass(frozen=True)
class Play:
    """The end of a playbook's run."""

    output: str
    succeeded: bool
    changed: int
    """How many tasks changed something."""
    results: dict[str, list[dict[str, Any]]]
    """What the collection's modules returned, by their short names, in the order of their ends."""

    def result(self, module: str) -> dict[str, Any]:
        """What the only task of that module returned."""
        (found,) = self.results.get(module, [])
        return found


class Player:
    """Runs playbooks and modules with the bed's inventory."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def play(self, playbook: str | Path, *, check: bool = False, **variables: object) -> Play:
        """Runs a playbook to its end: one of the collection by its short name, or another by its path.

        :param variables: given on the command line; they win over the inventory's.
        """
        return self._start(playbook, variables, check).wait()

    def must(self, playbook: str | Path, *, check: bool = False, **variables: object) -> Play:
        """As `play`, for one that has to succeed."""
        done = self.play(playbook, check=check, **variables)
        assert done.succeeded, done.output
        return done

    def start(self, playbook: str, **variables: object) -> Started:
        """As `play`, without waiting for its end."""
        return self._start(playbook, variables, check=False)

    def _start(self, playbook: str | Path, variables: Mapping[str, object], check: bool) -> Started:
        folder = Path(tempfile.mkdtemp(prefix="bed-play-"))
        (folder / "env").mkdir()
        (folder / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")
        words = [
            str(_program("ansible-runner")),
            "run",
            str(folder),
            "--quiet",
            "--ident=play",
            f"--playbook={playbook if isinstance(playbook, Path) else f'chatbot.ops.{playbook}'}",
        ]
        words += [f"--inventory={self._site.inventory}", *(["--cmdline=--check"] if check else [])]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "PATH": f"{_program('ansible').parent}{os.pathsep}{os.environ['PATH']}",
        }
        process = subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )
        return Started(process, folder)


@dataclass(frozen=True)
class Started:
    """A playbook that runs."""

    process: subprocess.Popen[bytes]
    folder: Path

    def wait(self) -> Play:
        """Waits for its end; one that hangs is killed and fails the test."""
        try:
            status = self.process.wait(_TIME_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        try:
            artifacts = self.folder / "artifacts" / "play"
            paths = sorted(artifacts.glob("job_events/*.json"), key=lambda path: int(path.name.split("-", 1)[0]))
            events = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
            ends = [event["event_data"] for event in events if event["event"].startswith("runner_on_")]
            stats = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
            changed = sum(sum(each["changed"].values()) for each in stats)
            output = (artifacts / "stdout").read_text(encoding="utf-8")
            return Play(output, status == 0, changed, _results(ends))
        finally:
            shutil.rmtree(self.folder)

    def kill(self) -> None:
        """Kills it with all its processes on this side, and leaves the servers alone."""
        kill_all(self.process)
        shutil.rmtree(self.folder)


def _results(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        collection, _dot, module = event.get("resolved_action", event.get("task_action", "")).rpartition(".")
        if collection == "chatbot.ops" and "res" in event:
            found.setdefault(module, []).append(event["res"])
    return found


def _program(name: str) -> Path:
    return Path(sys.executable).with_name(name)
