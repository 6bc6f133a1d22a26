# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run over many hosts, in a few lines. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_LENGTH = 300


@dataclass(frozen=True)
class Trouble:
    """The task that failed last on a host, and its message."""

    task: str
    message: str


def summary(
    hosts: Sequence[str], failed: Collection[str], unreachable: Collection[str], troubles: Mapping[str, Trouble]
) -> list[str]:
    """Return the lines about ``hosts``, of which some have ``failed`` and some were ``unreachable``; first the count."""
    wrong = [host for host in hosts if host in failed or host in unreachable]
    if not wrong:
        return [f"FLEET: all {len(hosts)} hosts are well."]
    lines = [f"FLEET: {len(hosts) - len(wrong)} of {len(hosts)} hosts are well; these are not:"]
    for host in wrong:
        trouble = troubles.get(host)
        what = "unreachable" if host in unreachable else "failed"
        lines.append(f"  {host}: {what}{f', {trouble.task}: {_short(trouble.message)}' if trouble else ''}")
    return lines


def _short(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]} ..."
