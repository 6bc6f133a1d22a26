# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licence at the head of each file. ``python -m tests.tools.headers`` puts it where it is missing.

``REUSE.toml`` speaks for files that cannot hold it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath

from tests.tools.checkout import list_files
from tests.tools.link import CHECKOUT

LICENCE = "SPDX-License-Identifier: GPL-3.0-or-later"
_LINES = (
    "Copyright: (c) 2026, chatbot.ops contributors",
    "GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    LICENCE,
)
# As much of a file as its head is looked for in.
_HEAD = 1000
# The first lines that have to stay the first.
_BEFORE = ("#!", "---", "# syntax=")
# How a line of comment begins, by the end of the file's name. Any other file needs REUSE.toml to speak for it.
_COMMENTS = dict.fromkeys(("", ".cfg", ".conf", ".py", ".sh", ".toml", ".yaml", ".yml"), "#") | {
    ".cjs": "//",
    ".sql": "--",
}


def spoken_for() -> tuple[str, ...]:
    """Return the patterns of ``REUSE.toml``."""
    settings = tomllib.loads((CHECKOUT / "REUSE.toml").read_text(encoding="utf-8"))
    return tuple(pattern for each in settings["annotations"] for pattern in each["path"])


def without_licence() -> list[str]:
    """Return the files of the checkout that neither hold the licence nor are spoken for."""
    patterns = spoken_for()
    return [path for path in list_files() if not _is_licensed(CHECKOUT / path) and not _matches(path, patterns)]


def _is_licensed(path: Path) -> bool:
    with path.open("rb") as stream:
        return LICENCE.encode() in stream.read(_HEAD)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    return any(
        path.startswith(pattern.removesuffix("**"))
        if pattern.endswith("/**")
        else PurePosixPath(path).match(pattern.removeprefix("**/"))
        for pattern in patterns
    )


def with_licence(text: str, suffix: str) -> str:
    """Return ``text``, the content of a file whose name ends with ``suffix``, with the licence at its head.

    :raises KeyError: if nobody knows how a comment is written there.
    """
    lines = text.splitlines(keepends=True)
    first = 1 if lines and lines[0].startswith(_BEFORE) else 0
    mark = _COMMENTS[suffix]
    head = [f"{mark} {line}\n" for line in _LINES]
    # A comment that begins the file stays one of its own.
    if len(lines) > first and lines[first].startswith(mark):
        head.append("\n" if suffix in (".yml", ".yaml") else f"{mark}\n")
    return "".join([*lines[:first], *head, *lines[first:]])


def main() -> None:
    """Put the licence into each file that lacks it."""
    for path in map(Path, without_licence()):
        file = CHECKOUT / path
        file.write_text(with_licence(file.read_text(encoding="utf-8"), path.suffix), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
