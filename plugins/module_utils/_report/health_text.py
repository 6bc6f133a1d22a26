# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health report as Markdown and as Prometheus's text. Pure; no text of a check becomes markup in either."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Health
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_page import Finding, HealthPage

_METRICS = {
    "chatbot_health_state": "State of the stack: 0 ok, 1 warning, 2 unknown, 3 critical.",
    "chatbot_health_checks": "How many checks are in a state.",
    "chatbot_health_timestamp_seconds": "When the stack was looked at.",
    "chatbot_health_check_state": "State of a check: 0 ok, 1 warning, 2 unknown, 3 critical.",
    "chatbot_health_check_since_seconds": "Since when a check is in its state.",
    "chatbot_health_check_value": "What a check measured, in its unit.",
}
_Labels = tuple[tuple[str, str], ...]


def markdown(page: HealthPage) -> str:
    """Return ``page`` as Markdown."""
    lines = [f"# {_escaped(page.title)}", "", f"{_escaped(page.place)}, {_escaped(page.date)}", ""]
    lines += [f"**{_escaped(page.headline)}** {_escaped(page.lede)}", ""]
    lines += [f"- {_escaped(each.label)}: **{_escaped(each.value)}**" for each in page.figures]
    lines += [line for each in page.problems for line in ("", f"> {_escaped(each)}")]
    if page.findings:
        lines += ["", f"## {_escaped(page.labels['findings'])}"]
        lines += [line for each in page.findings for line in _finding(each, page.labels)]
    if page.recovered:
        lines += ["", f"## {_escaped(page.labels['recovered'])}", ""]
        lines += [f"- {_escaped(each.summary)}" for each in page.recovered]
    if page.gone:
        lines += ["", f"## {_escaped(page.labels['gone'])}", "", *(f"- {_escaped(each)}" for each in page.gone)]
    for trend in page.trends:
        lines += ["", f"## {_escaped(trend.title)}", "", *(f"- {_escaped(each.description)}" for each in trend.charts)]
    if page.fine:
        lines += ["", f"## {_escaped(page.labels['fine'])}", ""]
        lines += [f"- {_escaped(each.summary)}" for each in page.fine]
    return "\n".join([*lines, "", _escaped(page.run), ""])


def prometheus(health: Health) -> str:
    """Return ``health`` in Prometheus's text format 0.0.4, for the textfile collector of its node_exporter."""
    place: _Labels = (("stack", health.stack), ("host", health.host))
    samples: dict[str, list[str]] = {name: [] for name in _METRICS}

    def add(name: str, value: float, labels: _Labels = ()) -> None:
        told = ",".join(f'{key}="{_label(each)}"' for key, each in (*place, *labels))
        samples[name].append(f"{name}{{{told}}} {value!r}")

    add("chatbot_health_state", STATES.index(health.status))
    add("chatbot_health_timestamp_seconds", health.at.timestamp())
    for state, count in health.counts.items():
        add("chatbot_health_checks", count, (("state", state),))
    for check in health.checks:
        names: _Labels = (("check", check.id), ("component", check.component))
        add("chatbot_health_check_state", STATES.index(check.status), names)
        add("chatbot_health_check_since_seconds", health.since(check.id).timestamp(), names)
        if check.value is not None:
            add("chatbot_health_check_value", check.value, (*names, ("unit", check.unit)))
    return "".join(_family(name, text, samples[name]) for name, text in _METRICS.items() if samples[name])


def _family(name: str, text: str, samples: list[str]) -> str:
    lines = "\n".join(samples)
    return f"# HELP {name} {text}\n# TYPE {name} gauge\n{lines}\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _finding(finding: Finding, labels: dict[str, str]) -> Iterator[str]:
    yield ""
    yield f"### {_escaped(finding.word)}: {_escaped(finding.summary)}"
    yield ""
    facts = [*finding.facts, *filter(None, [finding.change])]
    yield f"`{_code(finding.id)}`{''.join(f' · {_escaped(each)}' for each in facts)}"
    if finding.advice:
        yield ""
        told = "".join(f"`{piece}`" if typed else _escaped_piece(piece) for piece, typed in finding.advice_parts)
        yield f"**{_escaped(labels['advice'])}:** {told}"
    if finding.evidence:
        yield ""
        yield from (f"- {_escaped(each)}" for each in finding.evidence)
    if finding.more:
        yield ""
        yield _escaped(finding.more)


def _code(text: str) -> str:
    return " ".join(text.split()).replace("`", "'")


def _escaped(text: str) -> str:
    return _escaped_piece(" ".join(text.split()))


def _escaped_piece(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", text)
