# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict of a verification, kept beside the backup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.document import seal, unseal

LEVELS = ("checksum", "structure", "restore")


@dataclass(frozen=True)
class Verdict:
    """What a verification to ``level`` found at ``time`` (ISO 8601, UTC); no problems means that it passed."""

    backup_id: str
    level: str
    time: str
    problems: tuple[str, ...]
    duration_seconds: float

    @property
    def result(self) -> str:
        """``passed`` or ``failed``."""
        return "failed" if self.problems else "passed"

    def age_seconds(self, instant: datetime) -> float:
        """Return how long before ``instant`` it was given."""
        return (instant - from_iso(self.time)).total_seconds()

    def to_document(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {**asdict(self), "problems": list(self.problems), "result": self.result}


def write_verdict(verdict: Verdict) -> bytes:
    """Return the bytes to store."""
    return seal(verdict.to_document())


def read_verdict(content: bytes, title: str) -> Verdict:
    """Return the verdict in ``content``.

    :raises DamagedError: if any byte changed since it was written.
    """
    document = unseal(content, title)
    try:
        document.pop("result")
        return Verdict(**{**document, "problems": tuple(document["problems"])})
    except (KeyError, TypeError) as error:
        raise DamagedError(f"{title} lacks a field that every verdict has: {error}.") from error


def _rank(verdict: Verdict) -> tuple[int, str]:
    return LEVELS.index(verdict.level), verdict.time


def standing(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the verdict that counts.

    A failure counts until a newer verification to at least its level passes; without one, the highest level passed.
    """
    known = list(verdicts)
    passed = [each for each in known if not each.problems]
    failed = [
        each
        for each in known
        if each.problems and not any(_rank(good)[0] >= _rank(each)[0] and good.time > each.time for good in passed)
    ]
    return max(failed or passed, key=_rank, default=None)
