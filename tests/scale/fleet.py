# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of simulated hosts: an inventory as ``inventories/fleet`` has it, and a small stack of its own for each host."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.scale.servers import Servers
from tests.scale.store import Store
from tests.support.modules import run_module
from tests.support.n8n_database import Plan
from tests.support.running import Running
from tests.support.sample_n8n import make

_PLAN = Plan(workflows=2, active=1, credentials=2, rotated=1, executions=6, binary_files=1)
# They are this machine's, and somebody else's business.
_NOT_THE_STACKS = ["time.*", "updates.*", "server.*", "disk.*", "disks.*", "backup.*.verified", "rehearsal*"]


class Api(Running):
    """What answers for the API, and for n8n, of every stack: yes."""

    def __init__(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Yes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "15")
        self.end_headers()
        self.wfile.write(b'{"status":"ok"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Fleet:
    """``count`` hosts in ``folder``, which is made; each has an n8n and files, and a prefix of its own in the store."""

    def __init__(
        self, folder: Path, count: int, servers: Servers, store: Store, api: Api, *, called: str = "bot"
    ) -> None:
        self.folder = folder
        self.reports = folder / "reports"
        self.names = [f"{called}-{number:04}" for number in range(1, count + 1)]
        self._make_stacks()
        self._write_inventory(str(servers.interpreter), store, api)

    @property
    def inventory(self) -> Path:
        """The inventory's folder."""
        return self.folder / "inventory"

    def n8n(self, name: str) -> Path:
        """Return n8n's data folder on the host of that name."""
        return self.folder / name / "n8n_data"

    def _make_stacks(self) -> None:
        self.folder.mkdir()
        self.reports.mkdir()
        sample = self.folder / "sample"
        sample.mkdir()
        make(sample / "n8n_data", _PLAN)
        (sample / "project").mkdir()
        (sample / "project" / ".env").write_text("LOTTERY=navidad\n", encoding="utf-8")
        (sample / "project" / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
        # What apt would update is remembered from the last look: to reckon it takes seconds.
        looked = {"state_file": str(sample / "looks.json"), "sections": ["updates"], "timeout": "5m"}
        run_module("stack_health_info", looked)
        for name in self.names:
            shutil.copytree(sample, self.folder / name, symlinks=True)

    def _write_inventory(self, interpreter: str, store: Store, api: Api) -> None:
        group = self.inventory / "group_vars" / "chatbot_stacks"
        group.mkdir(parents=True)
        hosts = {name: {"stack_name": name} for name in self.names}
        _write(self.inventory / "hosts.yml", {"chatbot_stacks": {"hosts": hosts}})
        place = f"{self.folder}/{{{{ inventory_hostname }}}}"
        stack = {
            "name": "{{ stack_name }}",
            "language": "es",
            "sources": ["n8n", "config"],
            "repositories": [store.repository("{{ stack_name }}")],
            "n8n": {"path": f"{place}/n8n_data", "url": api.url},
            "config": {"paths": [f"{place}/project"]},
            "endpoints": [{"name": "api", "url": f"{api.url}/health", "keyword": "ok"}],
            "objectives": {"rto": "30m", "rpo": "24h"},
        }
        _write(group / "chatbot_stack.yml", {"chatbot_stack": stack})
        roles = {
            "ansible_connection": "local",
            "ansible_python_interpreter": interpreter,
            **{f"{role}_python": interpreter for role in ("backup", "health", "retention", "runbook")},
            "backup_work_dir": f"{place}/work",
            "health_state_file": f"{place}/looks.json",
            "health_report_folder": str(self.reports),
            "health_skip": _NOT_THE_STACKS,
            "runbook_folder": str(self.folder / "runbooks"),
        }
        _write(group / "roles.yml", roles)
        for name in self.names:
            (self.folder / name / "work").mkdir()


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(json.loads(json.dumps(content)), sort_keys=False, width=1000), encoding="utf-8")
