# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message with which this collection fails, and those that ``docs/errors`` explains.

``python -m tests.tools.messages`` tells which message has no entry there, and which entry no message.
The messages are read from the source: whatever makes one of the errors of ``_core/errors.py`` or Ansible's own, and what
roles and playbooks give to ``assert`` and ``fail``. What a message fills in is written as ``…``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link import CHECKOUT

GAP = "…"
_ROOT_ERROR = "OpsError"
_ANSIBLE_ERRORS = {"AnsibleFilterError", "AnsibleActionFail", "AnsibleLookupError"}
# An entry shows as much of a message as tells it from others.
_SHOWN = 100
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, order=True)
class Message:
    """The words of a failure, and the file that they are in, relative to the checkout."""

    text: str
    place: str

    @property
    def entry(self) -> str:
        """What it is listed by: its first sentence, or as much of it as is shown; the file if it has no words."""
        text = " ".join(self.text.split())
        if len(re.findall(r"[^\W\d_]{2,}", text)) < 2:
            return f"{text} ({self.place})"
        first = re.split(r"(?<=[^.]\.) ", text)[0]
        if len(first) <= _SHOWN:
            return first
        return first[: first.rindex(" ", 0, _SHOWN)] + f" {GAP}"


def list_messages() -> list[Message]:
    """Return every message of the collection, sorted."""
    sources = [(path.relative_to(CHECKOUT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
               for path in sorted((CHECKOUT / "plugins").rglob("*.py"))]  # fmt: skip
    errors = error_classes(tree for _place, tree in sources) | _ANSIBLE_ERRORS
    found = {Message(text, place) for place, tree in sources for text in python_messages(tree, errors)}
    for folder in ("roles", "playbooks"):
        for path in sorted((CHECKOUT / folder).rglob("*.yml")):
            place = path.relative_to(CHECKOUT).as_posix()
            found |= {Message(text, place) for text in yaml_messages(_load(path))}
    return sorted(found)


class _Loader(yaml.SafeLoader):
    """Reads Ansible's own tags, such as ``!unsafe``, as what stands behind them."""


_Loader.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_scalar(node))


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def error_classes(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names of the classes in ``trees`` that are the collection's own error or inherit from it."""
    parents = {node.name: {_name(base) for base in node.bases}
               for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}  # fmt: skip
    found = {_ROOT_ERROR}
    while more := {name for name, bases in parents.items() if bases & found} - found:
        found |= more
    return found


def python_messages(tree: ast.Module, errors: set[str]) -> Iterator[str]:
    """Yield the message of each error that is made in ``tree``, be it raised there or handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in errors and node.args:
            yield from _texts(node.args[0])


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield what ``node`` amounts to, with a gap for what only a run knows; both sides of a choice."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else GAP for part in parts)  # type: ignore[misc]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (a + b for a in _texts(left) for b in _texts(right))
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case _:
            yield GAP


def yaml_messages(node: Any) -> Iterator[str]:
    """Yield the messages of the tasks ``assert`` and ``fail`` anywhere in ``node``, a file of tasks or plays."""
    if isinstance(node, list):
        for each in node:
            yield from yaml_messages(each)
    elif isinstance(node, dict):
        for task, word in (("ansible.builtin.assert", "fail_msg"), ("ansible.builtin.fail", "msg")):
            if isinstance(node.get(task), dict) and word in node[task]:
                yield _JINJA.sub(GAP, str(node[task][word]))
        for each in node.values():
            yield from yaml_messages(each)


def listed_entries(folder: Path) -> dict[str, list[str]]:
    """Return the entries of the pages in ``folder``: each with the pages that list it."""
    entries: dict[str, list[str]] = {}
    for page in sorted(folder.glob("*.md")):
        for match in re.finditer(r"(?m)^- (`+) ?(.+?) ?\1$", page.read_text(encoding="utf-8")):
            entries.setdefault(match[2], []).append(page.name)
    return entries


def main() -> int:
    """Say what is missing and what is left over, in English and Spanish; 1 if anything is."""
    wanted = {message.entry: message.place for message in list_messages()}
    wrong = 0
    for name in ("errors", "errors.es"):
        listed = listed_entries(CHECKOUT / "docs" / name)
        for entry in sorted(wanted.keys() - listed.keys()):
            print(f"docs/{name} lacks (of {wanted[entry]}): - `{entry}`")
            wrong = 1
        for entry in sorted(listed.keys() - wanted.keys()):
            print(f"docs/{name}/{listed[entry][0]}: nothing says this any more: {entry}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
