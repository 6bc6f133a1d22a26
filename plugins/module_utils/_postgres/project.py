# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Supabase project as something that a backup can be restored to: ours in one transaction, Supabase's left as it is.

Whatever is the user's own comes back, or nothing does. What Supabase provides is tried, statement by statement, and what
of it cannot be done is told.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import run_command, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import check, commands, managed, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import MANAGED, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.failures import Failures, OwnersFilter
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.fitness import (
    Fit,
    examine,
    require_ownership,
    require_roles,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.in_place import (
    InPlaceTarget,
    Work,
    insert_before_commit,
    write_script,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.rebuild import restore_arguments
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.server import Server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import (
    is_left,
    is_reserved_role,
    is_tolerated,
    own_claims,
    role_statement,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.target import Survey
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.toc import Entry, parse_toc, use_list

_RESTRICTED = re.compile(rb"^\\restrict (\w+)$", re.MULTILINE)
_HEAD = 4096  # bytes that surely hold it
_EVERY_PROJECT = ("anon", "authenticated", "service_role")
_WHOLE = ("--clean", "--if-exists", "--single-transaction")
# Each statement between the two has a savepoint of its own, and takes back nothing but itself.
_BEGIN_TOLERATED = """
\\set VERBOSITY verbose
\\set ON_ERROR_STOP off
\\set ON_ERROR_ROLLBACK on
\\i {path}
\\set ON_ERROR_ROLLBACK off
\\set ON_ERROR_STOP on
\\set VERBOSITY default
"""


@dataclass(frozen=True)
class Shares:
    """An archive's entries: those that must succeed, those that may fail, the extensions, and those left to Supabase."""

    own: Sequence[Entry]
    tolerated: Sequence[Entry]
    extensions: Sequence[Entry]
    left: Sequence[Entry]


def shares_of(entries: Iterable[Entry], event_triggers: Collection[str] = ()) -> Shares:
    """Return how each of ``entries`` is dealt with.

    :param event_triggers: those that the project has. Who may not make them is not told that they are there.
    """
    found: dict[str, list[Entry]] = {"own": [], "tolerated": [], "extensions": [], "left": []}
    for each in entries:
        there = each.kind == "EVENT TRIGGER" and each.name in event_triggers and is_tolerated(each)
        found["left" if there else _share(each)].append(each)
    return Shares(**found)


def _share(entry: Entry) -> str:
    if entry.kind == "EXTENSION":
        return "extensions"
    if is_left(entry):
        return "left"
    return "tolerated" if is_tolerated(entry) else "own"


class ProjectTarget(InPlaceTarget):
    """The database of a Supabase project."""

    _failures: Failures

    def _survey(self, manifest: Manifest) -> Survey:
        survey = super()._survey(manifest)
        if survey.held is not None and details_of(manifest).managed:
            with self._server() as server, server.login.at(self._name).connect() as session:
                if not managed.holds(session, details_of(manifest).managed):
                    survey = self._surveys[manifest.backup_id] = Survey(survey.live, None)
        return survey

    def _require_rights(self, server: Server) -> None:
        missing = sorted(
            set(_EVERY_PROJECT) - {name for (name,) in server.session.run("SELECT rolname::text FROM pg_roles")}
        )
        if missing:
            raise RefusedError(
                f"{self._title}: it has no role {', '.join(missing)}, so that it is no Supabase project. "
                "Restore with provider: postgres."
            )

    def _fit(self, server: Server, manifest: Manifest) -> Fit:
        details = details_of(manifest)
        fit = examine(server.session, manifest, self._options.programs, self._title)
        reserved = [each for each in fit.missing_roles if is_reserved_role(each)]
        if reserved:
            raise RefusedError(
                f"{self._title}: the project has no role {', '.join(reserved)}, which Supabase makes and the backup "
                "refers to. Enable what brings it (Database, Extensions), or restore to a project of the same version."
            )
        require_roles(fit, details, self._title, create=self._options.create_roles)
        require_ownership(server.session, details, fit, self._title, but=is_reserved_role)
        return fit

    @staticmethod
    def _role_statement(statement: str) -> str:
        return role_statement(statement)

    def _has_something(self, manifest: Manifest) -> bool:
        """A copy of a new project would hold nothing."""
        live = self._survey(manifest).live
        if live is not None and any(live.rows.values()):
            return True
        with self._server() as server, server.login.at(self._name).connect() as session:
            return any(proof.measured(each, session)["rows"] for each in managed.survey(session, Scope()).measures)

    def _write(self, script: str, work: Work) -> dict[str, Any]:
        details, folder = details_of(work.manifest), os.path.dirname(script)
        own_archive, more = work.archive.path, restore_arguments(work.fit)
        with work.login.connect() as session:
            shares = shares_of(_entries(work, own_archive), event_triggers=_event_triggers(session))
            self._failures = Failures(shares.tolerated)
            strangers = [
                name
                for (name,) in session.run(
                    "SELECT rolname::text FROM pg_roles WHERE NOT pg_has_role(oid, 'MEMBER') ORDER BY 1"
                )
                if is_reserved_role(name)
            ]
            if work.fit.missing_roles and not session.value(
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            ):
                # Who makes a role does not belong to it, and only its members can make it an owner.
                session.run(f"GRANT {', '.join(identifier(each) for each in work.fit.missing_roles)} TO CURRENT_USER")
            fits = managed.fitting(session, details.managed)
            self._failures.found += fits.failures
            checks = managed.check(fits, details.managed, session)
            possible = {*fits.tables, *managed.settable(session)}
        _put(script, "BEGIN;\n")
        self._text(script, work, own_archive, shares.extensions)
        if fits.tables:
            rows = os.path.join(folder, MANAGED)
            with open(rows, "wb") as stream:
                work.fetcher.decode(MANAGED, sink=stream.write)
            _put(script, "".join(managed.emptying(fits)))
            entries = _entries(work, rows)
            self._failures.found += [
                managed.failure(each.kind, each.title, "the user may not set it")
                for each in entries
                if each.kind == "SEQUENCE SET" and each.title not in possible
            ]
            self._text(script, work, rows, [each for each in entries if each.title in possible])
            _put(script, managed.ending())
        owners, begins = OwnersFilter(strangers), os.path.getsize(script)
        self._text(script, work, own_archive, shares.own, (*_WHOLE, *more), owners)
        self._failures.found += owners.failures
        tolerated = os.path.join(folder, "tolerated.sql")
        self._text(tolerated, work, own_archive, shares.tolerated, more)
        with open(tolerated, encoding="utf-8", errors="replace") as stream:
            self._failures.read(stream)
        included = _tolerated(work.access.inside(tolerated), _key(script, begins)) if shares.tolerated else ""
        insert_before_commit(script, included + checks + check.script(own_claims(work.manifest.proof), details.scope))
        return {"left_to_supabase": [f"{each.kind} {each.name}" for each in shares.left]}

    def _run(self, script: str, work: Work) -> dict[str, Any]:
        run_pipeline([self._failures.watching(commands.run_script(work.access, script))])
        # Of an object whose statements fail one after the other, the first tells why.
        first = {(each["type"], each["name"]): each for each in reversed(self._failures.found)}
        found = [first[key] for key in sorted(first)]
        return {"failed_objects": found, "failed_objects_count": len(found)}

    @staticmethod
    def _text(
        script: str,
        work: Work,
        archive: str,
        entries: Sequence[Entry],
        more: Iterable[str] = (),
        owners: OwnersFilter | None = None,
    ) -> None:
        """Put the SQL of ``entries`` at the end of ``script``."""
        chosen = f"{script}.list"
        with open(chosen, "w", encoding="utf-8") as stream:
            stream.write(use_list(entries))
        command = commands.text_of(work.access, archive, chosen, more)
        if owners is None:
            write_script(script, command)
        else:
            write_script(script, command, owners.see)
            _put(script, owners.rest().decode("utf-8", "surrogateescape"))


def _event_triggers(session: Session) -> list[str]:
    return [name for (name,) in session.run("SELECT evtname::text FROM pg_event_trigger")]


def _key(script: str, begins: int) -> str | None:
    """Return the key with which the part of ``script`` that begins at a byte keeps psql's own commands out; None if
    pg_restore is older than that.
    """
    with open(script, "rb") as stream:
        stream.seek(begins)
        match = _RESTRICTED.search(stream.read(_HEAD))
    return match.group(1).decode("ascii") if match else None


def _tolerated(path: str, key: str | None) -> str:
    """Return the lines that run the file ``path`` so that what fails in it takes back nothing but itself."""
    lines = _BEGIN_TOLERATED.format(path=path)
    return f"\n\\unrestrict {key}{lines}\\restrict {key}\n" if key else lines


def _entries(work: Work, archive: str) -> list[Entry]:
    return parse_toc(run_command(commands.list_entries(work.access, archive)))


def _put(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8", errors="surrogateescape") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.write(text)
