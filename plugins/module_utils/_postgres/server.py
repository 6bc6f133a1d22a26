# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The databases of a server: scratch ones, and the exchange of two names."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Database
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.properties import (
    create_statement,
    title_statements,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import beside_name, identifier

# A scratch database is known by its name together with this connection limit, which nobody would choose. The mark is
# part of CREATE DATABASE, so that no kill can come between the two.
_SCRATCH_LIMIT = 10_307
_SCRATCH_NAME = re.compile(r"_restore_[0-9a-f]{8}$")
_FORCE_SINCE = 13
# A key of 64 bits is shown as two halves, with 1 as the third number.
_HELD_ELSEWHERE = """
SELECT EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
    AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0)
)
"""
_IN_USE = "55006"
_ATTEMPTS = 3
_EJECTION_INTERVAL = 0.05  # seconds


class Server:
    """A server, by a connection to its maintenance database. Locks last as long as the connection.

    They hold for all of the server, whichever database each of the others is connected to.
    """

    def __init__(self, login: Login) -> None:
        """Connect.

        :raises ToolError: if that fails.
        """
        self.login = login
        self.session = login.connect()
        self.session.run(catalog.settings(local=False))

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.session.close()

    def has(self, name: str) -> bool:
        """Tell whether there is a database ``name``."""
        return bool(self.session.value("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", (name,)))

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Hold the right to replace database ``name``.

        :raises BusyError: if another run holds it.
        """
        if not self._lock(name):
            raise BusyError(
                f"Another restore of database {name} on {self.login.server} is at work. Try again when it has ended."
            )
        try:
            yield
        finally:
            self._unlock(name)

    @contextmanager
    def scratch(self, beside: str, like: Database) -> Iterator[str]:
        """Create an empty database, named after ``beside``, and drop it in the end, unless it got another name.

        What killed runs left is dropped first.

        :raises ToolError: if it cannot be created.
        """
        self.sweep()
        name = beside_name(beside, f"_restore_{secrets.token_hex(4)}")
        with self.held(name):
            try:
                self.session.run(create_statement(name, like, self.session.major, _SCRATCH_LIMIT))
                yield name
            finally:
                if self._is_scratch(name):
                    self.drop(name)

    def drop(self, name: str) -> None:
        """Drop database ``name``, whoever is connected to it."""
        if self.session.major >= _FORCE_SINCE:
            self.session.run(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)")
            return
        with _ejecting(self.login, name):
            self.session.run(f"DROP DATABASE IF EXISTS {identifier(name)}")

    def swap(self, scratch: str, name: str, like: Database, *, keep: bool) -> tuple[str | None, float]:
        """Give ``scratch`` the name ``name``, and the database that has it another one, in one transaction.

        Whoever is connected to it is disconnected. New connections wait for the moment that it takes.

        :param keep: whether the other one is kept; else it is dropped.
        :return: the name of the one that was kept, and for how many seconds nobody could connect.
        :raises ToolError: if it cannot be done; both then have their old names.
        """
        old = self._name_for_old(name, keep=keep) if self.has(name) else None
        statements = [
            f"ALTER DATABASE {identifier(scratch)} RENAME TO {identifier(name)}",
            *title_statements(name, like),
        ]
        if old is not None:
            statements.insert(0, f"ALTER DATABASE {identifier(name)} RENAME TO {identifier(old)}")
            if not keep:
                # A kill before the drop leaves a scratch database, for the next run to sweep.
                statements.append(f"ALTER DATABASE {identifier(old)} CONNECTION LIMIT {_SCRATCH_LIMIT}")
        begun = time.monotonic()
        with _ejecting(self.login, name) if old is not None else nullcontext():
            self._in_one_transaction(statements, name)
        seconds = round(time.monotonic() - begun, 3)
        if old is not None and not keep:
            try:
                self.drop(old)
            except ToolError:
                return old, seconds  # a replication slot holds it, say; the next run tries again
            return None, seconds
        return old, seconds

    def _name_for_old(self, name: str, *, keep: bool) -> str:
        if not keep:
            return beside_name(name, f"_restore_{secrets.token_hex(4)}")
        return beside_name(name, f"_previous_{now().strftime('%Y%m%dt%H%M%Sz')}")

    def _in_one_transaction(self, statements: list[str], name: str) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.session.run("BEGIN; " + "; ".join(statements) + "; COMMIT")
                return
            except ToolError as error:
                self.session.run("ROLLBACK")
                # The server waits five seconds for the others to go. One that it cannot end takes longer.
                if error.details.get("sqlstate") != _IN_USE:
                    raise
                if attempt == _ATTEMPTS:
                    raise ToolError(
                        f"Failed to give database {name} its new content: {self._users(name)} would not go. "
                        "Nothing was changed. Stop what uses it, or restore as a superuser."
                    ) from error

    def _users(self, name: str) -> str:
        rows = self.session.run(
            "SELECT format('%%s (%%s, %%s)', usename, pid, coalesce(nullif(application_name, ''), backend_type)) "
            "FROM pg_stat_activity WHERE datname = %s "
            "UNION ALL SELECT format('the prepared transaction %%s', gid) FROM pg_prepared_xacts WHERE database = %s",
            (name, name),
        )
        return ", ".join(text for (text,) in rows) or "somebody"

    def sweep(self) -> None:
        """Drop the scratch databases that killed runs left."""
        rows = self.session.run(
            "SELECT datname FROM pg_database WHERE datconnlimit = %s AND pg_has_role(datdba, 'USAGE')",
            (_SCRATCH_LIMIT,),
        )
        for (name,) in rows:
            if _SCRATCH_NAME.search(name) and self._lock(name):  # nobody alive holds it
                try:
                    self.drop(name)
                finally:
                    self._unlock(name)

    def _is_scratch(self, name: str) -> bool:
        limit = self.session.value("SELECT datconnlimit FROM pg_database WHERE datname = %s", (name,))
        return bool(limit == _SCRATCH_LIMIT)

    def _lock(self, name: str) -> bool:
        """Take the lock, unless anybody has it. One counts in its database alone, and others may have come by another."""
        if not self.session.value("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (_key(name),)):
            return False
        if self.session.value(_HELD_ELSEWHERE, (_key(name),)):
            self._unlock(name)  # of two in the same instant, both may do so
            return False
        return True

    def _unlock(self, name: str) -> None:
        self.session.run("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (_key(name),))


def _key(name: str) -> str:
    return f"chatbot.ops {name}"


@contextmanager
def _ejecting(login: Login, name: str) -> Iterator[None]:
    """End the connections to the database that is called ``name`` now, again and again while the body runs."""
    done = threading.Event()

    def eject(session: Session, oid: int) -> None:
        while True:
            for (pid,) in session.run("SELECT pid FROM pg_stat_activity WHERE datid = %s", (oid,)):
                with suppress(ToolError):  # not allowed to; the one that waits for them names who is left
                    session.run("SELECT pg_terminate_backend(%s)", (pid,))
            if done.wait(_EJECTION_INTERVAL):
                return

    with login.connect() as session:
        oid = session.value("SELECT oid FROM pg_database WHERE datname = %s", (name,))
        thread = threading.Thread(target=eject, args=(session, oid), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
