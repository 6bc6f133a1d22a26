# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors and warnings gathered by what they have in common, in bounded memory. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import fold, mask
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.lines import ERROR, Finding

#: So many signatures are told apart in one log. What comes later under a new one is only counted.
MOST = 1000
_SAMPLE = 300
_REMEMBERED = 4096
# Every digit is like any other to a signature, but for those of an HTTP status.
_ALIKE = str.maketrans("123456789", "0" * 9)
_STATUS = len("HTTP 502")


@dataclass
class Group:
    """What has the same signature: how often, when first and last (as Docker writes times), and one of them, masked."""

    id: str
    signature: str
    severity: str
    count: int
    first: str
    last: str
    sample: str

    def to_document(self, known: Container[str]) -> dict[str, Any]:
        """Return it as JSON values; it is new unless its id is ``known``."""
        return {
            "id": self.id,
            "signature": self.signature,
            "severity": self.severity,
            "count": self.count,
            "first": self.first,
            "last": self.last,
            "sample": self.sample,
            "new": self.id not in known,
        }


@dataclass
class Tally:
    """The findings of one log, that of ``service``."""

    service: str
    most: int = MOST
    errors: int = 0
    warnings: int = 0
    untold: int = 0
    """How many had a signature that was one too many."""
    _groups: dict[str, Group] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, finding: Finding, time: str) -> None:
        """Count a finding of that time."""
        if finding.severity == ERROR:
            self.errors += 1
        else:
            self.warnings += 1
        status = finding.message[:_STATUS] if finding.message.startswith("HTTP ") else ""
        key = (finding.severity, status, finding.message.translate(_ALIKE))
        identity = self._seen.get(key)
        if identity is None:
            identity = self._open(finding, time)
            # To fold takes much longer than all the rest: the same words again and again are folded once.
            if len(self._seen) < _REMEMBERED:
                self._seen[key] = identity
        group = self._groups.get(identity)
        if group is None:
            self.untold += 1
            return
        group.count += 1
        group.first = min(group.first, time, key=time_key)
        group.last = max(group.last, time, key=time_key)

    def join(self, other: Tally) -> None:
        """Add what another one has counted of the same service."""
        self.errors += other.errors
        self.warnings += other.warnings
        self.untold += other.untold
        for identity, each in other._groups.items():
            mine = self._groups.get(identity)
            if mine is not None:
                mine.count += each.count
                mine.first = min(mine.first, each.first, key=time_key)
                mine.last = max(mine.last, each.last, key=time_key)
            elif len(self._groups) < self.most:
                self._groups[identity] = each
            else:
                self.untold += each.count

    def groups(self) -> list[Group]:
        """Return the groups, errors before warnings, the most frequent ones first."""
        return sorted(self._groups.values(), key=lambda each: (each.severity != ERROR, -each.count, each.signature))

    def _open(self, finding: Finding, time: str) -> str:
        signature = fold(finding.message)
        identity = signature_id(self.service, finding.severity, signature)
        if identity not in self._groups and len(self._groups) < self.most:
            sample = mask(finding.message)[:_SAMPLE]
            self._groups[identity] = Group(identity, signature, finding.severity, 0, time, time, sample)
        return identity


def signature_id(service: str, severity: str, signature: str) -> str:
    """Return what a signature of a service is known by from one look to the next."""
    return hashlib.sha256("\0".join((service, severity, signature)).encode()).hexdigest()[:16]


def time_key(time: str) -> str:
    """Return ``time`` (RFC 3339 in UTC with up to nine digits of fraction, as Docker writes it) so that it can be compared."""
    return f"{time[:19]}.{time[20:-1]:0<9}"
