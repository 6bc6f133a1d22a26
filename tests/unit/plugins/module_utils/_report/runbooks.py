# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role gathers for a runbook, and the page about it."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2
from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook_page import runbook_values

from tests.tools.link import CHECKOUT

TEMPLATES = CHECKOUT / "roles/runbook/templates"
CSS = CHECKOUT / "roles/rehearsal/templates/base.css"

PASSED = {"level": "restore", "time": "2026-11-22T05:04:00Z", "result": "passed"}
ANA = {"name": "Ana Ruiz", "role": "developer", "phone": "+52 55 1234 5678", "email": "ana@example.com"}
HOSTING = {"name": "Hospedaje Sol", "role": "hosting", "url": "https://example.com/help", "contract": "K-471"}
WHATSAPP = {"name": "Nube 360", "role": "whatsapp", "email": "help@example.com", "hours": "9-18"}
KEYS = {"identity": "1Password, vault Ops; paper copy in the safe", "vault": "1Password, vault Ops"}


def backups(set_id: str, sources: tuple[str, ...] = ("database", "n8n"), **more: Any) -> list[dict[str, Any]]:
    stamp = set_id[:16]
    taken = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
    stored = [{"content_bytes": 31_500_000, "stored_bytes": 6_000_000}]
    return [
        {
            "backup_id": f"{stamp}-{source}-02bb",
            "set_id": set_id,
            "source": source,
            "taken": taken,
            "good": True,
            "objects": stored,
            "verified": None,
            **more,
        }
        for source in sources
    ]


def listing(*found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what backup_info returns of the backups of several sets."""
    sets = [
        {"set_id": each[0]["set_id"], "backups": {one["source"]: one["backup_id"] for one in each}} for each in found
    ]
    return {"backups": [one for each in found for one in each], "sets": sets}


def findings(**more: Any) -> dict[str, Any]:
    listed = listing(backups("20261125T031500Z-set-1c9e"), backups("20261122T031500Z-set-77aa", verified=PASSED))
    row = {
        "ended": "2026-11-20T03:00:00Z",
        "mode": "scratch",
        "state": "proven",
        "met": True,
        "phases": {},
        "rto_seconds": 277.0,
        "rpo_seconds": 80_000.0,
    }
    return {
        "stack": "lottery-chatbot",
        "host": "vps-1",
        "language": "en",
        "issued": "2026-11-25T09:12:00Z",
        "inventory": ["/home/ana/chatbot/inventories/mine"],
        "options": "",
        "controller": "",
        "folder": "/home/ana/chatbot",
        "sources": ["database", "n8n"],
        "recipients": ["age1x"],
        "supabase": False,
        "database_elsewhere": "",
        "repositories": [{"path": "/srv/backups"}],
        "listings": [listed],
        "objectives": {"rto": "30m", "rpo": "24h"},
        "rehearsals": [row, row],
        "contacts": [ANA, HOSTING, WHATSAPP],
        "keys": KEYS,
        "secrets": {},
        **more,
    }


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True, autoescape=False
    )
    return environment.get_template("runbook.html.j2")


def render(given: dict[str, Any]) -> str:
    """Return the page as Ansible would write it: nothing is escaped that the template does not."""
    return _template().render(__runbook_page=runbook_values(given), __runbook_css=CSS.read_text("utf-8"))
