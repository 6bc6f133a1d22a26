# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image a Dockerfile builds on. Pure; the rules are those of Docker's reference of the Dockerfile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

#: The image that is none: nothing below.
SCRATCH = "scratch"
_DIRECTIVE = re.compile(r"^#\s*(\w+)\s*=\s*(.+?)\s*$")
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_FROM = re.compile(r"^from\s+((?:--\S+\s+)*)(\S+)(?:\s+as\s+(\S+))?\s*$", re.IGNORECASE)
_ARG = re.compile(r"^arg\s+(.+)$", re.IGNORECASE)
_PLATFORM = re.compile(r"--platform=(\S+)")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})")


@dataclass(frozen=True)
class Base:
    """What a stage builds on: an image's name as it is written, variables filled in, and its platform, if one is named."""

    image: str
    platform: str | None = None


@dataclass(frozen=True)
class _Stage:
    base: Base
    alias: str | None


def find_base(text: str, target: str | None = None, arguments: Mapping[str, str] | None = None) -> Base:
    """Return the image that a Dockerfile's ``target`` (None: its last stage) builds on, behind all stages between.

    :param arguments: the values for its ARG, as the build is given them.
    :raises RefusedError: if it names none, or not that target.
    """
    stages = list(_stages(text, arguments or {}))
    if not stages:
        raise RefusedError("The Dockerfile has no FROM.")
    index = len(stages) - 1 if target is None else _index(stages, target, len(stages))
    if index is None:
        raise RefusedError(f"The Dockerfile has no stage {target}.")
    base = stages[index].base
    # A stage only knows those before it.
    while (before := _index(stages, base.image, index)) is not None:
        index, platform = before, base.platform
        base = stages[index].base
        base = Base(base.image, base.platform or platform)
    if not base.image or "$" in base.image:
        raise RefusedError("The Dockerfile's FROM has a variable that nothing fills in. Give it as a build argument.")
    return base


def _stages(text: str, arguments: Mapping[str, str]) -> Iterator[_Stage]:
    known: dict[str, str] = {}
    begun = False
    for line in _instructions(text):
        declared = _ARG.match(line)
        if declared and not begun:  # only those before the first FROM count in a FROM
            known.update(_declared(declared.group(1), known, arguments))
        match = _FROM.match(line)
        if match is None:
            continue
        begun = True
        platform = _PLATFORM.search(match.group(1))
        filled = _filled(platform.group(1), known) if platform else ""
        # The platform of whatever builds: the one of this host.
        named = filled if filled and "$" not in filled else None
        yield _Stage(Base(_filled(match.group(2), known), named), match.group(3))


def _declared(words: str, known: Mapping[str, str], arguments: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for word in words.split():
        name, _equals, default = word.partition("=")
        yield name, arguments.get(name, _filled(default.strip("\"'"), known))


def _filled(text: str, known: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        found = known.get(name, "")
        if match.group(3) == "-":
            return found or match.group(4)
        if match.group(3) == "+":
            return match.group(4) if found else ""
        return found if name in known else match.group(0)

    return _VARIABLE.sub(value, text.strip("\"'"))


def _index(stages: list[_Stage], name: str, end: int) -> int | None:
    """Return which of the first ``end`` stages is called so; names are the same in any case, numbers are names, too."""
    for index in range(end - 1, -1, -1):
        alias = stages[index].alias
        if (alias and alias.lower() == name.lower()) or name == str(index):
            return index
    return None


def _instructions(text: str) -> Iterator[str]:
    """Yield the instructions, each on one line; no comments, and nothing of what stands in here-documents."""
    escape, lines = _escape(text), iter(text.splitlines())
    joined = ""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("#") or (not stripped and not joined):
            continue
        if stripped.endswith(escape):
            joined += stripped[:-1] + " "
            continue
        instruction, joined = (joined + stripped).strip(), ""
        yield instruction
        if instruction.lower().startswith(("run", "copy", "add")):
            _skip_documents(instruction, lines)
    if joined:
        yield joined.strip()


def _skip_documents(instruction: str, lines: Iterator[str]) -> None:
    for _quote, end in _HEREDOC.findall(instruction):
        for line in lines:
            if line.strip() == end:
                break


def _escape(text: str) -> str:
    """Return the character that joins lines; directives stand before all else."""
    for line in text.splitlines():
        match = _DIRECTIVE.match(line.strip())
        if match is None:
            break
        if match.group(1).lower() == "escape":
            return match.group(2)
    return "\\"
