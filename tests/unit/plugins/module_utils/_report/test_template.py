# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page: nothing from the data becomes markup, nothing is asked for from outside, and Ansible writes the same."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._report.collect import collect_rehearsal
from jinja2 import nodes

from tests.tools.link import CHECKOUT, COLLECTIONS
from tests.unit.plugins.module_utils._report.rehearsals import TEMPLATES, differing, isolated, record, render, scratch

POISON = "</style></script><script>alert(1)</script><img src=x onerror=\"a\" 'b'>{{ 7 * 7 }}"
#: What has to be one of a few words or a time, so that a poisoned one is refused.
STRICT = ("language", "mode", "started", "ended", "taken", "disaster_at", "recovered_at", "source", "id", "level")
RECORDS = {"proven": record(), "failed": differing(), "scratch": collect_rehearsal(scratch())}
RECORDS["isolated"] = collect_rehearsal(isolated())
RECORDS["stopped"] = record(failure=["boom"] * 9, restores={})
RECORDS["flawed"] = record(objectives={"rto": "1s", "rpo": "1s"})


def poisoned(value: Any) -> Any:
    """Return ``value`` with markup in all of its texts, names of tables and workflows among them."""
    if isinstance(value, dict):
        return {
            key if key.isidentifier() else key + POISON: each if key in STRICT else poisoned(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [poisoned(each) for each in value]
    return value + POISON if isinstance(value, str) else value


class Outline(HTMLParser):
    """The elements of a page with the names of their attributes, without texts and values."""

    VOID = ("meta", "path", "circle", "line")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(name for name, _value in attrs))))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(name for name, _value in attrs))))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("given", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_texts_stay_texts(given: dict[str, Any], language: str) -> None:
    given = {**given, "language": language}
    html = render(poisoned(given))
    assert "alert(1)&lt;/script&gt;" in html
    outline = Outline(html)
    assert outline.open == []
    assert outline.elements == Outline(render(given)).elements


def test_every_expression_of_the_template_is_escaped() -> None:
    """Ansible escapes nothing, not even within an autoescape block."""
    source = (TEMPLATES / "report.html.j2").read_text("utf-8")
    tree = jinja2.Environment().parse(source)
    macros = {each.name for each in tree.find_all(nodes.Macro)}
    written = [
        each
        for output in tree.find_all(nodes.Output)
        for each in output.nodes
        if not isinstance(each, nodes.TemplateData)
    ]
    assert len(written) > 50
    for each in written:
        is_macro = isinstance(each, nodes.Call) and isinstance(each.node, nodes.Name) and each.node.name in macros
        assert is_macro or (isinstance(each, nodes.Filter) and each.name == "e"), f"line {each.lineno}"


@pytest.mark.parametrize("given", RECORDS.values(), ids=RECORDS)
def test_the_page_needs_nothing_but_itself(given: dict[str, Any]) -> None:
    names = {name for _tag, attributes in Outline(render(given)).elements for name in attributes}
    assert not names & {"src", "href", "srcset", "action", "data", "onclick", "onload"}
    html = render(given)
    assert not [word for word in ("url(", "@import", "@font-face", "<script", "<link") if word in html]


@pytest.mark.parametrize("given", RECORDS.values(), ids=RECORDS)
def test_a_screen_reader_finds_its_way(given: dict[str, Any]) -> None:
    html = render(given)
    elements = [tag for tag, _attributes in Outline(html).elements]
    assert [elements.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert [attributes for tag, attributes in Outline(html).elements if tag == "th" and "scope" not in attributes] == []
    headings = [int(tag[1]) for tag in elements if tag in ("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_only_what_is_proven_is_green() -> None:
    assert '<body class="proven">' in render(record())
    failed = render(differing())
    assert '<body class="failed">' in failed
    assert '<li class="restore">' not in failed
    assert '<li class="vain">' in failed
    assert '<li class="back">' not in failed


def test_ansible_writes_the_same_page(tmp_path: Path) -> None:
    given = poisoned(differing())
    (tmp_path / "record.json").write_text(json.dumps(given))
    task = {"ansible.builtin.template": {"src": str(TEMPLATES / "report.html.j2"), "dest": str(tmp_path / "page.html")}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    # As in the role, the record comes from results: what looks like a template in them is none to Ansible.
    read = f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/record.json') | from_json }}}}"
    more = {"rehearsal_result": read, "__rehearsal_history": []}
    play["vars"] = {"ansible_python_interpreter": sys.executable, **more}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", str(tmp_path / "play.json")]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
    }
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "page.html").read_text("utf-8").rstrip() == render(given).rstrip()
