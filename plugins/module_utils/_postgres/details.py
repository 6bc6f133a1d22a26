# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifest keeps of a database beside its proof. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope

#: The payloads. The third holds rows of Supabase's own schemas.
DUMP = "dump.pgdump"
GLOBALS = "globals.sql"
MANAGED = "managed.pgdump"


@dataclass(frozen=True)
class Database:
    """What pg_dump leaves out: the database itself. The fields are those of catalog.DATABASE.

    ``provider`` is ``c`` (libc), ``i`` (ICU) or ``b`` (builtin), ``locale`` that of the latter two. ``acl`` is None for
    the default privileges; a None as grantee is PUBLIC. A None as the role of a setting is every role.
    """

    name: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    provider: str
    locale: str | None
    icu_rules: str | None
    connection_limit: int
    comment: str | None
    bytes: int
    acl: Sequence[Mapping[str, Any]] | None
    settings: Sequence[Mapping[str, Any]]

    def roles(self) -> set[str]:
        """Return the roles that the database itself needs."""
        grantees = {each["grantee"] for each in self.acl or ()}
        return {self.owner, *filter(None, grantees), *filter(None, (each["role"] for each in self.settings))}


@dataclass(frozen=True)
class Details:
    """All of it. ``without_data`` lists, for each pattern, the tables whose rows were left out; ``passwords`` tells
    whether the globals (None: not saved) hold the roles' passwords; ``extensions`` maps names to versions. ``managed``
    maps the tables of Supabase's own whose rows were saved to their ``rows``, ``digest`` and ``columns``.
    """

    database: Database
    scope: Scope
    without_data: Mapping[str, Sequence[str]]
    passwords: bool | None
    owners: Sequence[str]
    extensions: Mapping[str, str]
    tablespaces: Sequence[str]
    warnings: Sequence[str]
    provider: str = "postgres"
    managed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return the details as JSON values."""
        document = asdict(self)
        document["scope"] = {key: list(value) for key, value in document["scope"].items()}
        return document


def details_of(manifest: Manifest) -> Details:
    """Return the details in ``manifest``.

    :raises DamagedError: if they are none of a database.
    """
    document = manifest.details
    try:
        return Details(
            **{
                **document,
                "database": Database(**document["database"]),
                "scope": Scope(**{key: tuple(value) for key, value in document["scope"].items()}),
            }
        )
    except (KeyError, TypeError) as error:
        raise DamagedError(f"The manifest of {manifest.backup_id} is none of a database: {error}.") from error


def roles_needed(details: Details, owning_or_granted: Iterable[str]) -> list[str]:
    """Return the roles that a restore needs, those of the proof and those of the database itself."""
    roles = {*owning_or_granted, *details.database.roles()}
    return sorted(each for each in roles if not each.startswith("pg_"))
