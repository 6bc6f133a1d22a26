# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each message that the collection can fail with has its entry in the documentation, and each entry its message."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.tools.messages import (
    Message,
    error_classes,
    list_messages,
    listed_entries,
    python_messages,
    yaml_messages,
)

DOCS = Path(__file__).parents[3] / "docs"
LANGUAGES = ("errors", "errors.es")


@pytest.fixture(scope="module")
def wanted() -> dict[str, str]:
    """Return the entry of each message, with a file that it is in."""
    return {message.entry: message.place for message in list_messages()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_its_entry(language: str, wanted: dict[str, str]) -> None:
    listed = listed_entries(DOCS / language)
    assert not {entry: place for entry, place in wanted.items() if entry not in listed}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_a_message(language: str, wanted: dict[str, str]) -> None:
    listed = listed_entries(DOCS / language)
    assert len(listed) > 500
    assert not {entry: pages for entry, pages in listed.items() if entry not in wanted}


def test_both_languages_explain_each_message_in_the_same_place() -> None:
    assert listed_entries(DOCS / "errors") == listed_entries(DOCS / "errors.es")


@pytest.mark.parametrize("page", sorted(DOCS.glob("errors*/*.md")), ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_list_of_messages_says_why_and_what_to_do(page: Path) -> None:
    why, do = ("**Por qué:** ", "**Haga:** ") if page.parent.name == "errors.es" else ("**Why:** ", "**Do:** ")
    sections = [part for part in page.read_text(encoding="utf-8").split("\n## ") if "\n- `" in part]
    assert sections
    for section in sections:
        before = section.partition("\n- `")[0]
        assert before.count(why) == before.count(do) == 1, section[:80]


def messages_in(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    return python_messages(tree, error_classes([tree, ast.parse("class OpsError(Exception): ...")]))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise OpsError('It broke.')", ["It broke."]),
        ("raise errors.OpsError(f'Failed to read {path}: {error}.') from error", ["Failed to read …: …."]),
        ("class New(OpsError): ...\nclass Newer(New): ...\nraise Newer('It is new.')", ["It is new."]),
        ("return OpsError('One.' if many else f'Two {of} them.')", ["One.", "Two … them."]),
        ("raise OpsError('Long ' + text + ' is it.')", ["Long … is it."]),
        ("raise OpsError(message)", ["…"]),
        ("raise ValueError('no message of ours')", []),
    ],
    ids=["plain", "filled in", "of a new class", "a choice", "a sum", "handed on", "of Python itself"],
)
def test_a_new_error_in_the_plugins_is_seen(source: str, found: list[str]) -> None:
    assert list(messages_in(source)) == found


def test_a_new_refusal_in_a_role_is_seen_however_deep_it_stands() -> None:
    tasks = yaml.safe_load("""
- block:
    - ansible.builtin.assert: {that: [x], fail_msg: "Set x to a {{ kind }}."}
  rescue:
    - ansible.builtin.fail: {msg: "It failed:{% for each in all %} {{ each }}{% endfor %}"}
""")
    assert list(yaml_messages(tasks)) == ["Set x to a ….", "It failed:… ……"]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Failed to read …: …. Run with become.", "Failed to read …: …."),
        ("…: ….", "…: …. (plugins/x.py)"),
        ("It " + "goes on " * 30, "It " + "goes on " * 12 + "…"),
        ("Two\n  lines.", "Two lines."),
    ],
    ids=["its first sentence", "without words of its own", "cut", "on one line"],
)
def test_an_entry_is_as_much_of_a_message_as_tells_it_from_others(text: str, entry: str) -> None:
    assert Message(text, "plugins/x.py").entry == entry
