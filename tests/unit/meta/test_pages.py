# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation's pages hold together as files: links lead somewhere, languages go together, commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.tools.checkout import list_files
from tests.tools.playbook_pages import FIELDS, playbook_page, read_head

ROOT = Path(__file__).parents[3]
PAGES = sorted(path for path in list_files() if path.endswith(".md") and not path.startswith("tests/"))
TRANSLATED = sorted(path for path in PAGES if re.match(r"docs/[^.]+(/[^.]+)?\.md$", path))
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
# What playbooks take that belongs to no role.
OF_PLAYBOOKS = {"target", "wave", "ansible_python_interpreter", "chatbot_ops_progress"}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"(?ms)^ *```.*?^ *```$|`+[^`\n]*`+", "", text)


def anchors(text: str) -> set[str]:
    """Return the anchors that a code host and the site give the headings of ``text``."""
    titles = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^ *```.*?^ *```$", "", text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_its_links_lead_to_files_and_headings_that_there_are(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(read(page))):
        if link.startswith(("https://", "http://")):
            continue
        path, _hash, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def spanish(page: str) -> str:
    """Return the Spanish page that says the same: of another folder, or beside it."""
    folder, _slash, name = page.removeprefix("docs/").rpartition("/")
    return f"docs/{folder}.es/{name}" if folder else f"docs/{name.removesuffix('.md')}.es.md"


@pytest.mark.parametrize("page", TRANSLATED)
def test_it_says_the_same_in_spanish(page: str) -> None:
    english, other = read(page), read(spanish(page))
    for form in (r"(?m)^#+ ", r"(?m)^ *```\w*$", r"(?m)^\|", r"chatbot\.ops\.\w+"):
        assert len(re.findall(form, english)) == len(re.findall(form, other)), form


def test_no_spanish_page_is_left_alone() -> None:
    others = {page for page in PAGES if re.match(r"docs/[^/]+\.es(/|\.md$)", page)}
    assert others == {spanish(page) for page in TRANSLATED}


def known_variables() -> set[str]:
    found = set(OF_PLAYBOOKS)
    for spec in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= set(entry.get("options", {}))
    return found


VARIABLES = known_variables()


@pytest.mark.parametrize("page", PAGES)
def test_its_commands_name_what_there_is(page: str) -> None:
    text = re.sub(r"\\\n\s*", " ", read(page))
    for name in re.findall(r"ansible-playbook [^`\n]*?chatbot\.ops\.(\w+)", text):
        assert (ROOT / "playbooks" / f"{name}.yml").is_file(), name
    for name in re.findall(r"-m chatbot\.ops\.(\w+)", text):
        assert (ROOT / "plugins" / "modules" / f"{name}.py").is_file(), name
    for name in re.findall(r"-e (\w+)=", text):
        assert name in VARIABLES, name


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_playbook_says_first_what_one_has_to_know(playbook: Path) -> None:
    head = read_head(playbook.read_text(encoding="utf-8"))
    assert tuple(head.fields) == FIELDS
    assert any(f"chatbot.ops.{playbook.stem}" in command for command in head.commands)
    for name in (name for command in head.commands for name in re.findall(r"-e (\w+)=", command)):
        assert name in VARIABLES, name


def test_a_playbooks_page_has_its_head_its_commands_and_its_phases() -> None:
    page = playbook_page(ROOT / "playbooks" / "backup_stack.yml")
    assert page.startswith("# chatbot.ops.backup_stack\n\nBack up a stack")
    assert "| Destroys | nothing. |" in page
    assert "```text\nansible-playbook -i inventories/sample chatbot.ops.backup_stack\n" in page
    assert "(role {ref}`chatbot.ops.backup <ansible_collections.chatbot.ops.backup_role>`), tag `backup`" in page


@pytest.mark.parametrize(
    "text",
    [
        "---\n# Does it.\n#\n# When: now.\n#   ansible-playbook x\n",
        "---\n# Does it.\n#\n# When:      now.\n# Destroys:  nothing.\n# Resume:    again.\n# Inverse:   none.\n- hosts: all\n",
    ],
    ids=["a field is missing", "no command"],
)
def test_a_head_that_lacks_something_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="the head has"):
        read_head(text)
