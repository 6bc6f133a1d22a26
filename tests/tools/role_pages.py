# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README of each role: its example, which is written by hand, and what follows from its argument_specs.

``python -m tests.tools.role_pages`` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link import CHECKOUT

README = "README.md"
_MADE = "<!-- All but the example is made from meta/argument_specs.yml: python -m tests.tools.role_pages -->"


def roles() -> list[Path]:
    """Return the folders of all roles."""
    return sorted(path for path in (CHECKOUT / "roles").iterdir() if path.is_dir())


def specs(role: Path) -> dict[str, dict[str, Any]]:
    """Return the argument_specs of ``role``, by entry point."""
    text = (role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["argument_specs"]
    return found


def example(role: Path) -> str:
    """Return the example in the README of ``role``: the text of a playbook.

    :raises LookupError: if there is none.
    """
    match = re.search(r"(?ms)^## Example\n\n.*?^```yaml\n(.*?)^```$", (role / README).read_text(encoding="utf-8"))
    if match is None:
        raise LookupError(f"{role.name}/{README} has no example")
    return match[1]


def page(role: Path, shown: str) -> str:
    """Return the README of ``role`` with ``shown`` as its example."""
    entries = specs(role)
    main = entries["main"]
    parts = [f"# chatbot.ops.{role.name}", _MADE, _sentence(main["short_description"])]
    parts += [text for each in _lines(main["description"]) if (text := _plain(each)) != parts[-1]]
    parts.append(f"## Example\n\n```yaml\n{shown}```")
    if len(entries) > 1:
        rows = [f"| `{name}` | {_cell(entry['short_description'])} |" for name, entry in entries.items()]
        parts.append("## Entry points\n\n| `tasks_from` | what it does |\n| --- | --- |\n" + "\n".join(rows))
    parts.append(
        "## Variables\n\n| variable | default | what it is |\n| --- | --- | --- |\n" + "\n".join(_rows(entries))
    )
    return "\n\n".join(parts) + "\n"


def _rows(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield a row for each variable of any entry point, once."""
    options = {name: option for entry in entries.values() for name, option in entry.get("options", {}).items()}
    for name, option in options.items():
        default = "**required**" if option.get("required") else _default(option)
        yield f"| `{name}` | {default} | {_cell(' '.join(_lines(option['description'])))} |"


def _default(option: Mapping[str, Any]) -> str:
    value = option.get("default")
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{' '.join(text.split())}`".replace("|", r"\|") if text else '`""`'


def _lines(description: str | list[str]) -> list[str]:
    return [description] if isinstance(description, str) else description


def _sentence(text: str) -> str:
    return _plain(text) + "."


def _plain(text: str) -> str:
    """Return ``text`` with Ansible's markup as Markdown's."""
    return re.sub(r"\b[A-Z]+\(([^)]*)\)", r"`\1`", " ".join(text.split()))


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)([|<>])", r"\\\1", _plain(text))


def main() -> None:
    """Write the README of each role anew, around its example."""
    for role in roles():
        (role / README).write_text(page(role, example(role)), encoding="utf-8")


if __name__ == "__main__":
    main()
