# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a server: for ourselves by psycopg2, for its client programs by their environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import conninfo_for

try:
    import psycopg2
    from psycopg2.extensions import parse_dsn
except ImportError as error:
    _MISSING: ImportError | None = error
else:
    _MISSING = None

if TYPE_CHECKING:
    from psycopg2 import extensions

#: What every module that talks to a server takes (documented in the fragment ``postgres``).
CONNECTION_ARGUMENTS: dict[str, Any] = {
    "dsn": {"type": "str", "no_log": True},
    "host": {"type": "str"},
    "port": {"type": "int"},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "dbname": {"type": "str"},
    "sslmode": {"type": "str", "choices": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]},
    "bin_dir": {"type": "path"},
    "container": {"type": "str"},
    "project": {"type": "str"},
}

# The parameters that libpq also reads from the environment: those that can be handed on to the client programs.
# https://www.postgresql.org/docs/current/libpq-envars.html
_ENVIRONMENT = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "options": "PGOPTIONS",
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "requirepeer": "PGREQUIREPEER",
    "require_auth": "PGREQUIREAUTH",
    "sslcert": "PGSSLCERT",
    "sslcrl": "PGSSLCRL",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
_SUPABASE_DIRECT = re.compile(r"db\.([a-z]{20})\.supabase\.(?:co|com)")
_OPTIONS = ("host", "port", "user", "password", "dbname", "sslmode")
_DEFAULTS = {"application_name": "chatbot.ops", "connect_timeout": "15"}


class Session:
    """A connection. Each statement commits by itself, unless a BEGIN was among them."""

    def __init__(self, connection: extensions.connection, title: str) -> None:
        self._connection, self._title = connection, title

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def version(self) -> int:
        """The server's version as a number, such as 150018."""
        return int(self._connection.server_version)

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.version // 10000

    @property
    def peer(self) -> dict[str, str]:
        """The host (or the socket's folder), the port and the user of this connection, as libpq's parameters."""
        info = self._connection.info
        found = {"host": info.host, "port": str(info.port), "user": info.user}
        return {key: value for key, value in found.items() if value}

    def run(self, sql: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Execute ``sql`` and return its rows; with ``values``, each ``%s`` (or ``%(name)s``) stands for one.

        :raises ToolError: with what the server says, and its code as the detail ``sqlstate``.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def named(self, sql: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Execute ``sql`` as :meth:`run` does, and return its rows by the names of their columns.

        :raises ToolError: as :meth:`run`.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, values)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row)) for row in cursor.fetchall()] if names else []

    def count(self, sql: str) -> int:
        """Execute ``sql`` and return how many rows it wrote.

        :raises ToolError: as :meth:`run`.
        """
        with self._cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.rowcount)

    def copy(self, sql: str, stream: IO[bytes]) -> int:
        """Execute a COPY that reads from ``stream``, or writes to it, and return the number of rows.

        :raises ToolError: as :meth:`run`.
        """
        with self._cursor() as cursor:
            cursor.copy_expert(sql, stream)
            return int(cursor.rowcount)

    @contextmanager
    def _cursor(self) -> Iterator[extensions.cursor]:
        try:
            with self._connection.cursor() as cursor:
                yield cursor
        except psycopg2.Error as error:
            # The full text may quote a row; the first line of it does not.
            message = error.diag.message_primary or next(
                iter(str(error).strip().splitlines()), "the connection was lost"
            )
            if self._connection.closed:
                message = f"the server ended the connection ({message}). Look at its log, and try again."
            raise ToolError(f"{self._title}: {message}", sqlstate=error.pgcode) from error

    @property
    def pid(self) -> int:
        """The number of the server's process for this connection."""
        return int(self._connection.info.backend_pid)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return bool(self._connection.closed)

    def value(self, sql: str, values: Sequence[Any] | None = None) -> Any:
        """Execute ``sql`` and return the first column of its first row; None where there is none."""
        rows = self.run(sql, values)
        return rows[0][0] if rows else None

    def cancel(self) -> None:
        """Ask the server to end the statement that runs in another thread; harmless if none does."""
        try:
            self._connection.cancel()
        except psycopg2.Error:
            return  # it is closed, or the server is gone: nothing runs

    def close(self) -> None:
        """End the connection, and with it the transaction that is open."""
        self._connection.close()


@dataclass(frozen=True)
class Login:
    """How to reach a server. ``parameters`` are libpq's, without the database; ``dbname`` may be empty: not known."""

    parameters: Mapping[str, str] = field(repr=False)
    dbname: str

    @property
    def server(self) -> str:
        """The server's name for messages."""
        host = self.parameters.get("host") or os.environ.get("PGHOST") or "the local socket"
        return f"{host}:{self.parameters.get('port') or os.environ.get('PGPORT') or 5432}"

    @property
    def title(self) -> str:
        """The database's name for messages."""
        return f"database {self.dbname} on {self.server}"

    def at(self, dbname: str) -> Login:
        """Return the same for another database of the server."""
        return replace(self, dbname=dbname)

    def require_dbname(self) -> Login:
        """Return self.

        :raises RefusedError: if no database is named: libpq's default, the user's name, is a trap here.
        """
        if not self.dbname:
            raise RefusedError("No database is named. Set dbname, name it in dsn, or set PGDATABASE.")
        return self

    def connect(self) -> Session:
        """Open a connection.

        :raises ToolError: if psycopg2 is missing, or the server refuses or cannot be reached.
        """
        require_driver()
        parameters: dict[str, Any] = {**_DEFAULTS, **self.parameters, "client_encoding": "UTF8"}
        try:
            connection = psycopg2.connect(conninfo_for(self.dbname), **parameters)
        except psycopg2.Error as error:
            hint = _advice_about(self.parameters.get("host", ""))
            raise ToolError(f"Failed to connect to {self.title}: {str(error).strip()}{hint}") from error
        connection.autocommit = True
        return Session(connection, self.title)

    def pinned(self, session: Session) -> Login:
        """Return the same with host, port and user as they turned out for ``session``.

        psycopg2 and the client programs may come with different libpqs, whose defaults differ (the socket's folder).
        """
        return replace(self, parameters={**self.parameters, **session.peer})

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment that brings a client program to this database; ``more`` joins PGOPTIONS."""
        parameters = {**_DEFAULTS, **self.parameters, "dbname": self.dbname}
        settings = [parameters.get("options") or os.environ.get("PGOPTIONS", "")]
        settings += [f"-c {name}={value}" for name, value in more.items()]
        parameters["options"] = " ".join(each for each in settings if each)
        return {_ENVIRONMENT[key]: value for key, value in parameters.items()}


def _advice_about(host: str) -> str:
    """Return what to look at; of a host that is the direct address of a Supabase project, what is to be known of it.

    https://supabase.com/docs/guides/database/connecting-to-postgres
    """
    direct = _SUPABASE_DIRECT.fullmatch(host)
    if direct is None:
        return "\nCheck that the server runs and can be reached from here, and the host, port, user and password given."
    return (
        "\nA direct connection to Supabase needs IPv6, or the project's IPv4 add-on. If this host has no IPv6, use the "
        "session pooler that the dashboard shows (Connect): host aws-…pooler.supabase.com, port 5432, user "
        f"postgres.{direct.group(1)}. A project that is paused cannot be reached either."
    )


def require_driver() -> None:
    """Refuse to go on without psycopg2.

    :raises ToolError: if this Python has none.
    """
    if _MISSING is not None:
        raise ToolError(
            f"The Python library psycopg2 is missing on this host ({_MISSING}). Apply the role chatbot.ops.toolchain "
            "to it and run this module under the Python that it sets up (ansible_python_interpreter)."
        ) from _MISSING


def login_from(params: Mapping[str, Any], known: Mapping[str, str]) -> Login:
    """Return the login that the module parameters describe: options go before ``dsn``, and that before what is ``known``
    (libpq's parameters) or in the environment.

    :raises RefusedError: if the dsn cannot be read, or cannot be handed on to the client programs.
    """
    given = {**_parsed(params["dsn"]), **{key: str(params[key]) for key in _OPTIONS if params[key] is not None}}
    strange = sorted(set(given) - set(_ENVIRONMENT))
    if strange:
        raise RefusedError(
            f"Parameter dsn: {', '.join(strange)} cannot be handed on to PostgreSQL's client programs. Leave it out."
        )
    given = {**known, **given}
    dbname = given.pop("dbname", "") or os.environ.get("PGDATABASE", "")
    return Login(given, dbname)


def _parsed(dsn: str | None) -> dict[str, str]:
    if not dsn:
        return {}
    require_driver()
    try:
        return dict(parse_dsn(dsn))
    except psycopg2.ProgrammingError:
        # What libpq says quotes the dsn, and so the password.
        raise RefusedError(
            "Parameter dsn is no connection string. Write postgresql://user:password@host:port/dbname "
            "(special characters percent-encoded) or key=value pairs."
        ) from None
