# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a server can take a backup: everything that can be known before anything is touched."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Clients, Programs, find_clients
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Details, details_of, roles_needed

_LOCAL_HOSTS = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Fit:
    """What a restore needs to know of the server that suits it."""

    clients: Clients
    missing_roles: Sequence[str]
    missing_tablespaces: Sequence[str]


def examine(session: Session, manifest: Manifest, programs: Programs, title: str) -> Fit:
    """Return how the server of ``session`` suits the backup.

    :param title: what failed, for messages.
    :raises RefusedError: if the backup cannot be restored there.
    """
    details = details_of(manifest)
    find_program("zstd")
    _require_version(session, manifest, title)
    _require_same_digests(session, manifest, title)
    _require_extensions(session, details, title)
    _require_space(session, details)
    clients = find_clients(
        max(session.major, major_of(manifest.versions["pg_dump"])), programs, f"to restore backup {manifest.backup_id}"
    )
    return Fit(
        clients,
        _missing(session, "pg_roles", "rolname", roles_needed(details, manifest.proof["roles"])),
        _missing(session, "pg_tablespace", "spcname", details.tablespaces),
    )


def require_roles(fit: Fit, details: Details, title: str, *, create: bool) -> None:
    """Refuse a server that lacks roles, unless they are to be created and can be.

    :raises RefusedError: naming them.
    """
    if not fit.missing_roles or (create and details.passwords is not None):
        return
    names = ", ".join(fit.missing_roles)
    if create:
        raise RefusedError(
            f"{title}: the server lacks the roles {names}, and the backup was taken without globals, so that they "
            "cannot be created from it. Create them by hand."
        )
    raise RefusedError(
        f"{title}: the server lacks the roles {names}, which own something in the backup or are granted something. "
        "Say create_roles: true to create them from the backup, or create them by hand.",
        missing_roles=list(fit.missing_roles),
    )


def require_ownership(
    session: Session, details: Details, fit: Fit, title: str, but: Callable[[str], bool] = lambda _role: False
) -> None:
    """Refuse a user who may not give everything to its owner again.

    :param but: tells the owners that do not matter.
    :raises RefusedError: naming the roles.
    """
    if session.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        return
    owners = sorted(
        {each for each in (details.database.owner, *details.owners) if not but(each)} - set(fit.missing_roles)
    )
    strangers = session.run("SELECT o FROM unnest(%s::text[]) o WHERE NOT pg_has_role(o::name, 'MEMBER')", (owners,))
    if strangers:
        names = ", ".join(name for (name,) in strangers)
        raise RefusedError(
            f"{title}: the user is no superuser and no member of {names}, so that it cannot make them owners again. "
            "Restore as a superuser, or grant it these roles."
        )


def major_of(version: str) -> int:
    """Return the major version in ``version``, such as ``15.18 (Debian 15.18-0+deb12u1)`` or ``19beta1``."""
    match = re.match(r"\d+", version)
    return int(match.group()) if match else 0


def _require_version(session: Session, manifest: Manifest, title: str) -> None:
    made_with = major_of(manifest.versions["postgresql"])
    if session.major < made_with:
        raise RefusedError(
            f"{title}: the backup was made on PostgreSQL {made_with}, the server is PostgreSQL {session.major}. "
            "An older server cannot be relied on to take it. Restore to the same version or a newer one."
        )


def _require_same_digests(session: Session, manifest: Manifest, title: str) -> None:
    """Refuse a server whose digests have nothing to say about the backup's: one of another byte order."""
    if session.value(catalog.ALGORITHM) != manifest.proof["algorithm"]:
        raise RefusedError(
            f"{title}: the server computes other digests than the backup's ({manifest.proof['algorithm']}), so that "
            "nothing could be proven. The recovery commands in the manifest restore it without proof."
        )


def _require_extensions(session: Session, details: Details, title: str) -> None:
    missing = _missing(session, "pg_available_extensions", "name", list(details.extensions))
    if missing and details.scope.whole:
        raise RefusedError(
            f"{title}: the server does not offer the extensions {', '.join(missing)}. "
            "Install the packages that carry them (no restart is needed for most).",
            missing_extensions=missing,
        )


def _require_space(session: Session, details: Details) -> None:
    """Refuse where the server's disk would be filled, as far as it is ours to look at: a full one stops the server."""
    local = session.value("SELECT coalesce(host(inet_server_addr()), '') = ANY (%s)", ([*_LOCAL_HOSTS, ""],))
    folder = session.value("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
    if local and folder and os.path.isdir(folder):
        require_space(folder, details.database.bytes, "the restored database")


def _missing(session: Session, catalog_name: str, column: str, wanted: Sequence[str]) -> list[str]:
    rows = session.run(
        f"SELECT w FROM unnest(%s::text[]) w WHERE w NOT IN (SELECT {column} FROM {catalog_name})", (list(wanted),)
    )
    return sorted(name for (name,) in rows)
