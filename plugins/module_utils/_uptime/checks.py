# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitors as check results, in English and Spanish. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.healthchecks import slug_of
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Found

_SEVERITIES = {
    "up": "ok",
    "maintenance": "ok",
    "down": "critical",
    "paused": "warning",
    "late": "warning",
    "pending": "unknown",
    "unknown": "unknown",
    "missing": "critical",
}
_ENGLISH = {
    "up": "{title} sees that {name} works.",
    "maintenance": "{title}: {name} is in maintenance.",
    "down": "{title} sees that {name} does not work.",
    "paused": "{title} does not watch {name}: the monitor is paused.",
    "window": "{title}: the monitor {name} is paused for the maintenance.",
    "late": "{title}: {name} is late.",
    "pending": "{title} has not looked at {name} yet.",
    "unknown": "{title} says something of {name} that nobody knows.",
    "missing": "{title} has no monitor {name}: nobody outside watches it.",
    "advice_down": "Look at it from outside, then at the server: the service may run, and not be reached.",
    "advice_paused": "Resume it (chatbot.ops.configure_monitors), unless somebody paused it on purpose.",
    "advice_late": "See whether the job that should have called has run.",
    "advice_pending": "Wait for the first look; then run this again.",
    "advice_unknown": "Look at the dashboard.",
    "advice_missing": "Run chatbot.ops.configure_monitors.",
    "window_none": "No monitor is paused for a maintenance.",
    "window_open": "{names}: paused for a maintenance, until {until} at most.",
    "window_over": "{windows} has paused {names} and never came to its end; now its time is over, and they are resumed.",
    "advice_window_over": "See what became of that run: the maintenance may be half done. Run it again.",
}
_SPANISH = {
    "up": "{title} ve que {name} funciona.",
    "maintenance": "{title}: {name} está en mantenimiento.",
    "down": "{title} ve que {name} no funciona.",
    "paused": "{title} no vigila {name}: el monitor está en pausa.",
    "window": "{title}: el monitor {name} está en pausa por el mantenimiento.",
    "late": "{title}: {name} se retrasa.",
    "pending": "{title} todavía no ha mirado {name}.",
    "unknown": "{title} dice de {name} algo que no se entiende.",
    "missing": "{title} no tiene un monitor {name}: nadie lo vigila desde fuera.",
    "advice_down": "Mírelo desde fuera y después en el servidor: puede funcionar y no ser accesible.",
    "advice_paused": "Reanúdelo (chatbot.ops.configure_monitors), salvo que alguien lo pausara a propósito.",
    "advice_late": "Mire si corrió el trabajo que tenía que llamar.",
    "advice_pending": "Espere a que mire por primera vez y repita esto.",
    "advice_unknown": "Mire su panel.",
    "advice_missing": "Ejecute chatbot.ops.configure_monitors.",
    "window_none": "Ningún monitor está en pausa por un mantenimiento.",
    "window_open": "{names}: en pausa por un mantenimiento, como máximo hasta {until}.",
    "window_over": "{windows} pausó {names} y no llegó a su fin; ya pasó su tiempo y se reanudan.",
    "advice_window_over": "Mire qué fue de esa ejecución: el mantenimiento puede estar a medias. Repítala.",
}
TEXTS = {"en": _ENGLISH, "es": _SPANISH}


def check_of(name: str, monitor: Found | None, title: str, language: str, *, in_window: bool) -> Check:
    """Return the check result of a monitor; None for one that is not there.

    :param in_window: whether a maintenance window is open, in which a monitor is meant to be paused.
    """
    texts = TEXTS[language]
    status = "missing" if monitor is None else monitor.status
    if status == "paused" and in_window:
        severity, key = "ok", "window"
    else:
        severity, key = _SEVERITIES[status], status
    return Check(
        id=f"monitor.{slug_of(name)}.status",
        component="monitors",
        status=severity,
        summary=texts[key].format(title=title, name=name),
        evidence=() if monitor is None else tuple(filter(None, [monitor.url])),
        advice="" if severity == "ok" else texts[f"advice_{status}"],
    )


def checks_of(
    names: Sequence[str], monitors: Sequence[Found], title: str, language: str, *, in_window: bool
) -> list[Check]:
    """Return the check results of the monitors called ``names``; without names, of all that are there."""
    found = {each.name: each for each in monitors}
    return [check_of(each, found.get(each), title, language, in_window=in_window) for each in (names or sorted(found))]
