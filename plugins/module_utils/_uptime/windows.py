# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which monitors are paused for which maintenance, until when at most, and which may watch again.

Each maintenance has a window of its own, by the name of its runbook: one that ends resumes no monitor that another one still
wants paused, and one that was killed is taken up by the next run of its runbook, or is over when its time is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.checks import TEXTS


@dataclass(frozen=True)
class Window:
    """One maintenance: what it has paused, and until when it may last."""

    monitors: tuple[str, ...]
    until: datetime


def remembered_in(folder: str) -> dict[str, str]:
    """Return what is kept of each window by its name: a file ``<name>.json`` each, none where there is no such folder.

    :raises RefusedError: if it cannot be read.
    """
    found = {}
    try:
        # Not by glob: that takes a folder which it may not read for an empty one.
        for name in sorted(os.listdir(folder)) if os.path.lexists(folder) else ():
            stem, extension = os.path.splitext(name)
            # Whoever has opened it may close it now.
            with suppress(FileNotFoundError):
                if extension == ".json":
                    found[stem] = Path(folder, name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise RefusedError(
            f"Failed to read which monitors are paused for a maintenance: {error}. Give whoever runs this the right to read "
            f"{folder}, or set uptime_state_folder to another folder."
        ) from error
    return found


def windows_after(given: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return what is remembered next, and what follows from it.

    Each window is kept by itself, so that two that are opened or closed at the same moment write over nothing.

    :param given: ``remembered`` has what is kept of each window, see :func:`remembered_in`, and ``folder`` says where, for
        messages. ``open`` names a window to open, or to open for longer, with ``names`` (its monitors, beside those that it has)
        and ``limit`` (a duration). ``close`` names one to close, with ``names`` that it has paused in any case, whatever is
        remembered; without both, those whose time is over are. ``paused`` are monitors that could not be resumed: they are
        remembered with a window that is over. ``language`` is that of the check.
    :param at: the time (ISO 8601).
    :return: ``write``, the text to keep of each window that is another one than before, and ``forget``, the names of those of
        which there is nothing to keep; ``held``, the monitors that are paused by a window that is open; ``resume``, those that
        were paused by one that is closed now; ``check``, a check result.
    :raises RefusedError: if what was kept cannot be read, or a name or the limit makes no sense.
    """
    now = from_iso(at)
    kept: Mapping[str, str] = given.get("remembered") or {}
    before = remembered = _read(kept, given.get("folder") or "")
    closed: list[str] = []
    opened = {}
    if given.get("open"):
        name = _name_of_a_file(given["open"])
        opened = {name: _opened(before.get(name), given, now)}
    elif given.get("close"):
        if given.get("names"):
            before = {**before, given["close"]: _joined(before.get(given["close"]), given["names"], now)}
        closed = [name for name in before if name == given["close"]]
    else:
        closed = [name for name, each in before.items() if each.until <= now]
    after = {**{name: each for name, each in before.items() if name not in closed}, **opened}
    held = _monitors(after.values())
    still = given.get("paused") or []
    left = {name: Window(tuple(each for each in before[name].monitors if each in still), now) for name in closed}
    lasting = {name: each for name, each in {**after, **left}.items() if each.monitors}
    return {
        "write": {name: _written(each) for name, each in lasting.items() if each != remembered.get(name)},
        "forget": [name for name in kept if name not in lasting],
        "held": held,
        "resume": [each for each in _monitors(before[name] for name in closed) if each not in held],
        "check": _check(remembered, now, given.get("language") or "en").to_document(),
    }


def _name_of_a_file(name: str) -> str:
    if "/" in name or name.startswith("."):
        raise RefusedError(
            f"uptime_window: {name!r} cannot be the name of a file, and a maintenance is remembered in one of its name. Use "
            "letters, digits, spaces, - and _."
        )
    return name


def _opened(window: Window | None, given: Mapping[str, Any], now: datetime) -> Window:
    until = now + timedelta(seconds=duration_seconds("uptime_window_limit", given["limit"]))
    return _joined(window, given["names"], until)


def _joined(window: Window | None, names: Iterable[str], until: datetime) -> Window:
    known = () if window is None else window.monitors
    return Window(tuple(dict.fromkeys([*known, *names])), until)


def _monitors(windows: Iterable[Window]) -> list[str]:
    return list(dict.fromkeys(name for each in windows for name in each.monitors))


def _read(kept: Mapping[str, str], folder: str) -> dict[str, Window]:
    return {name: _window(text, f"{folder}/{name}.json") for name, text in kept.items()}


def _window(text: str, file: str) -> Window:
    try:
        found = json.loads(text)
        return Window(tuple(found["monitors"]), from_iso(found["until"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            f"Failed to read which monitors are paused for a maintenance: {file} is damaged ({error}). See in the dashboard "
            "which ones are paused, resume them, and remove that file."
        ) from error


def _written(window: Window) -> str:
    return json.dumps({"monitors": list(window.monitors), "until": to_iso(window.until)})


def _check(windows: Mapping[str, Window], now: datetime, language: str) -> Check:
    texts = TEXTS[language]
    cut_off = [name for name, each in windows.items() if each.until <= now]
    if cut_off:
        names = ", ".join(_monitors(windows[each] for each in cut_off))
        summary = texts["window_over"].format(names=names, windows=", ".join(cut_off))
        return Check("monitors.window", "monitors", "warning", summary, advice=texts["advice_window_over"])
    if windows:
        until = max(each.until for each in windows.values()).strftime("%Y-%m-%d %H:%M UTC")
        summary = texts["window_open"].format(names=", ".join(_monitors(windows.values())), until=until)
    else:
        summary = texts["window_none"]
    return Check("monitors.window", "monitors", "ok", summary)
