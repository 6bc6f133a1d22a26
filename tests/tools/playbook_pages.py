# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's pages of the playbooks, made from the comment at the head of each and from its phases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.headers import LICENCE

#: What the head of each playbook says, in this order.
FIELDS = ("When", "Destroys", "Resume", "Inverse")


@dataclass(frozen=True)
class Head:
    """The comment at the head of a playbook: what it does, what to know before, and commands."""

    summary: str
    """Paragraphs, with blank lines between them."""
    fields: dict[str, str]
    """By the names of FIELDS."""
    notes: str
    """Paragraphs behind the fields."""
    commands: tuple[str, ...]


def read_head(text: str) -> Head:
    """Read the comment at the head of the playbook ``text``.

    :raises ValueError: if it does not have the form that all playbooks share.
    """
    lines = [
        line.removeprefix("#").removeprefix(" ") for line in _comment(text.partition(f"# {LICENCE}\n\n")[2] or text)
    ]
    fields: dict[str, list[str]] = {}
    paragraphs: list[list[str]] = [[]]
    behind: list[list[str]] = [[]]
    commands: list[str] = []
    name = ""
    for line in lines:
        if match := re.fullmatch(rf"({'|'.join(FIELDS)}): +(.*)", line):
            name = match[1]
            fields[name] = [match[2]]
        elif line.startswith("  ") and name and line.strip() and not commands and fields[name] and _continues(line):
            fields[name].append(line.strip())
        elif line.startswith("  ") and line.strip():
            commands.append(line.strip())
        else:
            target = behind if fields else paragraphs
            if line.strip():
                target[-1].append(line)
            else:
                target.append([])
    if tuple(fields) != FIELDS or not paragraphs[0] or not commands:
        raise ValueError(f"the head has {', '.join(fields) or 'no fields'} and {len(commands)} commands")
    return Head(
        _joined(paragraphs),
        {key: " ".join(value) for key, value in fields.items()},
        _joined(behind),
        tuple(commands),
    )


def _continues(line: str) -> bool:
    """Tell whether the line goes on with a field: those stand under its text, commands further left."""
    return len(line) - len(line.lstrip()) >= len("Destroys:  ")


def _comment(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("#"):
            yield line
        elif line != "---":
            return


def _joined(paragraphs: Iterable[Sequence[str]]) -> str:
    return "\n\n".join(" ".join(lines) for lines in paragraphs if lines)


def playbook_page(path: Path) -> str:
    """Return the page of the playbook at ``path``, in MyST's Markdown."""
    text = path.read_text(encoding="utf-8")
    head = read_head(text)
    rows = "\n".join(f"| {name} | {_escaped(said)} |" for name, said in head.fields.items())
    commands = "\n".join(head.commands)
    phases = "\n".join(_phases(yaml.safe_load(text)))
    parts = [
        f"# chatbot.ops.{path.stem}",
        _escaped(head.summary),
        f"| | |\n| --- | --- |\n{rows}",
        _escaped(head.notes),
        f"```text\n{commands}\n```",
        f"## Phases\n\n{phases}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def playbook_index(paths: Sequence[Path]) -> str:
    """Return the page that lists the playbooks at ``paths``, without its navigation."""
    lines = [
        "# Playbooks",
        "",
        "Each is run by its name: `ansible-playbook -i inventories/mine chatbot.ops.<name>`.",
        "",
    ]
    for path in paths:
        summary = read_head(path.read_text(encoding="utf-8")).summary
        first = re.split(r"(?<=[.:])\s", summary)[0].rstrip(":.")
        lines.append(f"- [{path.stem}]({path.stem}.md): {_escaped(first)}")
    return "\n".join(lines) + "\n"


def _phases(plays: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each play and each task in it, with the role that it applies."""
    for play in plays:
        if "import_playbook" in play:
            yield f"- {play.get('name', '')}: {{doc}}`{play['import_playbook'].removesuffix('.yml').split('.')[-1]}`"
            continue
        yield f"- **{_escaped(play.get('name', ''))}**"
        for task in [*play.get("pre_tasks", []), *play.get("tasks", []), *play.get("post_tasks", [])]:
            yield from _task_lines(task, "  ")


def _task_lines(task: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield the line of ``task``, and those of the tasks in it, if it is a block, with what it does in any case."""
    yield f"{indent}- {_escaped(task.get('name', ''))}{_role(task)}{_tags(task)}"
    for part, when in (("block", ""), ("rescue", "if that fails"), ("always", "in any case, afterwards")):
        inner = indent + "  "
        if when and part in task:
            yield f"{inner}- *{when}*"
            inner += "  "
        for each in task.get(part, []):
            yield from _task_lines(each, inner)


def _role(task: dict[str, Any]) -> str:
    for key in ("ansible.builtin.import_role", "ansible.builtin.include_role"):
        if key in task and (name := task[key]["name"]).startswith("chatbot.ops."):
            return f" (role {{ref}}`{name} <ansible_collections.{name}_role>`)"
    return ""


def _tags(task: dict[str, Any]) -> str:
    tags = task.get("tags", [])
    listed = [tags] if isinstance(tags, str) else tags
    return f", tag `{'`, `'.join(listed)}`" if listed else ""


def _escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, but for code in backquotes."""
    return re.sub(r"([<>*_\[\]|])(?=(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", text)
