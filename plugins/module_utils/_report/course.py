# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a rehearsal as a drawing: shares and places in percent of the width."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._report.record import Phase, seconds_between
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import (
    Rehearsal,
    destroyed_at,
    oldest_copy,
    restores,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_OUTER = 17.0  # before the copy and after the recovery, time goes on; these two stand for all of it
_LEAST = 22.0  # a stretch must hold its label
_LEAST_BAR = 0.8


@dataclass(frozen=True)
class Stretch:
    """A span of time and the fate of what was written in it; ``mark`` is what began it, at ``clock``."""

    kind: str
    label: str
    value: str
    mark: str = ""
    clock: str = ""


@dataclass(frozen=True)
class Ribbon:
    """Copy, disaster and recovery on one line: what RPO and RTO mean."""

    stretches: tuple[Stretch, ...]
    shares: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Bar:
    """A phase on the scale of the whole rehearsal."""

    kind: str
    label: str
    value: str
    left: str
    width: str


def ribbon(rehearsal: Rehearsal, words: Words) -> Ribbon | None:
    """Return the line from the copy to the recovery, or None where there was no copy or no disaster."""
    record = rehearsal.record
    copied, destroyed = oldest_copy(record), destroyed_at(record)
    lost = seconds_between(copied, destroyed)
    if copied is None or destroyed is None or lost is None:
        return None
    suffix = "_scratch" if rehearsal.scratch else ""
    down = rehearsal.rto.seconds
    shares = _shares(lost, down)
    stretches = [
        Stretch("kept", words.say("stretch_kept"), ""),
        Stretch(
            *("lost", words.say(f"stretch_lost{suffix}"), words.duration(lost)),
            *(words.say("mark_copy"), words.clock(copied)),
        ),
    ]
    mark = (words.say(f"mark_disaster{suffix}"), words.clock(destroyed))
    if down is None:
        stretches.append(Stretch("gone", words.say(f"stretch_gone{suffix}"), "", *mark))
    else:
        stretches.append(Stretch("down", words.say(f"stretch_down{suffix}"), words.duration(down), *mark))
        recovered = words.say(f"mark_recovered{suffix}"), words.clock(destroyed + timedelta(seconds=down))
        stretches.append(Stretch("back", words.say(f"stretch_back{suffix}"), "", *recovered))
    true = down is None or _is_true(shares, lost, down)
    return Ribbon(tuple(stretches), tuple(map(_percent, shares)), "" if true else words.say("not_to_scale"))


def bars(rehearsal: Rehearsal, words: Words) -> tuple[Bar, ...]:
    """Return the phases in their order."""
    record = rehearsal.record
    whole = seconds_between(record.started, record.ended)
    if not whole:
        return ()
    return tuple(each for each in (_bar(rehearsal, phase, whole, words) for phase in record.phases) if each is not None)


def _bar(rehearsal: Rehearsal, phase: Phase, whole: float, words: Words) -> Bar | None:
    record = rehearsal.record
    left = seconds_between(record.started, phase.started)
    if left is None:
        return None
    span = phase.seconds
    seconds = span if span is not None else max(0.0, whole - left)
    width = max(_LEAST_BAR, 100 * seconds / whole)
    key = f"phase_{phase.id}"
    # A restore may have come to its end and have brought nothing back.
    vain = span is None or (phase in restores(record) and not rehearsal.recovered)
    return Bar(
        "vain" if vain else phase.id,
        words.say(key) if words.known(key) else phase.id,
        words.duration(span) if span is not None else words.say("phase_unfinished"),
        _percent(min(100 * left / whole, 100 - _LEAST_BAR)),
        _percent(width),
    )


def _shares(lost: float, down: float | None) -> tuple[float, ...]:
    """Return the widths of the stretches: in proportion, as far as each still holds its label."""
    if down is None:
        return _OUTER, 40.0, 60.0 - _OUTER
    room = 100 - 2 * _OUTER
    whole = lost + down
    share = room * lost / whole if whole else room / 2
    share = min(max(share, _LEAST), room - _LEAST)
    return _OUTER, share, room - share, _OUTER


def _is_true(shares: tuple[float, ...], lost: float, down: float) -> bool:
    return abs(shares[1] * down - shares[2] * lost) <= 0.02 * shares[1] * max(down, 1e-9)


def _percent(value: float) -> str:
    return f"{value:.2f}"
