# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a rehearsal for a terminal: few lines, in order of importance, for whoever is tired."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report.balance import Balance, back, lost
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import UNKNOWN, Figure, figures, place
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import FAILED, FLAWED, Rehearsal, judge
from ansible_collections.chatbot.ops.plugins.module_utils._report.verdict import notices
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

WIDTH = 78
LINES = 12


def summary_lines(document: Any) -> list[str]:
    """Return the summary of the rehearsal in ``document`` (see :func:`judge`): up to 12 lines of up to 78 characters.

    :raises RefusedError: if it is no such document.
    """
    rehearsal = judge(document)
    words = Words(rehearsal.record.language)
    title = words.say("summary_title", place=place(rehearsal, words))
    fields = [(label, plain(text)) for label, text in _fields(rehearsal, words)]
    indent = max(len(label) for label, _text in fields) + 2
    room = LINES - 2 - len(fields)  # what is left for second lines, first come, first served
    lines = [_cut(plain(title)), words.say(_verdict(rehearsal))]
    for label, text in fields:
        wrapped = _wrap(text, WIDTH - indent, 1 + min(room, 3))
        room -= len(wrapped) - 1
        lines += [f"{head:<{indent}}{line}" for head, line in zip([label, *[""] * len(wrapped)], wrapped)]
    return lines


def _verdict(rehearsal: Rehearsal) -> str:
    if rehearsal.state == FAILED:
        return "summary_failed"
    if rehearsal.state == FLAWED:
        return "summary_flawed"
    if rehearsal.isolated:
        return "summary_isolated"
    return "summary_scratch" if rehearsal.scratch else "summary_proven"


def _fields(rehearsal: Rehearsal, words: Words) -> Iterator[tuple[str, str]]:
    """Yield (label, text): the problems first, then what was lost, what came back, and the figures."""
    told = notices(rehearsal, words)
    if told:
        # The words of whoever noticed it say more than the text for it.
        yield words.say("summary_problem"), " ".join(" ".join(each.messages) or each.text for each in told)
    yield words.say("summary_lost"), _told(lost(rehearsal, words))
    yield words.say("summary_back_scratch" if rehearsal.scratch else "summary_back"), _told(back(rehearsal, words))
    rto, rpo, downtime, proof = figures(rehearsal, words)
    for figure in (rto, rpo, downtime):
        yield figure.abbreviation or figure.label, _figure(figure)
    yield proof.label, f"{proof.value}: {proof.note}"


def _told(balance: Balance) -> str:
    return "; ".join(f"{each.source}: {each.line}" for each in balance.entries) or balance.note


def _figure(figure: Figure) -> str:
    objective = f" ({figure.objective})" if figure.objective else ""
    value = f"{figure.value}, " if figure.value != UNKNOWN else ""
    return f"{value}{figure.note}{objective}"


def _wrap(text: str, width: int, most: int) -> list[str]:
    lines = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), width)]


def _cut(text: str, width: int = WIDTH) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"
