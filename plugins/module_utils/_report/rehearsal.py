# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement on a rehearsal: facts, in no language. Whatever is missing counts against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report.proofs import (
    Change,
    Content,
    changes_of,
    content_of,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.record import (
    Phase,
    Record,
    SourceRecord,
    read_record,
    seconds_between,
)

#: Everything came back, is proven, and nothing else is wrong.
PROVEN = "proven"
#: Everything came back and is proven, but something beside is not as it should be.
FLAWED = "flawed"
#: Something did not come back, or nobody knows.
FAILED = "failed"

#: The phases that bring a stack back, by the rehearsal's mode. In isolation, all of it comes up anew, and has to work.
_BRINGING_BACK = {"isolated": ("deploy", "prepare", "restore", "start", "prove")}


@dataclass(frozen=True)
class Measure:
    """A measured span and its objective, in seconds; None where it is unknown, or nothing was asked for."""

    seconds: float | None
    objective: float | None = None

    @property
    def missed(self) -> bool:
        """Whether there is an objective that is not known to be met."""
        return self.objective is not None and (self.seconds is None or self.seconds > self.objective)


@dataclass(frozen=True)
class Problem:
    """Something that is wrong: a key of the texts, the source it concerns, and the words of whoever noticed it."""

    key: str
    source: str | None = None
    messages: tuple[str, ...] = ()
    #: Whether it puts the recovery itself in doubt.
    grave: bool = True


@dataclass(frozen=True)
class Outcome:
    """What became of one source: its record, what came back, and what was written after the copy (None: unknown)."""

    record: SourceRecord
    content: Content
    changes: tuple[Change, ...] | None
    problems: tuple[Problem, ...]

    @property
    def proven(self) -> bool:
        """Whether it came back as it was backed up."""
        return not any(each.grave for each in self.problems)


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal, judged."""

    record: Record
    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    rto: Measure
    rpo: Measure
    downtime_seconds: float | None

    @property
    def state(self) -> str:
        """:data:`PROVEN`, :data:`FLAWED` or :data:`FAILED`."""
        if any(each.grave for each in self.problems):
            return FAILED
        return FLAWED if self.problems else PROVEN

    @property
    def recovered(self) -> bool:
        """Whether everything is back and proven."""
        return self.state != FAILED

    @property
    def scratch(self) -> bool:
        """Whether nothing was destroyed: the restore went beside the running stack."""
        return self.record.mode != "disaster"

    @property
    def isolated(self) -> bool:
        """Whether the whole stack came up beside, with no way out."""
        return self.record.mode == "isolated"


def judge(document: Any) -> Rehearsal:
    """Return the judgement on the rehearsal in ``document``, as the filter ``rehearsal_collect`` gives it.

    :raises RefusedError: if it is no such document.
    """
    record = read_record(document)
    outcomes = tuple(_outcome(record, each) for each in record.sources)
    problems = [*_run_problems(record), *(each for outcome in outcomes for each in outcome.problems)]
    rto, rpo = Measure(_rto(record), record.rto_objective), Measure(_rpo(record), record.rpo_objective)
    if rto.seconds is None and not any(each.grave for each in problems):
        problems.append(Problem("problem_recovery"))
    if any(each.grave for each in problems):
        # The time of a recovery that did not take place, the age of a copy that did not come back: there is none.
        rto, rpo = Measure(None, rto.objective), Measure(None, rpo.objective)
    else:
        problems.extend(_missed(rto, rpo))
    downtime = _total([each.downtime_seconds for each in record.sources])
    return Rehearsal(record, outcomes, tuple(problems), rto, rpo, downtime)


def destroyed_at(record: Record) -> datetime | None:
    """Return the instant of the disaster; from scratch, the one from which on the restore would mend it."""
    if record.mode == "disaster":
        return record.disaster_at
    return next((each.started for each in restores(record)), None)


def oldest_copy(record: Record) -> datetime | None:
    """Return the oldest instant that a backup holds, or None if one source has no backup."""
    taken = [each.taken for each in record.sources]
    known = [each for each in taken if each is not None]
    return min(known) if known and len(known) == len(taken) else None


def restores(record: Record) -> list[Phase]:
    """Return the phases that bring back."""
    return [each for each in record.phases if each.id in _BRINGING_BACK.get(record.mode, ("restore",))]


def _rto(record: Record) -> float | None:
    if record.mode == "disaster":
        return seconds_between(record.disaster_at, record.recovered_at)
    return _total([each.seconds for each in restores(record)])


def _rpo(record: Record) -> float | None:
    return seconds_between(oldest_copy(record), destroyed_at(record))


def _total(spans: Sequence[float | None]) -> float | None:
    """Return the sum, or None if there is nothing to sum up or a part is unknown."""
    known = [each for each in spans if each is not None]
    return sum(known) if known and len(known) == len(spans) else None


def _outcome(record: Record, source: SourceRecord) -> Outcome:
    content = content_of(source.source, source.proof)
    problems = (*_restore_problems(source, content), *_verification_problems(record, source))
    return Outcome(source, content, changes_of(source.source, source.lost), problems)


def _restore_problems(source: SourceRecord, content: Content) -> Iterator[Problem]:
    name = source.source
    if source.failed is not None:
        yield Problem("problem_failed", name, (source.failed,))
    elif source.proof is None:
        yield Problem("problem_unproven", name)
    if source.proof is not None and not (source.proof.equal and content.same):
        yield Problem("problem_differs", name, source.proof.differences)
    total, decryptable = content.found("credentials_total"), content.found("credentials_decryptable")
    if total and total != decryptable:
        # As it was before: a backup like this was made because its user allowed it.
        yield Problem("problem_credentials", name, grave=False)


def _verification_problems(record: Record, source: SourceRecord) -> Iterator[Problem]:
    if source.verified is not None and not source.verified.passed:
        yield Problem("problem_verification", source.source)
    if source.verified is None and record.mode == "disaster":
        yield Problem("problem_unverified", source.source, grave=False)


def _run_problems(record: Record) -> Iterator[Problem]:
    if record.failure:
        yield Problem("problem_run", messages=record.failure)
    if not record.sources:
        yield Problem("problem_nothing")


def _missed(rto: Measure, rpo: Measure) -> Iterator[Problem]:
    if rto.missed:
        yield Problem("problem_rto", grave=False)
    if rpo.missed:
        yield Problem("problem_rpo" if rpo.seconds is not None else "problem_rpo_unknown", grave=False)
