# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the playbook, and tell in a line each what it is doing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ansible_runner

from tests.tools.link import CHECKOUT, COLLECTIONS

_STEPS = {
    "Dump the database": ("Backing up the database while it is written to", "Respaldo de la base de datos, en uso"),
    "Back up n8n's data folder": ("Backing up n8n while it runs", "Respaldo de n8n, en marcha"),
    "Verify the newest backup of database": (
        "Proving the database backup: a trial restore",
        "Prueba: restauración de ensayo de la base",
    ),
    "Verify the newest backup of n8n": (
        "Proving the n8n backup: a trial restore",
        "Prueba: restauración de ensayo de n8n",
    ),
    "Let the disaster happen": (
        "Disaster: database dropped, n8n's folder wiped",
        "Desastre: base borrada, carpeta de n8n vacía",
    ),
    "Restore the database": ("Restoring the database", "Restauración de la base de datos"),
    "Restore n8n's data folder": ("Restoring n8n", "Restauración de n8n"),
    "Write the page": ("Writing the report", "Redacción del informe"),
}


class Progress:
    """Prints a line per step, with the seconds since the start."""

    def __init__(self, language: str) -> None:
        self._column = 1 if language == "es" else 0
        self._begun = time.monotonic()
        self._after_loss = True
        self.failures: list[str] = []
        self.last_words = ""

    def tell(self, english: str, spanish: str) -> None:
        """Print one line."""
        print(f"  {time.monotonic() - self._begun:5.1f} s  {(english, spanish)[self._column]}", flush=True)

    def on_event(self, event: Mapping[str, Any]) -> bool:
        """Take an event of ansible-runner."""
        data = event.get("event_data", {})
        self.last_words = event.get("stdout") or self.last_words
        if event["event"] == "playbook_on_task_start":
            self._on_task(data["task"].split(" : ")[-1])
        elif event["event"] == "runner_on_failed" and not data.get("ignore_errors"):
            self.failures.append(f"{data['task']}: {data['res'].get('msg', '')}")
        return True

    def _on_task(self, task: str) -> None:
        if task == "Ask what a restore would change":
            self._after_loss = False  # the plan of a restore runs the same tasks, and changes nothing
        elif task == "Let the disaster happen":
            self._after_loss = True
        if task in _STEPS and self._after_loss:
            self.tell(*_STEPS[task])


def run_playbook(name: str, folder: Path, variables: Mapping[str, str], progress: Progress) -> bool:
    """Run playbook ``name`` of the collection against the demo's inventory, and tell whether it succeeded.

    :param folder: the stack's folder; the run's own files go below it.
    """
    private = folder / "run"
    private.mkdir(mode=0o700)
    result = ansible_runner.run(
        private_data_dir=str(private),
        project_dir=str(CHECKOUT),
        inventory=str(CHECKOUT / "inventories" / "demo"),
        playbook=name,
        extravars=dict(variables),
        envvars={
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(private / "tmp"),
            "CHATBOT_DEMO": str(folder),
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
        },
        event_handler=progress.on_event,
        quiet=True,
    )
    return bool(result.rc == 0)
