# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database: asked in one connection, which writes nothing and waits for nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._health import database_queries as queries
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session

#: How long the server may take to let us in, and for each answer, in seconds.
_PATIENCE = 5
_SHOWN = 5
# Of a role that is no superuser, the text of others' queries is hidden; we never ask for it.
_SETTINGS = f"SET statement_timeout = '{_PATIENCE}s'; SET lock_timeout = '1s'; SET default_transaction_read_only = on"


def look_at_database(find: Callable[[], Login]) -> dict[str, Any]:
    """Return what the server tells. ``connect_problem`` is why it could not be asked at all; then there is nothing else.

    What the server refuses to tell one by one is a ``problem`` of that one.

    :param find: returns how to reach it; a container that does not run is a reason not to be connected, too.
    """
    begun = time.monotonic()
    try:
        login = find()
        bounded = replace(login, parameters={**login.parameters, "connect_timeout": str(_PATIENCE)})
        with bounded.connect() as session:
            session.run("SELECT 1")
            seconds = round(time.monotonic() - begun, 4)
            session.run(_SETTINGS)
            return {
                "connect_problem": None,
                "connect_seconds": seconds,
                "database": login.dbname,
                "version": session.version,
                **{name: _answer(session, ask) for name, ask in _QUESTIONS.items()},
            }
    except ToolError as error:
        return {"connect_problem": " ".join(error.message.split())}
    except OpsError as error:
        return {"connect_problem": error.message}


def _answer(session: Session, ask: Callable[[Session], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"problem": None, **ask(session)}
    except ToolError as error:
        return {"problem": error.message}


def _size(session: Session) -> dict[str, Any]:
    return {"bytes": int(session.value(queries.SIZE))}


def _connections(session: Session) -> dict[str, Any]:
    ((used, most, reserved),) = session.run(queries.CONNECTIONS)
    room = int(most) - int(reserved)
    by_user = [f"{name}: {count}" for name, count in session.run(queries.CONNECTIONS_BY_USER)]
    return {"used": int(used), "max": room, "percent": round(100 * int(used) / room, 2), "by_user": by_user[:_SHOWN]}


def _locks(session: Session) -> dict[str, Any]:
    rows = session.run(queries.LOCKS if session.major >= 14 else queries.LOCKS_BEFORE_14)
    waits = [
        {"pid": pid, "user": user, "seconds": round(float(seconds), 1), "blocked_by": list(blockers)}
        for pid, user, seconds, blockers in rows
    ]
    return {"waiting": len(waits), "longest_seconds": waits[0]["seconds"] if waits else 0.0, "waits": waits[:_SHOWN]}


def _bloat(session: Session) -> dict[str, Any]:
    tables = [
        {"table": name, "bytes": int(size), "dead_bytes": int(dead)} for name, size, dead in session.run(queries.BLOAT)
    ]
    size, dead = (sum(each[key] for each in tables) for key in ("bytes", "dead_bytes"))
    worst = sorted(tables, key=lambda each: -each["dead_bytes"])[:_SHOWN]
    return {"dead_bytes": dead, "percent": round(100 * dead / size, 2) if size else 0.0, "tables": worst}


def _transactions(session: Session) -> dict[str, Any]:
    name, age = session.run(queries.TRANSACTION_AGE)[0]
    return {"database": name, "age": int(age)}


def _replication(session: Session) -> dict[str, Any]:
    if session.value("SELECT pg_is_in_recovery()"):
        ((receiving, lag),) = session.run(queries.STANDBY)
        return {
            "role": "standby",
            "receiving": receiving,
            "lag_seconds": None if lag is None else round(float(lag), 1),
            "standbys": [],
            "slots": [],
        }
    standbys = [
        {"name": name, "state": state, "lag_seconds": round(float(lag or 0), 1)}
        for name, state, lag in session.run(queries.STANDBYS)
    ]
    slots = [{"name": name, "kept_bytes": int(kept or 0)} for name, kept in session.run(queries.IDLE_SLOTS)]
    lag = max((each["lag_seconds"] for each in standbys), default=None)
    return {"role": "primary", "receiving": None, "lag_seconds": lag, "standbys": standbys, "slots": slots}


def _archiving(session: Session) -> dict[str, Any]:
    ((mode, archived, failed, failed_count, last_failed),) = session.run(queries.ARCHIVER)
    waiting, seconds = None, 0.0
    # The function is new in PostgreSQL 12.
    if mode != "off" and session.major >= 12 and session.value(queries.MAY_SEE_WAITING):
        ((waiting, seconds),) = session.run(queries.WAITING)
    return {
        "mode": mode,
        "seconds_since_archived": None if archived is None else round(float(archived), 1),
        "seconds_since_failed": None if failed is None else round(float(failed), 1),
        "failed_count": int(failed_count),
        "last_failed_file": last_failed,
        "waiting_files": waiting,
        "waiting_seconds": None if waiting is None else round(float(seconds), 1),
    }


def _extensions(session: Session) -> dict[str, Any]:
    return {
        "outdated": [
            {"name": name, "installed": installed, "available": available}
            for name, installed, available in session.run(queries.EXTENSIONS)
        ]
    }


_QUESTIONS: dict[str, Callable[[Session], dict[str, Any]]] = {
    "size": _size,
    "connections": _connections,
    "locks": _locks,
    "bloat": _bloat,
    "transaction_age": _transactions,
    "replication": _replication,
    "archiving": _archiving,
    "extensions": _extensions,
}
