# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook in Markdown, for terminals and wikis. Pure: the page's values in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# What Markdown, or the HTML in it, would take for more than text.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def runbook_markdown(page: Mapping[str, Any]) -> str:
    """Return the page that :func:`runbook_values` describes, in Markdown."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Mapping[str, Any]) -> Iterator[str]:
    labels = page["labels"]
    yield f"# {_text(labels['kicker'])}: {_text(page['place'])}"
    yield from ("", _text(page["issued"]), "")
    for each in (*page["missing"], *page["problems"]):
        yield f"- **⚠ {_text(each)}**"
    for each in page["figures"]:
        more = "; ".join(_text(text) for text in (each["note"], each["objective"]) if text)
        yield f"- {_text(each['label'])}: **{_text(each['value'])}**" + (f" ({more})" if more else "")
    if page["history"]:
        yield f"- {_text(page['history'])}"
    yield from ("", _text(page["where"]))
    if page["key_first"]:
        yield from ("", _text(page["key_first"]))
    yield from _disasters(page)
    yield from ("", f"## {_text(labels['by_hand'])}", "", _text(page["by_hand_note"]))
    yield from ("", f"## {_text(labels['repositories'])}", "")
    for each in page["repositories"]:
        yield f"{each['number']}. {_text(each['name'])} ({_text(each['note'])}); {_text(each['holds'])}"
        if each["command"]:
            yield from ("", *(f"   {line}" for line in _block(each["command"])), "")
    if page["hints"]:
        yield from ("", f"## {_text(labels['keys'])}", "")
        yield from (f"- {_text(name)}: {_text(hint)}" for name, hint in page["hints"])
    if page["people"]:
        yield from ("", f"## {_text(labels['contacts'])}", "", *_people(page))
    yield from ("", _text(page["footer"]))


def _disasters(page: Mapping[str, Any]) -> Iterator[str]:
    for number, disaster in enumerate(page["disasters"], start=1):
        yield from ("", f"## {number}. {_text(disaster['title'])}")
        for step in disaster["steps"]:
            yield from ("", _text(step["text"]))
            if step["command"]:
                yield from ("", *_block(step["command"]))
        yield from ("", _text(disaster["after"]))
    if page["elsewhere"]:
        yield from ("", _text(page["labels"]["elsewhere"]), "", *_block("\n".join(page["elsewhere"])))


def _people(page: Mapping[str, Any]) -> Iterator[str]:
    labels = page["labels"]
    yield f"| | {labels['who']} | {labels['channels']} | {labels['hours']} | {labels['contract']} |"
    yield "| --- | --- | --- | --- | --- |"
    for number, each in enumerate(page["people"], start=1):
        who = _text(each["name"]) + (f" ({_text(each['role'])})" if each["role"] else "")
        channels = ", ".join(_text(text) for _kind, text, _href in each["channels"])
        yield f"| {number} | {who} | {channels} | {_text(each['hours'])} | {_text(each['contract'])} |"


def _block(command: str) -> list[str]:
    return ["```sh", *command.replace("```", "` ` `").splitlines(), "```"]


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
