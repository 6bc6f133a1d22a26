# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n: whether it is ready, and how many executions failed of late, read from its database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import existing_volume
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._health.endpoint import Endpoint, ask
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.database import Database, ask_beside
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import DATABASE
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login

_HOME = "/home/node/.n8n"
_PORT = "5678"
_POSTGRES = "postgresdb"
_LOGIN = {"port": "PORT", "user": "USER", "password": "PASSWORD"}
_PATIENCE = 5
_MOST = 10

# n8n 1.x and 2.x; "crashed" is one that n8n found broken off at its start.
_FAILED = ("error", "crashed")


@dataclass(frozen=True)
class N8n:
    """Where n8n is: its ``container`` (name or service), or the ``url`` that it answers at; its ``volume`` or ``path``, where
    its executions are not to be found by the container. ``span`` is how far back executions count, in seconds."""

    container: str = ""
    project: str | None = None
    url: str = ""
    volume: str = ""
    path: str = ""
    prefix: str = ""
    span: float = 86_400.0
    timeout: float = 5.0


@dataclass(frozen=True)
class _Store:
    """Where its executions are: a SQLite ``database``, or a PostgreSQL server by ``login`` and ``schema``."""

    prefix: str
    database: Database | None = None
    login: Login | None = field(default=None, repr=False)
    schema: str = "public"


def look_at_n8n(n8n: N8n, engine: Callable[[], Engine]) -> dict[str, Any]:
    """Return ``readiness`` and ``executions``; neither hides the other.

    :param engine: opens the Docker Engine, where it is needed.
    """
    container, problem, asked = None, None, True
    if n8n.container:
        try:
            container = engine().container(n8n.container, n8n.project)
        except OpsError as error:
            # There being no such container is an answer; an engine that says nothing is none.
            problem, asked = error.message, not isinstance(error, ToolError)
    return {
        "readiness": {"asked": asked or bool(n8n.url), **_readiness(n8n, container, problem)},
        "executions": _told(lambda: _executions(n8n, container, problem, engine)),
    }


def readiness_url(container: Container) -> str:
    """Return where the n8n in ``container`` says whether it is ready. Pure.

    Not ``/healthz``: that stays 200 while its database is dead.

    :raises RefusedError: if it does not run, or has no address.
    """
    if not container.runs:
        raise RefusedError(f"The container {container.name} does not run; it is {container.status}.")
    if not container.addresses:
        raise RefusedError(f"The container {container.name} has no address of its own. Set the URL of n8n.")
    environment = container.environment
    path = environment.get("N8N_ENDPOINT_HEALTH", "").strip("/") or "healthz"
    return f"http://{container.addresses[0]}:{environment.get('N8N_PORT') or _PORT}/{path}/readiness"


def _readiness(n8n: N8n, container: Container | None, problem: str | None) -> dict[str, Any]:
    try:
        if n8n.url:
            url = n8n.url.rstrip("/") + "/healthz/readiness"
        elif container is not None:
            url = readiness_url(container)
        else:
            raise RefusedError(problem or "Neither the container nor the URL of n8n is known.")
    except OpsError as error:
        return {"problem": error.message, "status": None, "body": "", "seconds": None, "url": None}
    found = ask(Endpoint("n8n", url, timeout=n8n.timeout))
    return {key: found[key] for key in ("problem", "status", "body", "seconds", "url")}


def _executions(
    n8n: N8n, container: Container | None, problem: str | None, engine: Callable[[], Engine]
) -> dict[str, Any]:
    if container is None and not (n8n.volume or n8n.path):
        raise RefusedError(problem or "Neither the container nor the data folder of n8n is known.")
    store = _store(n8n, container, engine)
    rows = _ask_sqlite(store, n8n.span) if store.database is not None else _ask_postgres(store, n8n.span)
    failed = sorted((-int(count), str(name)) for name, count, _all in rows if count)
    return {
        "kind": "sqlite" if store.database is not None else "postgres",
        "failed": -sum(count for count, _name in failed),
        "total": sum(int(total) for _name, _count, total in rows),
        "workflows": [{"workflow": name, "failed": -count} for count, name in failed[:_MOST]],
        "since_seconds": n8n.span,
    }


def _store(n8n: N8n, container: Container | None, engine: Callable[[], Engine]) -> _Store:
    environment: Mapping[str, str] = container.environment if container is not None else {}
    prefix = n8n.prefix or environment.get("DB_TABLE_PREFIX", "")
    if container is not None and environment.get("DB_TYPE") == _POSTGRES:
        login = _postgres_login(container, engine())
        return _Store(prefix, login=login, schema=environment.get("DB_POSTGRESDB_SCHEMA") or "public")
    folder = _folder(n8n, container, engine)
    database = Database(os.path.realpath(folder), environment.get("DB_SQLITE_DATABASE") or DATABASE)
    if not os.path.exists(database.path):
        raise RefusedError(f"There is no database {database.name} in n8n's data folder {folder}.")
    return _Store(prefix, database=database)


def _folder(n8n: N8n, container: Container | None, engine: Callable[[], Engine]) -> str:
    if n8n.path:
        return n8n.path
    if n8n.volume:
        return existing_volume(engine(), n8n.volume, n8n.project).path
    mount = container.mount_of(_HOME) if container is not None else None
    if mount is None:
        raise RefusedError(f"Nothing is mounted at {_HOME} in n8n's container. Set n8n's volume or path.")
    return mount.source


def _postgres_login(container: Container, engine: Engine) -> Login:
    """Return how the host reaches the server that n8n's environment names: a service of its project, or a host.

    :raises RefusedError: if it is not told; a ``_FILE`` in place of a variable is read in the container.
    """

    def told(name: str) -> str:
        variable = f"DB_POSTGRESDB_{name}"
        if f"{variable}_FILE" in container.environment:
            content = engine.read_file(container, container.environment[f"{variable}_FILE"])
            return (content or b"").decode("utf-8", "replace").strip()
        return container.environment.get(variable, "")

    host = told("HOST") or "localhost"
    for each in engine.containers():
        if each.project == container.project and host in (each.service, each.name) and each.addresses:
            host = each.addresses[0]
    parameters = {"host": host, "connect_timeout": str(_PATIENCE)}
    parameters.update({key: told(name) for key, name in _LOGIN.items() if told(name)})
    return Login(parameters, told("DATABASE") or "n8n")


def _ask_sqlite(store: _Store, span: float) -> list[tuple[Any, ...]]:
    if store.database is None:
        raise AssertionError
    store.database.require_access()
    since = (now() - timedelta(seconds=span)).strftime("%Y-%m-%d %H:%M:%S")

    def count(connection: sqlite3.Connection) -> list[Any]:
        statement = _statement(store.prefix, '"startedAt" >= ?', "?")
        with closing(connection.execute(statement, [*_FAILED, since])) as cursor:
            return [list(each) for each in cursor.fetchall()]

    return [tuple(each) for each in ask_beside(store.database, count, float(_PATIENCE))]


def _ask_postgres(store: _Store, span: float) -> list[tuple[Any, ...]]:
    if store.login is None:
        raise AssertionError
    with store.login.connect() as session:
        session.run(f"SET statement_timeout = '{_PATIENCE}s'; SET default_transaction_read_only = on")
        session.run("SELECT set_config('search_path', quote_ident(%s), false)", (store.schema,))
        where = "\"startedAt\" >= now() - %s * interval '1 second'"
        return session.run(_statement(store.prefix, where, "%s"), [*_FAILED, span])


def _statement(prefix: str, where: str, mark: str) -> str:
    """Return the counting statement; those that run or wait have not failed yet, and those of people's tests are no failures."""
    execution, workflow = (_quoted(prefix + name) for name in ("execution_entity", "workflow_entity"))
    failed = f"count(CASE WHEN execution.status IN ({mark}, {mark}) THEN 1 END)"
    return (
        f"SELECT coalesce(max(workflow.name), 'deleted'), {failed}, count(*) "
        f'FROM {execution} AS execution LEFT JOIN {workflow} AS workflow ON workflow.id = execution."workflowId" '
        f"WHERE execution.{where} AND execution.mode <> 'manual' GROUP BY execution.\"workflowId\""
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told(look: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"problem": None, **look()}
    except OpsError as error:
        return {"problem": error.message}
