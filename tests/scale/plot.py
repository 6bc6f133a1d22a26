# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The growth as a picture: the time for a host and the controller's memory by the number of hosts, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape

from tests.scale.result import Row

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 400, 220, 56, 56, 96
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #334155 } .title { font-weight: 600 }
.axis { stroke: #94a3b8 } .s0 { --c: #0f766e } .s1 { --c: #b45309 } .s2 { --c: #4338ca } .s3 { --c: #be185d }
.s4 { --c: #475569 }
polyline { fill: none; stroke: var(--c); stroke-width: 2 } circle, .key { fill: var(--c) }
@media (prefers-color-scheme: dark) { text { fill: #cbd5e1 } .s0 { --c: #2dd4bf } .s1 { --c: #fbbf24 }
.s2 { --c: #a5b4fc } .s3 { --c: #f9a8d4 } .s4 { --c: #e2e8f0 } }
"""


def svg(rows: Sequence[Row]) -> str:
    """Return the picture: two panels, a line for each run. Pure."""
    names = list(dict.fromkeys(row.name for row in rows))
    width, height = 2 * _WIDTH + 2 * _GAP, _TOP + _HEIGHT + 48 + 20 * len(names)
    panels = (
        ("Processor time of the controller for a host, s", lambda row: row.cpu_seconds / row.hosts),
        ("Memory of ansible-playbook and its forks, MiB", lambda row: row.together),
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{panels[0][0]}; {panels[1][0]}; by the number of hosts</title><style>{_STYLE}</style>",
    ]
    for number, (title, value) in enumerate(panels):
        parts += _panel(rows, names, _LEFT + number * (_WIDTH + _GAP), title, value)
    for number, name in enumerate(names):
        y = _TOP + _HEIGHT + 52 + 20 * number
        parts.append(f'<g class="s{number}"><rect class="key" x="{_LEFT}" y="{y - 10}" width="12" height="12"/>')
        parts.append(f'<text x="{_LEFT + 20}" y="{y}">{escape(name)}</text></g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(
    rows: Sequence[Row], names: Sequence[str], left: int, title: str, value: Callable[[Row], float]
) -> Iterator[str]:
    hosts = sorted({row.hosts for row in rows})
    low, high = math.log10(hosts[0]), math.log10(max(hosts[-1], hosts[0] + 1))
    top = max(map(value, rows)) * 1.1
    bottom = _TOP + _HEIGHT

    def x(count: int) -> float:
        return left + _WIDTH * (math.log10(count) - low) / (high - low)

    def y(amount: float) -> float:
        return bottom - _HEIGHT * amount / top

    yield f'<text class="title" x="{left}" y="{_TOP - 24}">{escape(title)}</text>'
    yield f'<path class="axis" fill="none" d="M{left} {_TOP}V{bottom}H{left + _WIDTH}"/>'
    for count in hosts:
        yield f'<text x="{x(count):.0f}" y="{bottom + 20}" text-anchor="middle">{count:,}</text>'
    for part in (0.0, 0.5, 1.0):
        amount = top * part
        yield f'<text x="{left - 8}" y="{y(amount) + 4:.0f}" text-anchor="end">{amount:.{0 if top > 20 else 1}f}</text>'
    for number, name in enumerate(names):
        own = sorted((row for row in rows if row.name == name), key=lambda row: row.hosts)
        points = [f"{x(row.hosts):.1f},{y(value(row)):.1f}" for row in own]
        yield f'<g class="s{number}"><polyline points="{" ".join(points)}"/>'
        for point in points:
            across, down = point.split(",")
            yield f'<circle cx="{across}" cy="{down}" r="4"/>'
        yield "</g>"
