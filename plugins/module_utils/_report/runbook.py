# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a runbook: what there is to restore, how it was proven, and whom to call. In no language yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES, id_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS
from ansible_collections.chatbot.ops.plugins.module_utils._report.contacts import (
    Contact,
    read_contacts,
    read_keys,
    require_no_secret,
)

_FREE_TEXTS = ("contacts", "keys", "controller", "inventory", "options")
_SECRET_FIELDS = ("access_key", "secret_key", "password")
_SECRET_NAMES = re.compile(r"KEY|SECRET|PASS|TOKEN", re.IGNORECASE)


@dataclass(frozen=True)
class Verified:
    """The verification of a whole set: the lowest level of its parts, and when the first of them was done."""

    level: str
    time: datetime


@dataclass(frozen=True)
class GoodSet:
    """A set with a good backup of every source. ``time`` is the oldest instant that it holds; sizes in bytes."""

    set_id: str
    time: datetime
    content_bytes: int
    stored_bytes: int
    verified: Verified | None


@dataclass(frozen=True)
class Holding:
    """What one repository holds: its good sets, newest first. ``problem`` says why nobody knows."""

    sets: tuple[GoodSet, ...]
    problem: str | None

    @property
    def newest(self) -> GoodSet | None:
        """The newest good set."""
        return self.sets[0] if self.sets else None


@dataclass(frozen=True)
class Runbook:
    """All that the page tells. ``rehearsals`` are rows of the history, oldest first; objectives are in seconds.

    ``database_elsewhere`` is what a database that is not on the stack's server is called by; empty for one that is.
    """

    stack: str
    host: str
    language: str
    issued: datetime
    inventory: tuple[str, ...]
    options: str
    controller: str
    folder: str
    sources: tuple[str, ...]
    encrypted: bool
    supabase: bool
    database_elsewhere: str
    repositories: tuple[Mapping[str, Any], ...]
    holdings: tuple[Holding, ...]
    rto_objective: float | None
    rpo_objective: float | None
    rehearsals: tuple[Mapping[str, Any], ...]
    contacts: tuple[Contact, ...]
    keys: Mapping[str, str]

    @property
    def newest(self) -> GoodSet | None:
        """The newest good set of all repositories."""
        return max((each.newest for each in self.holdings if each.newest), key=lambda each: each.set_id, default=None)

    @property
    def verified(self) -> GoodSet | None:
        """The newest set that was verified whole, in any of them."""
        found = [each for holding in self.holdings for each in holding.sets if each.verified]
        return max(found, key=lambda each: each.set_id, default=None)


def read_runbook(findings: Mapping[str, Any]) -> Runbook:
    """Return the facts in ``findings``, as the role ``runbook`` gathers them.

    ``listings`` holds what ``backup_info`` returned for each of ``repositories``, in the same order, or the result of
    its failure. ``secrets`` are those that the inventory holds, by their names: none of them may get onto the page.

    :raises RefusedError: if something makes no sense, or holds a secret.
    """
    if findings["language"] not in ("en", "es"):
        raise RefusedError(f"The language {findings['language']!r} is none of en and es.")
    require_no_secret(_free_texts(findings), _secrets(findings))
    sources = tuple(findings["sources"])
    objectives = findings["objectives"]
    return Runbook(
        stack=findings["stack"],
        host=findings["host"],
        language=findings["language"],
        issued=from_iso(findings["issued"]),
        inventory=tuple(_below(each, findings["folder"]) for each in findings["inventory"]),
        options=findings["options"],
        controller=findings["controller"],
        folder=findings["folder"],
        sources=sources,
        encrypted=bool(findings["recipients"]),
        supabase=bool(findings["supabase"]),
        database_elsewhere=findings["database_elsewhere"],
        repositories=tuple(findings["repositories"]),
        holdings=tuple(_holding(each, sources) for each in findings["listings"]),
        rto_objective=optional_duration("chatbot_stack.objectives.rto", objectives["rto"]),
        rpo_objective=optional_duration("chatbot_stack.objectives.rpo", objectives["rpo"]),
        rehearsals=tuple(findings["rehearsals"]),
        contacts=read_contacts(findings["contacts"]),
        keys=read_keys(findings["keys"]),
    )


def _below(path: str, folder: str) -> str:
    """Return ``path`` as it is typed in ``folder``."""
    return path[len(folder) + 1 :] if folder and path.startswith(f"{folder}/") else path


def _free_texts(findings: Mapping[str, Any]) -> dict[str, str]:
    """Return what people wrote by hand and the page repeats."""
    return {name: "\n".join(_texts(findings[name])) for name in _FREE_TEXTS}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


def _secrets(findings: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(findings["secrets"])
    for number, repository in enumerate(findings["repositories"], start=1):
        for field in _SECRET_FIELDS:
            found[f"{field} of repository {number}"] = repository.get(field)
        for name, value in (repository.get("environment") or {}).items():
            if _SECRET_NAMES.search(name):
                found[f"{name} of repository {number}"] = value
    return found


def _holding(listing: Mapping[str, Any], sources: Sequence[str]) -> Holding:
    if "backups" not in listing:
        return Holding((), str(listing.get("msg") or "no reason was given"))
    wanted = [each for each in SOURCES if each in sources]
    by_id = {each["backup_id"]: each for each in listing["backups"]}
    sets = []
    for each in listing["sets"]:
        parts = [by_id[each["backups"][source]] for source in wanted if source in each["backups"]]
        if parts and len(parts) == len(wanted) and all(part["good"] for part in parts):
            sets.append(_good_set(each["set_id"], parts))
    return Holding(tuple(sorted(sets, key=lambda each: each.set_id, reverse=True)), None)


def _good_set(set_id: str, parts: Sequence[Mapping[str, Any]]) -> GoodSet:
    stored = [each for part in parts for each in part["objects"]]
    return GoodSet(
        set_id,
        min((from_iso(part["taken"]) for part in parts), default=id_time(set_id)),
        sum(each["content_bytes"] for each in stored),
        sum(each["stored_bytes"] for each in stored),
        _verified(parts),
    )


def _verified(parts: Sequence[Mapping[str, Any]]) -> Verified | None:
    verdicts = [part["verified"] for part in parts]
    if any(each is None or each["result"] != "passed" for each in verdicts):
        return None
    level = min((each["level"] for each in verdicts), key=LEVELS.index)
    return Verified(level, min(from_iso(each["time"]) for each in verdicts))
