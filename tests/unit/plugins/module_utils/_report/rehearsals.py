# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings of rehearsals, as the role gathers them, and the pages about them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cache
from typing import Any

import jinja2
from ansible_collections.chatbot.ops.plugins.module_utils._report.collect import collect_rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import page_values

from tests.tools.link import CHECKOUT

TEMPLATES = CHECKOUT / "roles" / "rehearsal" / "templates"

TABLES = {"public.orders": {"rows": 12_580, "digest": "-5"}, "<script>alert(1)</script>": {"rows": 1, "digest": "7"}}
DATABASE = {
    "tables": TABLES,
    "sequences": {"public.order_number": {"from": [1, True], "to": [4, True]}},
    "large_objects": {"count": 2, "digest": "9"},
    "extensions": ["pgcrypto"],
    "objects": {"indexes": 18, "policies": 1, "composite_types": 3},
}
N8N: dict[str, Any] = {
    "database": {
        "last_migration": {"name": "AddThings", "timestamp": 1},
        "workflows": {"total": 12, "active": 8, "digests": {"a": "b"}},
        "credentials": {"total": 8, "decryptable": 8},
        "executions": {"count": 1519, "newest": 1519},
        "tables": 20,
    },
    "files": {"count": 260, "bytes": 17_000_000},
    "key_fingerprint": "18af",
}


def proven(proof: dict[str, Any]) -> dict[str, Any]:
    return {"claimed": proof, "found": copy.deepcopy(proof), "equal": True, "differences": []}


def result(source: str, proof: dict[str, Any]) -> dict[str, Any]:
    manifest = {"taken": "2026-11-24T03:15:00.5Z", "proof": proof, "recovery": ["zstd -d x"]}
    return {
        "backup_id": f"20261124T031500Z-{source}-7f3a",
        "manifest": manifest,
        "content_bytes": 63_800_000,
        "stored_bytes": 12_000_000,
        "duration_seconds": 2.5,
        "downtime_seconds": 0.0,
    }


def findings(**more: Any) -> dict[str, Any]:
    marks = [
        ("backup", "03:15:00"),
        ("verify", "03:15:05"),
        ("disaster", "03:15:14"),
        ("restore", "03:15:15"),
        ("end", "03:15:22"),
    ]
    proofs: dict[str, dict[str, Any]] = {"database": DATABASE, "n8n": N8N}
    verified = {"level": "restore", "verified": True, "duration_seconds": 3.0}
    rows = {"public.orders": 12_580}
    return {
        "stack": "lottery-chatbot",
        "host": "vps-1",
        "repository": "/var/backups/chatbot",
        "language": "en",
        "mode": "disaster",
        "objectives": {"rto": "30m", "rpo": "24h"},
        "marks": [{"id": name, "at": f"2026-11-24T{clock}Z"} for name, clock in marks],
        "failure": "",
        "backups": {name: result(name, proof) for name, proof in proofs.items()},
        "verifications": {name: {**verified, "proof": proven(proof)} for name, proof in proofs.items()},
        "losses": {
            "database": {"diff": {"before": {"rows": {"public.orders": 12_878}}, "after": {"rows": rows}}},
            "n8n": {
                "diff": {
                    "before": {"workflows": 12, "credentials": 8, "executions": 1530},
                    "after": {"workflows": 12, "credentials": 8, "executions": 1519},
                }
            },
        },
        "restores": {
            name: {"proof": proven(proof), "duration_seconds": 3.0, "previous": f"{name}_previous"}
            for name, proof in proofs.items()
        },
        **more,
    }


def scratch() -> dict[str, Any]:
    given = findings(mode="scratch", losses={}, restores={})
    marks = [each for each in given["marks"] if each["id"] in ("backup", "verify", "end")]
    return {**given, "marks": marks}


def isolated(**more: Any) -> dict[str, Any]:
    """Return what is found when the whole stack came up beside, from a set that was there."""
    given = findings(mode="isolated", losses={}, backups={}, verifications={}, **more)
    clocks = {"choose": "03:20:00", "prepare": "03:20:02", "restore": "03:20:10", "start": "03:20:18"}
    clocks |= {"prove": "03:20:36", "remove": "03:20:38", "end": "03:20:41"}
    sizes = {"content_bytes": 63_800_000, "stored_bytes": 12_000_000}
    parts = [
        {
            **result(name, proof)["manifest"],
            "source": name,
            "backup_id": f"20261124T031500Z-{name}-7f3a",
            "objects": [sizes],
            "consistency": {"downtime_seconds": 0.0},
        }
        for name, proof in (("database", DATABASE), ("n8n", N8N))
    ]
    marks = [{"id": name, "at": f"2026-11-24T{clock}Z"} for name, clock in clocks.items()]
    return {**given, "marks": marks, "parts": parts, "told": ["The service api has no value in WHATSAPP_TOKEN."]}


def record(**more: Any) -> dict[str, Any]:
    """Return the record of a rehearsal with a disaster that went well, but for ``more``."""
    return collect_rehearsal(findings(**more))


def differing() -> dict[str, Any]:
    """Return the record of one whose database came back with fewer orders and without another table."""
    given = record(failure="Failed to restore the database lottery")
    proof = given["sources"][0]["proof"]
    proof["found"] = {**DATABASE, "tables": {"public.orders": {"rows": 12_577, "digest": "1"}}}
    proof["equal"] = False
    proof["differences"] = [f"tables.t{number} is missing" for number in range(8)]
    return given


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True, autoescape=False
    )
    environment.filters["chatbot.ops.rehearsal_report"] = page_values
    return environment.get_template("report.html.j2")


def render(given: dict[str, Any], history: Sequence[dict[str, Any]] = ()) -> str:
    """Return the page as ansible.builtin.template would write it: nothing is escaped that the template does not."""
    return _template().render(rehearsal_result=given, __rehearsal_history=history)
