# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the documentation, made from the result of the last whole matrix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.chaos.report import Document, sign
from tests.chaos.texts import ENGLISH, SPANISH, Words
from tests.tools.link import CHECKOUT

PAGES = {CHECKOUT / "docs" / "chaos.md": ENGLISH, CHECKOUT / "docs" / "chaos.es.md": SPANISH}


def write_pages(found: Document) -> None:
    """Write the pages in both languages."""
    for path, words in PAGES.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(_page(found, words)) + "\n", encoding="utf-8")


def _page(found: Document, words: Words) -> Iterator[str]:
    yield from (f"# {words.title}", "", words.introduction, "")
    yield from (f"- {rule}" for rule in words.rules)
    total = {name: sum(each[name] for each in found) for name in ("runs", "ok")}
    yield from ("", words.result.format(**total, seed=found[0]["seed"], date=found[0]["date"]), "")
    problems = [(each, problem) for each in found for problem in each["problems"]]
    if not problems:
        yield words.no_problem
    for repository, heading in (("local", words.local), ("s3", words.s3), ("restic", words.restic)):
        yield from ("", f"## {heading}", "")
        yield from _table([each for each in found if each["repository"] == repository], words)
    yield from ("", words.legend, words.never, "")
    reasons = {each["left_out"]: None for each in found if each["left_out"]}
    yield from (f"- {words.reasons[reason]}" for reason in reasons)
    yield from ("", f"## {words.meaning}", "")
    for name in {each["fault"]: None for each in found}:
        title, explanation = words.faults[name]
        yield f"- **{title}**: {explanation}"
    if problems:
        yield from ("", f"## {words.problems}", "")
        yield from (f"- {each['row']}, {words.faults[each['fault']][0]}: `{problem}`" for each, problem in problems)


def _table(found: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """Yield the faults that some module can meet, a line each, the modules beside each other."""
    rows = list(dict.fromkeys(each["row"] for each in found))
    titles = [row.rpartition(",")[0].replace(" ", "<br>") for row in rows]
    yield f"| {words.fault} | {' | '.join(f'`{title}`' if '<' not in title else title for title in titles)} |"
    yield f"| --- |{' ---: |' * len(rows)}"
    signs = {(each["row"], each["fault"]): sign(each) for each in found}
    for fault in dict.fromkeys(each["fault"] for each in found if not each["left_out"]):
        yield f"| {words.faults[fault][0]} | {' | '.join(signs[row, fault] for row in rows)} |"
