# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules return of a stack that is well, and ways to spoil it."""

from __future__ import annotations

import copy
from typing import Any

AT = "2026-11-24T03:15:00Z"
LOOKED = ["2026-11-24T03:14:55Z", "2026-11-24T03:14:59Z"]
_DAY = 86_400


def endpoint(**more: Any) -> dict[str, Any]:
    """Return what is found of an endpoint that answers well."""
    return {
        "name": "api",
        "url": "https://bot.example.org/health",
        "wanted": [200],
        "keyword": "ok",
        "keyword_found": True,
        "problem": None,
        "status": 200,
        "body": '{"status":"ok"}',
        "seconds": 0.05,
        "tls": True,
        "certificate_ends": "2027-01-24T03:15:00.000000Z",
        "certificate_problem": None,
        **more,
    }


def container(service: str = "api", **more: Any) -> dict[str, Any]:
    """Return what is found of a container that is well."""
    return {
        "service": service,
        "name": f"lottery-{service}-1",
        "id": service,
        "image": f"{service}:1",
        "image_id": "sha256:1",
        "tag_image_id": "sha256:1",
        "status": "running",
        "exit_code": 0,
        "error": "",
        "health": "healthy",
        "health_says": "",
        "restarts": 0,
        "new_restarts": 0,
        "age_seconds": 3 * _DAY,
        "started": "2026-11-21T03:15:00Z",
        "oom_killed": False,
        "oom_kills": 0,
        "oom_kills_now": 0,
        "memory_bytes": 100_000_000,
        "memory_limit_bytes": 500_000_000,
        **more,
    }


def disk(mount: str = "/", **more: Any) -> dict[str, Any]:
    """Return what is found of a disk that has room."""
    return {
        "mount": mount,
        "device": "/dev/vda1",
        "type": "ext4",
        "problem": None,
        "size_bytes": 100_000_000_000,
        "used_bytes": 40_000_000_000,
        "available_bytes": 60_000_000_000,
        "bytes_percent": 40.0,
        "inodes": 1_000_000,
        "inodes_percent": 10.0,
        "growth_bytes_per_day": 100_000_000,
        "days_left": 600.0,
        "trend_days": 20.0,
        **more,
    }


def sections() -> dict[str, dict[str, Any]]:
    """Return all sections of a look, in which all is well."""
    fine: dict[str, Any] = {"problem": None, "seconds": 0.1}
    ready = {
        "asked": True,
        "problem": None,
        "status": 200,
        "body": "",
        "seconds": 0.01,
        "url": "http://172.18.0.3:5678",
    }
    executions: dict[str, Any] = {
        "problem": None,
        "failed": 0,
        "total": 100,
        "workflows": [],
        "since_seconds": 86_400.0,
        "kind": "sqlite",
    }
    return {
        "endpoints": {**fine, "endpoints": [endpoint()]},
        "n8n": {**fine, "readiness": ready, "executions": executions},
        "database": {
            **fine,
            "connect_problem": None,
            "connect_seconds": 0.02,
            "database": "lottery",
            "version": 170010,
            "size": {"problem": None, "bytes": 300_000_000},
            "connections": {"problem": None, "used": 7, "max": 97, "percent": 7.2, "by_user": ["chatbot_app: 7"]},
            "locks": {"problem": None, "waiting": 0, "longest_seconds": 0.0, "waits": []},
            "bloat": {"problem": None, "dead_bytes": 0, "percent": 0.0, "tables": []},
            "transaction_age": {"problem": None, "database": "lottery", "age": 4000},
            "replication": {
                "problem": None,
                "role": "primary",
                "receiving": None,
                "lag_seconds": None,
                "standbys": [],
                "slots": [],
            },
            "archiving": {
                "problem": None,
                "mode": "off",
                "seconds_since_archived": None,
                "seconds_since_failed": None,
                "failed_count": 0,
                "last_failed_file": None,
                "waiting_files": None,
                "waiting_seconds": None,
            },
            "extensions": {"problem": None, "outdated": []},
        },
        "containers": {**fine, "project": "lottery", "containers": [container(), container("n8n")], "missing": []},
        "server": {
            **fine,
            "cores": 2,
            "uptime_seconds": 9 * _DAY,
            "load": [0.5, 0.4, 0.3],
            "cpu_percent": 12.5,
            "memory_bytes": 8_000_000_000,
            "memory_available_bytes": 5_000_000_000,
            "memory_percent": 37.5,
            "swap_bytes": 2_000_000_000,
            "swap_percent": 1.0,
            "oom_kills_since_boot": 3,
            "oom_kills": 0,
        },
        "disks": {**fine, "disks": [disk()]},
        "time": {
            **fine,
            "now": "2026-11-24T03:14:57Z",
            "synchronised": True,
            "error_seconds": 0.01,
            "ntp": ["chrony"],
            "ntp_problem": None,
        },
        "updates": {
            **fine,
            "pending": 3,
            "security": 0,
            "packages": ["tzdata"],
            "lists_age_seconds": 3600,
            "updates_problem": None,
            "reboot": False,
            "reboot_reasons": [],
        },
    }


def backup(number: int = 0, **more: Any) -> dict[str, Any]:
    """Return an entry of ``backup_info``, ``number`` days old."""
    return {
        "backup_id": f"202611{24 - number:02}T031500Z-n8n-7f3a",
        "source": "n8n",
        "age_seconds": 3600 + number * _DAY,
        "good": True,
        "problem": None,
        "verified": {"level": "restore", "time": "2026-11-24T02:20:00Z", "result": "passed"},
        "objects": [{"stored_bytes": 1_000_000}],
        "started": "2026-11-24T02:15:00.000000Z",
        "ended": "2026-11-24T02:15:12.000000Z",
        **more,
    }


def record(**more: Any) -> dict[str, Any]:
    """Return a DNS name's record that one server answers with the right address."""
    answer = {"server": "ns1 (192.0.2.53)", "addresses": ["192.0.2.10"], "addresses_v6": [], "problem": None}
    return {
        "name": "bot.example.org",
        "addresses": ["192.0.2.10"],
        "addresses_v6": [],
        "problems": [],
        "answers": [answer],
        **more,
    }


def rehearsal(**more: Any) -> dict[str, Any]:
    """Return a row of the rehearsals' history."""
    return {
        "ended": "2026-11-20T04:00:00Z",
        "state": "proven",
        "rto_seconds": 300.0,
        "rpo_seconds": 3600.0,
        "rto_objective_seconds": 1800.0,
        "rpo_objective_seconds": 86_400.0,
        **more,
    }


def supabase(**more: Any) -> dict[str, Any]:
    """Return what is told of a Supabase project that is well."""
    return {
        "project": {"status": "ACTIVE_HEALTHY"},
        "services": [{"name": "db", "status": "ACTIVE_HEALTHY", "error": None}],
        "healthy": True,
        "age_seconds": 60,
        "notes": [],
        **more,
    }


def findings(**more: Any) -> dict[str, Any]:
    """Return findings in which all is well."""
    return {
        "language": "en",
        "look": {"looked": AT, "memory_problem": None, "sections": sections()},
        "looked": LOOKED,
        "endpoints": ["api"],
        "repositories": [{"type": "local", "path": "/srv/backups"}],
        "listings": [{"backups": [backup(each) for each in range(4)]}],
        "sources": ["n8n"],
        "dns": {"records": [record()]},
        "zone": "example.org",
        "names": ["bot"],
        "address": "192.0.2.10",
        "supabase": supabase(),
        "rehearsals": [rehearsal()],
        **more,
    }


def spoiled(section: str, **more: Any) -> dict[str, Any]:
    """Return findings in which a section of the look has other facts; a dictionary changes those that it names."""
    given = copy.deepcopy(findings())
    facts = given["look"]["sections"][section]
    for name, value in more.items():
        facts[name] = {**facts[name], **value} if isinstance(value, dict) else value
    return given
