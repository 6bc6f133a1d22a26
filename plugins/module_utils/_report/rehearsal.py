# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement on a rehearsal: facts, in no language. Whatever is missing counts against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report.proofs import Change, Content, changes, content
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
        return self.record.mode == "scratch"


def judge(document: Any) -> Rehearsal:
    """Return the judgement on the rehearsal in ``document``, as ``rehearse_recovery.yml`` collects it.

    :raises RefusedError: if it is no such document.
    """
    record = read_record(document)
    outcomes = tuple(_outcome(each) for each in record.sources)
    rto = Measure(_rto(record), record.rto_objective)
    rpo = Measure(_rpo(record), record.rpo_objective)
    grave = (*_run_problems(record), *(each for outcome in outcomes for each in outcome.problems if each.grave))
    if grave:
        # A time of recovery that did not take place, or a loss counted from a copy that did not come back, is none.
        rto, rpo = Measure(None, rto.objective), Measure(None, rpo.objective)
    light = () if grave else (*_light(outcomes), *_missed(rto, rpo))
    return Rehearsal(record, outcomes, (*grave, *light), rto, rpo, _downtime(record))


def destroyed_at(record: Record) -> datetime | None:
    """Return the instant of the disaster. From scratch it is the one at which a real one would have begun to be mended."""
    if record.mode == "disaster":
        return record.disaster_at
    return next((each.started for each in _restores(record)), None)


def oldest_copy(record: Record) -> datetime | None:
    """Return the oldest instant that a backup holds, or None if one source has none."""
    taken = [each.taken for each in record.sources if each.taken is not None]
    return min(taken) if taken and len(taken) == len(record.sources) else None


def _restores(record: Record) -> list[Phase]:
    return [each for each in record.phases if each.id == "restore"]


def _rto(record: Record) -> float | None:
    if record.mode == "disaster":
        return seconds_between(record.disaster_at, record.recovered_at)
    spans = [each.seconds for each in _restores(record)]
    known = [each for each in spans if each is not None]
    return sum(known) if known and len(known) == len(spans) else None


def _rpo(record: Record) -> float | None:
    return seconds_between(oldest_copy(record), destroyed_at(record))


def _downtime(record: Record) -> float | None:
    spans = [each.downtime_seconds for each in record.sources]
    known = [each for each in spans if each is not None]
    return sum(known) if known and len(known) == len(spans) else None


def _outcome(source: SourceRecord) -> Outcome:
    return Outcome(
        record=source,
        content=content(source.source, source.proof),
        changes=changes(source.source, source.lost),
        problems=tuple(_source_problems(source)),
    )


def _source_problems(source: SourceRecord) -> Iterator[Problem]:
    name = source.source
    if source.failed is not None:
        yield Problem("problem_failed", name, (source.failed,))
    elif source.proof is None:
        yield Problem("problem_unproven", name)
    if source.proof is not None and not source.proof.equal:
        yield Problem("problem_differs", name, source.proof.differences)
    if source.verified is None:
        yield Problem("problem_unverified", name, grave=False)
    elif not source.verified.passed:
        yield Problem("problem_verification", name)


def _run_problems(record: Record) -> Iterator[Problem]:
    if record.failed is not None:
        yield Problem("problem_run", messages=(record.failed,))
    if not record.sources:
        yield Problem("problem_nothing")
    elif _rto(record) is None:
        yield Problem("problem_recovery_unknown")


def _missed(rto: Measure, rpo: Measure) -> Iterator[Problem]:
    if rto.missed and rto.seconds is not None:
        yield Problem("problem_rto", grave=False)
    if rpo.missed:
        yield Problem("problem_rpo", grave=False)
