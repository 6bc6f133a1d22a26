# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action health_fleet does: it reads the last report of each stack, and writes the page of all of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.report import LANGUAGES, Render, write_text
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_safe_name
from ansible_collections.chatbot.ops.plugins.module_utils._report.fleet import (
    Member,
    aged,
    counts_of,
    fleet_page,
    member_from,
    ordered,
    unknown_member,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords

#: The formats, and the files' names.
NAMES = {"json": "fleet.json", "html": "fleet.html"}
_REPORT = re.compile(r"health-(.+)\.json")

ARGUMENTS: dict[str, dict[str, Any]] = {
    "folder": {"type": "path", "required": True},
    "stacks": {"type": "list", "elements": "str", "default": []},
    "language": {"type": "str", "choices": list(LANGUAGES), "default": "en"},
    "at": {"type": "str"},
    "max_age": {"type": "str", "default": "26h"},
    "formats": {"type": "list", "elements": "str", "choices": list(NAMES), "default": list(NAMES)},
}


@dataclass(frozen=True)
class FleetOptions:
    """What the user asked for; see the documentation of ``health_fleet``."""

    folder: str
    stacks: tuple[str, ...]
    language: str
    at: datetime
    max_age: timedelta
    formats: tuple[str, ...]

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> FleetOptions:
        """Return the options in a module's parameters.

        :raises RefusedError: naming the one that cannot be used.
        """
        for stack in params["stacks"]:
            if not is_safe_name(stack):
                raise RefusedError(
                    f"Parameter stacks: {stack!r} is no name of a stack: its report's files are called so."
                )
        return cls(
            folder=params["folder"],
            stacks=tuple(dict.fromkeys(params["stacks"])),
            language=params["language"],
            at=optional_time("at", params["at"]) or now(),
            max_age=timedelta(seconds=duration_seconds("max_age", params["max_age"])),
            formats=tuple(name for name in NAMES if name in params["formats"]),
        )


def fleet(options: FleetOptions, render: Render, *, check_mode: bool) -> dict[str, Any]:
    """Write the page, and return the result of the task.

    :raises OpsError: if the folder cannot be read, or a file cannot be written.
    """
    problems: list[str] = []
    members = ordered(list(_members(options, problems)))
    document = {
        "format": 1,
        "at": to_iso(options.at),
        "status": worst(each.status for each in members),
        "counts": counts_of(members),
        "stacks": [each.to_document() for each in members],
    }
    makers: dict[str, Callable[[], str]] = {
        "json": lambda: json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        "html": lambda: render("fleet.html.j2", asdict(fleet_page(members, options.at, options.language))),
    }
    paths = {name: os.path.join(options.folder, NAMES[name]) for name in options.formats}
    written = [name for name in paths if write_text(paths[name], makers[name](), check_mode=check_mode)]
    told = {name: document[name] for name in ("at", "status", "counts", "stacks")}
    return {"changed": bool(written), **told, "paths": paths, "warnings": problems}


def _members(options: FleetOptions, problems: list[str]) -> Iterator[Member]:
    names = _names(options.folder)
    words = HealthWords(options.language)
    for stack in options.stacks or names:
        if stack not in names:
            yield unknown_member(stack, "fleet_missing", words)
            continue
        path = os.path.join(options.folder, f"health-{stack}.json")
        page = f"health-{stack}.html"
        link = page if os.path.exists(os.path.join(options.folder, page)) else ""
        try:
            with open(path, encoding="utf-8") as stream:
                member = member_from(json.load(stream), link)
        except (OSError, ValueError, OpsError) as error:
            problems.append(f"The health report {path} cannot be read: {error}")
            yield unknown_member(stack, "fleet_unread", words, link=link)
        else:
            yield aged(member, options.at, options.max_age, words)


def _names(folder: str) -> list[str]:
    """Return the names of the stacks that have a report in ``folder``.

    :raises OpsError: if it cannot be read.
    """
    try:
        found = [_REPORT.fullmatch(each) for each in os.listdir(folder)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OpsError(f"Failed to look for health reports in {folder}: {error.strerror}.") from error
    return sorted(each.group(1) for each in found if each is not None and is_safe_name(each.group(1)))
