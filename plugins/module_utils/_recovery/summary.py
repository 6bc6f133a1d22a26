# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recovery in a few lines, and as a record that reports are made of. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.journal import phase_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import Format

_WORDS = {
    "en": {
        "rebuilt": "{stack} was rebuilt on {address} from the set {set_id}.",
        "rto": "Time to recover: {rto}.",
        "rpo": "Lost: what was written after {taken} ({age} before the recovery began).",
        "phase": "{phase}: {seconds}",
        "skew": "The parts of the set are {skew} apart.",
        "spared": "The database at {database} was not lost, and was left as it is.",
        "inventory": "Put the new address into the inventory: ansible_host: {address}",
    },
    "es": {
        "rebuilt": "{stack} se reconstruyó en {address} a partir del conjunto {set_id}.",
        "rto": "Tiempo de recuperación: {rto}.",
        "rpo": "Se perdió lo escrito después de {taken} ({age} antes de empezar la recuperación).",
        "phase": "{phase}: {seconds}",
        "skew": "Las partes del conjunto distan {skew} entre sí.",
        "spared": "La base de datos de {database} no se perdió y se dejó como está.",
        "inventory": "Anote la nueva dirección en el inventario: ansible_host: {address}",
    },
}


def recovery_record(journal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a finished recovery.

    :return: ``id``, ``begun``, ``finished`` (UTC, ISO 8601), ``rto_seconds``, ``rpo_seconds`` (from the set to the
        beginning of the recovery), ``phases`` (seconds by phase, in their order), and ``facts``, what the phases learnt.
    """
    begun, point = from_iso(journal["begun"]), journal["facts"]["point"]
    return {
        "id": journal["id"],
        "begun": journal["begun"],
        "finished": journal["finished"],
        "rto_seconds": round((from_iso(journal["finished"]) - begun).total_seconds(), 1),
        "rpo_seconds": round((begun - from_iso(point["taken"])).total_seconds(), 1),
        "phases": phase_seconds(journal),
        "facts": journal["facts"],
    }


def recovery_lines(record: Mapping[str, Any], stack: str, language: str) -> list[str]:
    """Return a recovery as a person wants to hear of it, in ``language`` (``en`` or ``es``)."""
    words, facts = _WORDS[language], record["facts"]
    point, address = facts["point"], facts["server"]["ansible_host"]
    duration = Format(language).duration
    lines = [
        words["rebuilt"].format(stack=stack, address=address, set_id=point["set_id"]),
        words["rto"].format(rto=duration(record["rto_seconds"])),
    ]
    lines += [
        "  " + words["phase"].format(phase=phase, seconds=duration(seconds))
        for phase, seconds in record["phases"].items()
    ]
    lines.append(words["rpo"].format(taken=point["taken"][:19] + "Z", age=duration(record["rpo_seconds"])))
    lines.append(words["skew"].format(skew=duration(point["skew_seconds"])))
    if facts.get("spared_database"):
        lines.append(words["spared"].format(database=facts["spared_database"]))
    lines.append(words["inventory"].format(address=address))
    return lines
