# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backups are to be verified next: what a restore would use first, then what has waited longest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import id_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS


@dataclass(frozen=True)
class Pick:
    """A backup to verify: in which repository (by its number), and how large it is.

    ``waited`` is how many seconds ago it was last verified to the level that can be reached, or else taken. ``newest``:
    it is what a restore would use. ``proven``: it was verified to that level before.
    """

    repository: int
    source: str
    backup_id: str
    stored_bytes: int
    waited: float
    newest: bool
    proven: bool

    def is_due(self, max_age: float | None) -> bool:
        """Tell whether a verdict is missing, or older than ``max_age`` seconds (None: any is too old)."""
        return not self.proven or max_age is None or self.waited > max_age

    def to_result(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "repository": self.repository,
            "source": self.source,
            "backup_id": self.backup_id,
            "stored_bytes": self.stored_bytes,
            "waited_seconds": int(self.waited),
            "newest": self.newest,
        }


@dataclass(frozen=True)
class Wish:
    """What the user wants verified: to which level, no older than ``max_age`` (seconds; None: again in any case).

    ``bytes_left`` is how much may be read beside the newest backups, ``identity`` whether encrypted ones can be opened.
    """

    sources: tuple[str, ...]
    level: str
    max_age: float | None
    bytes_left: int
    identity: bool


def plan_verification(findings: Mapping[str, Any], instant: datetime | None = None) -> dict[str, Any]:
    """Return what is to be verified (``backups``, in this order), and what cannot be.

    :param findings: ``listings``, what ``backup_info`` returned for each repository; ``sources``, ``level``, ``max_age``
        (empty: in any case), ``time_budget`` (empty: none), ``byte_budget`` and ``identity``, as the role has them.
    :returns: beside them ``seconds``, how long it may go on (None: to the end), and ``missing``, the sources of which the
        first repository has no backup, and ``unlisted``, why a repository could not be listed. What it holds stays
        unverified, which is a failure; the others are verified all the same.
    :raises RefusedError: if the findings make no sense.
    """
    instant = instant or now()
    wish = _wish(findings)
    found: list[Pick] = []
    unlisted: list[str] = []
    for number, listing in enumerate(findings["listings"]):
        if "backups" not in listing:
            unlisted.append(f"Repository {number + 1} cannot be listed: {listing.get('msg', 'no reason was given')}")
        found.extend(_candidates(number, listing.get("backups", ()), wish, instant))
    first = [each for each in found if each.newest and each.repository == 0]
    due = [each for each in first if each.is_due(wish.max_age)]
    others = sorted((each for each in found if each not in first), key=lambda each: -each.waited)
    return {
        "backups": [each.to_result() for each in [*due, *_within(others, wish)]],
        "seconds": optional_duration("time_budget", findings["time_budget"]),
        "missing": [source for source in wish.sources if source not in {each.source for each in first}],
        "unlisted": unlisted,
    }


def _wish(findings: Mapping[str, Any]) -> Wish:
    level, budget = findings["level"], int(findings["byte_budget"])
    if level not in LEVELS:
        raise RefusedError(f"The level {level!r} is none of {', '.join(LEVELS)}.")
    if budget < 0:
        raise RefusedError(f"The byte budget {budget} is less than nothing.")
    max_age = optional_duration("max_age", findings["max_age"])
    return Wish(tuple(findings["sources"]), level, max_age, budget, bool(findings["identity"]))


def _candidates(number: int, backups: Sequence[Mapping[str, Any]], wish: Wish, instant: datetime) -> Iterator[Pick]:
    """Yield the newest backup of each source, whatever its state, and of the others the good and the unknown ones.

    A safety copy is never the newest: no restore takes it unless it is named.
    """
    seen: set[str] = set()
    for each in backups:
        source = each["source"]
        if source not in wish.sources:
            continue
        newest = source not in seen and not each.get("safety_copy_for")
        if newest:
            seen.add(source)
        if newest or each["good"] or each["unknown"]:
            size = sum(stored["stored_bytes"] for stored in each.get("objects", ()))
            since, proven = _since(each, wish)
            yield Pick(number, source, each["backup_id"], size, (instant - since).total_seconds(), newest, proven)


def _since(backup: Mapping[str, Any], wish: Wish) -> tuple[datetime, bool]:
    """Return from when on a backup waits, and whether that is when it was last proven."""
    verified = backup["verified"]
    closed = not wish.identity and any(each.get("recipients") for each in backup.get("objects", ()))
    reachable = LEVELS[0] if closed else wish.level
    # What is good has passed what it was verified to; what is damaged or unknown by now has nothing to show for it.
    if backup["good"] and verified and LEVELS.index(verified["level"]) >= LEVELS.index(reachable):
        return from_iso(str(verified["time"])), True
    return id_time(str(backup["backup_id"])), False


def _within(picks: Sequence[Pick], wish: Wish) -> Iterator[Pick]:
    """Yield of ``picks`` what is due, as long as the budget lasts. The first one is read even if it is larger."""
    left = wish.bytes_left
    for each in picks:
        if left <= 0:
            return
        if each.is_due(wish.max_age):
            yield each
            left -= each.stored_bytes
