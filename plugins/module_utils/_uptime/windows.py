# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which monitors are paused for which maintenance, until when at most, and which may watch again. Pure.

Each maintenance has a window of its own, by the name of its runbook: one that ends resumes no monitor that another one still
wants paused, and one that was killed is taken up by the next run of its runbook, or is over when its time is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
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


def windows_after(given: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return what is remembered next, and what follows from it.

    :param given: ``remembered`` is the text that was kept, or an empty one, ``file`` where it lies. ``open`` names a window to
        open, or to open for longer, with ``names`` (its monitors, beside those that it has) and ``limit`` (a duration). ``close``
        names one to close, with ``names`` that it has paused in any case, whatever is remembered; without both, those whose
        time is over are. ``paused`` are monitors that could not be resumed: they are remembered with a window that is over.
        ``language`` is that of the check.
    :param at: the time (ISO 8601).
    :return: ``remembered``, the text to keep, empty if there is nothing to, and ``differs``, whether it is another one than that
        given; ``held``, the monitors that are paused by a window that is open; ``resume``, those that were paused by one that
        is closed now; ``check``, a check result.
    :raises RefusedError: if what was kept cannot be read, or the limit makes no sense.
    """
    now = from_iso(at)
    before = remembered = _read(given.get("remembered") or "", given.get("file") or "")
    closed: list[str] = []
    opened = {}
    if given.get("open"):
        opened = {given["open"]: _opened(before.get(given["open"]), given, now)}
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
    text = _written({**after, **left})
    return {
        "remembered": text,
        "differs": text != _written(remembered),
        "held": held,
        "resume": [each for each in _monitors(before[name] for name in closed) if each not in held],
        "check": _check(remembered, now, given.get("language") or "en").to_document(),
    }


def _opened(window: Window | None, given: Mapping[str, Any], now: datetime) -> Window:
    until = now + timedelta(seconds=duration_seconds("uptime_window_limit", given["limit"]))
    return _joined(window, given["names"], until)


def _joined(window: Window | None, names: Iterable[str], until: datetime) -> Window:
    known = () if window is None else window.monitors
    return Window(tuple(dict.fromkeys([*known, *names])), until)


def _monitors(windows: Iterable[Window]) -> list[str]:
    return list(dict.fromkeys(name for each in windows for name in each.monitors))


def _read(text: str, file: str) -> dict[str, Window]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)["windows"]
        return {name: Window(tuple(each["monitors"]), from_iso(each["until"])) for name, each in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(
            f"Failed to read which monitors are paused for a maintenance: {file} is damaged ({error}). See in the dashboard "
            "which ones are paused, resume them, and remove that file."
        ) from error


def _written(windows: Mapping[str, Window]) -> str:
    kept = {name: each for name, each in windows.items() if each.monitors}
    if not kept:
        return ""
    document = {name: {"monitors": list(each.monitors), "until": to_iso(each.until)} for name, each in kept.items()}
    return json.dumps({"windows": document})


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
