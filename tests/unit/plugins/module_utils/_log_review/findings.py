# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two modules return, as the review gets it."""

from __future__ import annotations

from typing import Any

SINCE = "2026-11-23T03:15:00.000000Z"
AT = "2026-11-24T03:15:00Z"
LIMITS = {
    "errors": {"warning": 10, "critical": 100},
    "new_errors": {"warning": 1, "critical": -1},
    "restarts": {"warning": 1, "critical": 5},
    "oom_kills": {"warning": 1, "critical": 1},
    "table_errors": {"warning": 10, "critical": 100},
    "table_ratio": {"warning": 2, "critical": 5},
    "table_users": {"warning": 10, "critical": None},
}


def signature(sample: str = "connect refused", **more: Any) -> dict[str, Any]:
    """Return a signature of errors that was seen before."""
    times = {"first": "2026-11-24T02:00:00.5Z", "last": "2026-11-24T03:00:00.5Z"}
    return {
        "id": "0f",
        "signature": sample,
        "severity": "error",
        "count": 3,
        "sample": sample,
        "new": False,
        **times,
        **more,
    }


def log(service: str = "api", **more: Any) -> dict[str, Any]:
    """Return what is told of a container that has nothing wrong."""
    return {
        "service": service,
        "name": f"lottery-chatbot-{service}-1",
        "driver": "json-file",
        "new_restarts": 0,
        "oom_killed": False,
        "oom_kills": 0,
        "exit_code": 0,
        "readable": True,
        "problem": None,
        "oldest": "2026-11-20T10:00:00.1Z",
        "complete": True,
        "error_count": 0,
        "warning_count": 0,
        "signatures": [],
        "new_signatures": 0,
        "more_signatures": 0,
        **more,
    }


def table(**more: Any) -> dict[str, Any]:
    """Return what is told of a table that has nothing wrong."""
    return {
        "table": "system_logs",
        "since": SINCE,
        "rows": 1000,
        "error_count": 0,
        "warning_count": 0,
        "ratio": 0.0,
        "users": 0,
        "users_hit": [],
        "workflows": [],
        "signatures": [],
        "new_signatures": 0,
        "more_signatures": 0,
        **more,
    }


def findings(*logs: dict[str, Any], language: str = "en", **more: Any) -> dict[str, Any]:
    """Return the findings of a review; those of one quiet container and a quiet table, if nothing else is given."""
    return {
        "stack": "lottery-chatbot",
        "host": "vps-1",
        "language": language,
        "containers": {"since": SINCE, "containers": list(logs or [log()])},
        "table": table(),
        "limits": LIMITS,
        **more,
    }
