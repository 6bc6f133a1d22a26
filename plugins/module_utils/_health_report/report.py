# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action health_report does: judge nothing, compare with the last look, write the report."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.history import Bounds, record
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_safe_name
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Health, checks_from, flat
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_page import health_page
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_text import markdown, prometheus
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_trends import is_drawn

#: The formats, and how the names of their files end.
ENDINGS = {"json": "json", "markdown": "md", "html": "html", "prometheus": "prom"}
LANGUAGES = ("en", "es")
# The collector of node_exporter runs as another user.
_MODES = {"prometheus": 0o644}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "stack": {"type": "str", "required": True},
    "host": {"type": "str", "default": ""},
    "language": {"type": "str", "choices": list(LANGUAGES), "default": "en"},
    "checks": {"type": "list", "elements": "dict", "required": True},
    "at": {"type": "str"},
    "folder": {"type": "path", "required": True},
    "formats": {"type": "list", "elements": "str", "choices": list(ENDINGS), "default": list(ENDINGS)},
    "history": {"type": "path"},
    "history_keep": {"type": "str", "default": "400d"},
    "history_rows": {"type": "int", "default": 200_000},
    "prometheus_folder": {"type": "path"},
}

#: Writes the template of a name with the values given.
Render = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True)
class ReportOptions:
    """What the user asked for; see the documentation of ``health_report``."""

    stack: str
    host: str
    language: str
    checks: tuple[Check, ...]
    at: datetime
    folder: str
    formats: tuple[str, ...]
    history: str
    bounds: Bounds
    prometheus_folder: str

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ReportOptions:
        """Return the options in a module's parameters.

        :raises RefusedError: naming the one that cannot be used.
        """
        stack, folder = params["stack"], params["folder"]
        if not is_safe_name(stack):
            raise RefusedError(f"Parameter stack: {stack!r} is no name of a stack: the report's files are called so.")
        if params["history_rows"] < 1:
            raise RefusedError(f"Parameter history_rows is {params['history_rows']}. Give a number from 1 on.")
        keep = duration_seconds("history_keep", params["history_keep"])
        return cls(
            stack=stack,
            host=flat(params["host"], 200),
            language=params["language"],
            checks=checks_from(params["checks"]),
            at=optional_time("at", params["at"]) or now(),
            folder=folder,
            formats=tuple(name for name in ENDINGS if name in params["formats"]),
            history=params["history"] or os.path.join(folder, f"health-{stack}.sqlite"),
            bounds=Bounds(timedelta(seconds=keep), params["history_rows"]),
            prometheus_folder=params["prometheus_folder"] or folder,
        )

    def path(self, name: str) -> str:
        """Return where the report in the format ``name`` lies."""
        folder = self.prometheus_folder if name == "prometheus" else self.folder
        return os.path.join(folder, f"health-{self.stack}.{ENDINGS[name]}")


def report(options: ReportOptions, render: Render, *, check_mode: bool) -> dict[str, Any]:
    """Write the report, and return the result of the task.

    :raises OpsError: if a file cannot be written. The history is never a reason to fail.
    """
    _require_folder(options)
    drawn = [each.id for each in options.checks if is_drawn(each.id)]
    recorded = record(
        options.history, options.at, options.host, options.checks, drawn, options.bounds, read_only=check_mode
    )
    health = Health(
        stack=options.stack,
        host=options.host,
        language=options.language,
        at=options.at,
        checks=options.checks,
        changes=recorded.changes,
        series=recorded.series,
        problems=recorded.problems,
    )
    texts = _texts(health, options.formats, render)
    written = [
        name
        for name, text in texts.items()
        if write_text(options.path(name), text, check_mode=check_mode, mode=_MODES.get(name, 0o600))
    ]
    document = health.to_document()
    told = ("at", "status", "counts", "last_look", "new", "worse", "recovered", "gone")
    return {
        "changed": bool(written) or recorded.added,
        **{name: document[name] for name in told},
        "paths": {name: options.path(name) for name in texts},
        "history": options.history,
        "warnings": list(recorded.problems),
    }


def _require_folder(options: ReportOptions) -> None:
    folder = options.prometheus_folder
    if "prometheus" in options.formats and folder != options.folder and not os.path.isdir(folder):
        raise RefusedError(
            f"Parameter prometheus_folder: there is no folder {folder} on the controller. Name that of node_exporter's "
            "textfile collector (--collector.textfile.directory)."
        )


def _texts(health: Health, formats: tuple[str, ...], render: Render) -> dict[str, str]:
    page = health_page(health)
    makers: dict[str, Callable[[], str]] = {
        "json": lambda: json.dumps(health.to_document(), indent=2, ensure_ascii=False) + "\n",
        "markdown": lambda: markdown(page),
        "html": lambda: render("health.html.j2", asdict(page)),
        "prometheus": lambda: prometheus(health),
    }
    return {name: makers[name]() for name in formats}


def write_text(path: str, text: str, *, check_mode: bool, mode: int = 0o600) -> bool:
    """Write the file unless it is so already, and tell whether it was not.

    :raises OpsError: if it cannot be written.
    """
    content = text.encode()
    try:
        if _content(path) == content:
            return False
        if not check_mode:
            os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
            write_file(path, content, replace=True, mode=mode)
    except OSError as error:
        raise OpsError(f"Failed to write the health report {path}: {error.strerror}.") from error
    return True


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
