# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered between two runs: the alarms that are open, what people know of them, and when the last digest went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso

_VERSION = 1


@dataclass(frozen=True)
class Alarm:
    """A check that is, or lately was, not fine.

    ``status`` is what it was when it was last looked at (``seen``), ``told`` what people were last told (``ok`` when
    nothing), at ``told_at``. ``since`` is when it left ``ok``, ``critical_at`` when people were told that it is critical.
    ``reached`` are the names of the contacts who were written to. ``changes`` are the times at which its state changed.
    """

    id: str
    component: str
    status: str
    summary: str
    advice: str
    since: datetime
    seen: datetime
    told: str = "ok"
    told_at: datetime | None = None
    critical_at: datetime | None = None
    reached: tuple[str, ...] = ()
    changes: tuple[datetime, ...] = ()
    flapping: bool = False


@dataclass(frozen=True)
class State:
    """All that is remembered of a stack. ``raised`` and ``recovered`` count since the last digest."""

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    digest_at: datetime | None = None
    raised: int = 0
    recovered: int = 0

    def to_json(self) -> bytes:
        """Return it as a document."""
        document = {
            "version": _VERSION,
            "digest_at": _written(self.digest_at),
            "raised": self.raised,
            "recovered": self.recovered,
            "alarms": [_alarm_document(each) for _id, each in sorted(self.alarms.items())],
        }
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()

    def not_after(self, now: datetime) -> State:
        """Return it without times to come: a clock that was set back must silence no alarm."""
        alarms = {
            name: replace(
                each,
                since=min(each.since, now),
                seen=min(each.seen, now),
                told_at=_at_most(each.told_at, now),
                critical_at=_at_most(each.critical_at, now),
                changes=tuple(min(at, now) for at in each.changes),
            )
            for name, each in self.alarms.items()
        }
        return replace(self, alarms=alarms, digest_at=_at_most(self.digest_at, now))


def read_state(content: bytes) -> State:
    """Return the state that :meth:`State.to_json` wrote.

    :raises ValueError: if it is none.
    """
    try:
        document = json.loads(content)
        if document["version"] != _VERSION:
            raise ValueError(f"it is of version {document['version']}, and this collection knows {_VERSION}")
        alarms = [_alarm(each) for each in document["alarms"]]
        return State(
            {each.id: each for each in alarms},
            _read(document["digest_at"]),
            int(document["raised"]),
            int(document["recovered"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no state of notifications ({error!r})") from error


def _alarm_document(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.id,
        "component": alarm.component,
        "status": alarm.status,
        "summary": alarm.summary,
        "advice": alarm.advice,
        "since": to_iso(alarm.since),
        "seen": to_iso(alarm.seen),
        "told": alarm.told,
        "told_at": _written(alarm.told_at),
        "critical_at": _written(alarm.critical_at),
        "reached": list(alarm.reached),
        "changes": [to_iso(each) for each in alarm.changes],
        "flapping": alarm.flapping,
    }


def _alarm(document: Mapping[str, Any]) -> Alarm:
    if document["status"] not in STATES or document["told"] not in STATES:
        raise ValueError(f"alarm {document['id']} has no state that is known")
    return Alarm(
        id=str(document["id"]),
        component=str(document["component"]),
        status=str(document["status"]),
        summary=str(document["summary"]),
        advice=str(document["advice"]),
        since=from_iso(document["since"]),
        seen=from_iso(document["seen"]),
        told=str(document["told"]),
        told_at=_read(document["told_at"]),
        critical_at=_read(document["critical_at"]),
        reached=tuple(str(each) for each in document["reached"]),
        changes=tuple(from_iso(each) for each in document["changes"]),
        flapping=bool(document["flapping"]),
    )


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else to_iso(instant)


def _read(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def _at_most(instant: datetime | None, now: datetime) -> datetime | None:
    return None if instant is None else min(instant, now)
