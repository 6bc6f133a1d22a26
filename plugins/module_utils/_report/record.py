# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rehearsal left behind, as the playbook collects it, typed.

A rehearsal can end anywhere, so nearly everything may be missing. What is missing is None, and nothing that reads a
None may call it good. What is there but makes no sense is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._report.collect import FORMAT

LANGUAGES = ("en", "es")
MODES = ("disaster", "scratch", "isolated")


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds from ``start`` to ``end``, or None if one is missing or the clock went backwards."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


@dataclass(frozen=True)
class Phase:
    """One step of the rehearsal (``backup``, ``verify``, ``disaster``, ``restore``; those of :mod:`rehearsal`)."""

    id: str
    started: datetime | None
    ended: datetime | None

    @property
    def seconds(self) -> float | None:
        """How long it took, or None if it did not come to its end."""
        return seconds_between(self.started, self.ended)


@dataclass(frozen=True)
class Verification:
    """The verification of a backup before it was needed."""

    level: str | None
    seconds: float | None
    passed: bool


@dataclass(frozen=True)
class Difference:
    """What was there just before the disaster (``live``), and what the backup holds (``kept``)."""

    live: Mapping[str, Any]
    kept: Mapping[str, Any]


@dataclass(frozen=True)
class Proof:
    """What the manifest claims and what was found after the restore."""

    claimed: Mapping[str, Any]
    found: Mapping[str, Any]
    equal: bool
    differences: tuple[str, ...]


@dataclass(frozen=True)
class SourceRecord:
    """What happened to one source. Sizes in bytes, spans in seconds; ``failed`` is the message of what went wrong."""

    source: str
    backup_id: str | None
    taken: datetime | None
    content_bytes: float | None
    stored_bytes: float | None
    backup_seconds: float | None
    downtime_seconds: float | None
    verified: Verification | None
    lost: Difference | None
    restore_seconds: float | None
    proof: Proof | None
    previous: str | None
    recovery: tuple[str, ...]
    failed: str | None


@dataclass(frozen=True)
class Record:
    """A whole rehearsal. Objectives are in seconds; ``failure`` holds the messages of what stopped it."""

    language: str
    stack: str
    host: str | None
    repository: str | None
    mode: str
    started: datetime | None
    ended: datetime | None
    disaster_at: datetime | None
    recovered_at: datetime | None
    rto_objective: float | None
    rpo_objective: float | None
    phases: tuple[Phase, ...]
    sources: tuple[SourceRecord, ...]
    failure: tuple[str, ...]
    #: What a copy in isolation did without, in sentences.
    told: tuple[str, ...] = ()


def read_record(document: Any) -> Record:
    """Return the rehearsal in ``document``, a dictionary of format 1.

    :raises RefusedError: naming the field that has no value of its kind.
    """
    fields = _Fields.of(document, "rehearsal")
    if fields.number("format") != FORMAT:
        raise RefusedError(f"A rehearsal of format {fields.values.get('format')!r} cannot be reported; {FORMAT} can.")
    objectives = fields.inner("objectives") or _Fields({}, "")
    return Record(
        language=fields.choice("language", LANGUAGES),
        stack=fields.required("stack"),
        host=fields.text("host"),
        repository=fields.text("repository"),
        mode=fields.choice("mode", MODES),
        started=fields.time("started"),
        ended=fields.time("ended"),
        disaster_at=fields.time("disaster_at"),
        recovered_at=fields.time("recovered_at"),
        rto_objective=objectives.number("rto_seconds"),
        rpo_objective=objectives.number("rpo_seconds"),
        phases=tuple(_phase(each) for each in fields.each("phases")),
        sources=tuple(_source(each) for each in fields.each("sources")),
        failure=fields.messages("failure"),
        told=fields.texts("told"),
    )


def _phase(fields: _Fields) -> Phase:
    return Phase(fields.required("id"), fields.time("started"), fields.time("ended"))


def _source(fields: _Fields) -> SourceRecord:
    return SourceRecord(
        source=fields.required("source"),
        backup_id=fields.text("backup_id"),
        taken=fields.time("taken"),
        content_bytes=fields.number("content_bytes"),
        stored_bytes=fields.number("stored_bytes"),
        backup_seconds=fields.number("backup_seconds"),
        downtime_seconds=fields.number("downtime_seconds"),
        verified=_verification(fields.inner("verified")),
        lost=_difference(fields.inner("lost")),
        restore_seconds=fields.number("restore_seconds"),
        proof=_proof(fields.inner("proof")),
        previous=fields.text("previous"),
        recovery=fields.texts("recovery"),
        failed=fields.text("failed"),
    )


def _verification(fields: _Fields | None) -> Verification | None:
    if fields is None:
        return None
    return Verification(fields.text("level"), fields.number("seconds"), fields.truth("passed"))


def _difference(fields: _Fields | None) -> Difference | None:
    sides = (fields.inner("before"), fields.inner("after")) if fields is not None else (None, None)
    if sides[0] is None or sides[1] is None:
        return None
    return Difference(sides[0].values, sides[1].values)


def _proof(fields: _Fields | None) -> Proof | None:
    if fields is None:
        return None
    claimed, found = fields.inner("claimed"), fields.inner("found")
    return Proof(
        claimed.values if claimed else {},
        found.values if found else {},
        # A comparison that names differences, or had nothing to compare, did not find equality, whatever it says.
        fields.truth("equal") and bool(claimed and claimed.values) and not fields.texts("differences"),
        fields.texts("differences"),
    )


@dataclass(frozen=True)
class _Fields:
    """The fields of one dictionary at ``path``, each read as what it has to be."""

    values: Mapping[str, Any]
    path: str

    @classmethod
    def of(cls, value: Any, path: str) -> _Fields:
        if not isinstance(value, Mapping):
            raise RefusedError(f"{path} is no dictionary.")
        return cls(value, path)

    def _refuse(self, name: str, kind: str) -> RefusedError:
        return RefusedError(f"{self.path}.{name} is {self.values.get(name)!r}, which is no {kind}.")

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value or None
        raise self._refuse(name, "text")

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise self._refuse(name, "name")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        value = self.text(name) or choices[0]
        if value not in choices:
            raise self._refuse(name, f"choice; take {' or '.join(choices)}")
        return value

    def number(self, name: str) -> float | None:
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise self._refuse(name, "number from 0")
        return value

    def truth(self, name: str) -> bool:
        return self.values.get(name) is True

    def time(self, name: str) -> datetime | None:
        return optional_time(f"{self.path}.{name}", self.values.get(name))

    def inner(self, name: str) -> _Fields | None:
        value = self.values.get(name)
        return None if value is None else _Fields.of(value, f"{self.path}.{name}")

    def each(self, name: str) -> list[_Fields]:
        return [_Fields.of(each, f"{self.path}.{name}[{index}]") for index, each in enumerate(self._list(name))]

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(str(each) for each in self._list(name))

    def messages(self, name: str) -> tuple[str, ...]:
        """Return what a task failed with: one message, or a list of them."""
        value = self.values.get(name)
        return (value,) if value and isinstance(value, str) else () if value == "" else self.texts(name)

    def _list(self, name: str) -> Sequence[Any]:
        value = self.values.get(name)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._refuse(name, "list")
        return value
