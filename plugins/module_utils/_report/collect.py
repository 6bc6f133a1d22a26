# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the results of the modules to the record of a rehearsal, which the report and the history are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration

FORMAT = 1


def collect_rehearsal(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of one rehearsal (JSON values only).

    ``findings`` holds ``stack``, ``host``, ``repository`` (where it is, or empty), ``language``, ``mode``,
    ``objectives`` (``rto``, ``rpo``: durations or empty), ``marks`` (``{id, at}`` of each phase's begin, and of the
    ``end``), ``failure`` (empty: none), and by source the results of the modules: ``backups``, ``verifications``,
    ``losses`` (restores in check mode), ``restores``. Where no backup was taken, ``parts`` holds the manifests of those
    that were used. ``told`` may hold what a copy in isolation did without.

    :raises RefusedError: if an objective is no duration.
    """
    marks = [{**each, "id": _phase(each["id"], findings["mode"])} for each in findings["marks"]]
    phases = [
        {"id": begun["id"], "started": begun["at"], "ended": ended["at"]} for begun, ended in zip(marks, marks[1:])
    ]
    begun_at = {each["id"]: each["at"] for each in marks}
    objectives = findings["objectives"]
    recovered = not findings["failure"] and "restore" in begun_at
    return {
        "format": FORMAT,
        "stack": findings["stack"],
        "host": findings["host"],
        "repository": findings["repository"] or None,
        "language": findings["language"],
        "mode": findings["mode"],
        "started": marks[0]["at"],
        "ended": marks[-1]["at"],
        "phases": phases,
        "disaster_at": begun_at.get("disaster"),
        "recovered_at": marks[-1]["at"] if recovered else None,
        "failure": findings["failure"] or None,
        "objectives": {
            f"{name}_seconds": optional_duration(f"rehearsal_objective_{name}", objectives[name])
            for name in ("rto", "rpo")
        },
        "sources": _sources(findings),
        "told": list(findings.get("told") or ()),
    }


def _sources(findings: Mapping[str, Any]) -> list[dict[str, Any]]:
    backups = findings["backups"] or {each["source"]: _taken_before(each) for each in findings.get("parts") or ()}
    names: Sequence[str] = list(backups)
    # Before the phase began, the results of restores are those of their plan.
    restores = findings["restores"] if any(each["id"] == "restore" for each in findings["marks"]) else {}
    # Only where nothing was destroyed is the trial restore of a verification the recovery.
    recoveries = findings["verifications"] if findings["mode"] == "scratch" else restores
    kinds = (backups, findings["verifications"], findings["losses"], recoveries)
    return [_source(name, *(kind.get(name, {}) for kind in kinds)) for name in names]


def _taken_before(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a backup that was there already, as if it had just been taken."""
    sizes = {
        name: sum(each[name] for each in manifest.get("objects") or ()) for name in ("content_bytes", "stored_bytes")
    }
    return {
        "backup_id": manifest["backup_id"],
        "manifest": manifest,
        **sizes,
        "duration_seconds": None,
        "downtime_seconds": manifest["consistency"]["downtime_seconds"],
    }


def _phase(identifier: str, mode: str) -> str:
    """Return the phase's name. Without a disaster, the trial restore is the restore."""
    return "restore" if mode == "scratch" and identifier == "verify" else identifier


def _source(
    name: str,
    backup: Mapping[str, Any],
    verification: Mapping[str, Any],
    loss: Mapping[str, Any],
    recovery: Mapping[str, Any],
) -> dict[str, Any]:
    manifest = backup["manifest"]
    verified = None
    if verification:
        verified = {
            "level": verification["level"],
            "passed": verification["verified"],
            "seconds": verification["duration_seconds"],
        }
    return {
        "source": name,
        "backup_id": backup["backup_id"],
        "taken": manifest["taken"],
        "claimed": manifest["proof"],
        "content_bytes": backup["content_bytes"],
        "stored_bytes": backup["stored_bytes"],
        "backup_seconds": backup["duration_seconds"],
        "downtime_seconds": backup["downtime_seconds"],
        "recovery": manifest["recovery"],
        "verified": verified,
        "lost": loss.get("diff"),
        "restore_seconds": recovery.get("duration_seconds"),
        "proof": recovery.get("proof"),
        "previous": recovery.get("previous"),
    }
