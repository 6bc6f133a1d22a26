# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting that an application keeps in its database: read, and kept at what it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import request_span
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import (
    CONNECTION_ARGUMENTS,
    Login,
    Session,
    login_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server

SETTING_ARGUMENTS: dict[str, Any] = {
    **CONNECTION_ARGUMENTS,
    "query": {"type": "str", "required": True},
    "statement": {"type": "str"},
    "values": {"type": "dict", "default": {}},
    "timeout": {"type": "str", "default": "10s"},
}


@dataclass(frozen=True)
class Setting:
    """``query`` returns one row, which has to hold ``values`` by the names of its columns; ``statement`` brings that about.

    Both may have the values as ``%(name)s``. ``patience`` is for how many seconds the server may work on each.
    """

    query: str
    statement: str | None
    values: Mapping[str, Any]
    patience: float


def setting_from(params: Mapping[str, Any]) -> Setting:
    """Return what the module parameters ask for.

    :raises RefusedError: if they make no sense.
    """
    values: Mapping[str, Any] = params["values"]
    for name, value in values.items():
        if not isinstance(value, (str, int, float, bool)) and value is not None:
            raise RefusedError(
                f"Parameter values: {name} is a {type(value).__name__}. A setting is a text or a number."
            )
    if params["statement"] is not None and not values:
        raise RefusedError("Parameter values: name what the row of query has to hold when statement has run.")
    return Setting(params["query"], params["statement"], values, request_span("timeout", params["timeout"]))


def setting_login(params: Mapping[str, Any]) -> Login:
    """Return how to reach the server.

    :raises RefusedError: if no database is named, or the container cannot be used.
    """
    known: Mapping[str, str] = {}
    if params["container"] is not None:
        known = container_server(open_engine(), params["container"], params["project"]).parameters
    return login_from(params, known).require_dbname()


def keep_setting(login: Login, setting: Setting, *, check_mode: bool) -> dict[str, Any]:
    """Return the module's result; run the statement if the row does not hold what it has to.

    :raises RefusedError: if the query returns no row, or one without the columns.
    :raises ToolError: if the server refuses, or the row does not hold it afterwards. Then nothing was changed.
    """
    with login.connect() as session:
        read_only = "" if setting.statement is not None and not check_mode else " READ ONLY"
        session.run(f"BEGIN{read_only}; SET LOCAL statement_timeout = {int(setting.patience * 1000)}")
        before = _row(session, setting, login)
        if setting.statement is None or _fits(before, setting):
            return _result(before, before, changed=False)
        if check_mode:
            return _result(before, {**(before or {}), **setting.values}, changed=True)
        session.run(setting.statement, setting.values)
        after = _row(session, setting, login)
        if not _fits(after, setting):
            raise ToolError(
                f"{login.title}: the statement has run, and the row of the query still does not hold {dict(setting.values)}; "
                f"it is {after}. Nothing was changed. Look at both of them."
            )
        session.run("COMMIT")
    return _result(before, after, changed=True)


def _row(session: Session, setting: Setting, login: Login) -> dict[str, Any] | None:
    rows = session.named(setting.query, setting.values)
    if len(rows) > 1:
        raise RefusedError(f"{login.title}: the query returns {len(rows)} rows. A setting is one row.")
    if not rows:
        if setting.statement is None:
            raise RefusedError(f"{login.title}: the query returns no row.")
        return None
    missing = sorted(set(setting.values) - set(rows[0])) if setting.statement is not None else []
    if missing:
        raise RefusedError(
            f"{login.title}: the query returns no column {' and no column '.join(missing)}. Name its columns as the values."
        )
    return {name: _plain(value) for name, value in rows[0].items()}


def _fits(row: Mapping[str, Any] | None, setting: Setting) -> bool:
    return row is not None and all(_same(row[name], value) for name, value in setting.values.items())


def _same(found: Any, wanted: Any) -> bool:
    """Return whether a column holds a value, whatever the column's type: 20 is 20.0, and "20" in a text."""
    if found is None or wanted is None:
        return found is wanted
    if isinstance(found, bool) or isinstance(wanted, bool):
        return str(found).lower() == str(wanted).lower()
    try:
        return float(found) == float(wanted)
    except (TypeError, ValueError):
        return str(found) == str(wanted)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, dict, list)) or value is None else str(value)


def _result(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, changed: bool) -> dict[str, Any]:
    return {
        "changed": changed,
        "row": None if after is None else dict(after),
        "diff": {"before": _lines(before), "after": _lines(after)},
    }


def _lines(row: Mapping[str, Any] | None) -> str:
    return "".join(f"{name}: {value}\n" for name, value in (row or {}).items())
