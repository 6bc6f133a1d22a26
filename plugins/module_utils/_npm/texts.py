# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of what npm tells, in English and Spanish. ``one|many`` are the forms for one thing and any other number."""

from __future__ import annotations

_ENGLISH = {
    "npm_outdated": "{name}: {n} package has a newer version, {major} of them a new major one.|"
    "{name}: {n} packages have a newer version, {major} of them a new major one.",
    "npm_vulnerable": "{name}: {n} vulnerable package of {severity} severity or worse.|"
    "{name}: {n} vulnerable packages of {severity} severity or worse.",
    "npm_unknown_outdated": "{name}: whether there are newer versions is not known. {problem}",
    "npm_unknown_vulnerable": "{name}: whether packages are vulnerable is not known. {problem}",
    "npm_line_outdated": "{name} {current} → {latest}",
    "npm_line": "{name} ({severity}, {kind}, {fix}): {title}",
    "npm_direct": "direct",
    "npm_transitive": "transitive",
    "npm_fix": "fix within the ranges",
    "npm_fix_to": "fixed by {name} {version}",
    "npm_fix_major": "fixed by {name} {version}, a new major version",
    "npm_no_fix": "no fix yet",
    "npm_advice_outdated": "Update them, the major ones one by one: npm outdated lists them.",
    "npm_advice_vulnerable": "npm_fix_patch makes a tested patch of what can be fixed within the ranges.",
    "npm_advice_major": "Only new major versions fix them: read their notes, and test.",
    "npm_advice_no_fix": "There is no fix yet: see whether the package is needed, or can be replaced.",
    "npm_advice_unknown": "Correct what the message says, and look again.",
}

_SPANISH = {
    "npm_outdated": "{name}: {n} paquete tiene una versión más nueva, {major} con salto de versión mayor.|"
    "{name}: {n} paquetes tienen una versión más nueva, {major} con salto de versión mayor.",
    "npm_vulnerable": "{name}: {n} paquete vulnerable de gravedad {severity} o peor.|"
    "{name}: {n} paquetes vulnerables de gravedad {severity} o peor.",
    "npm_unknown_outdated": "{name}: no se sabe si hay versiones más nuevas. {problem}",
    "npm_unknown_vulnerable": "{name}: no se sabe si hay paquetes vulnerables. {problem}",
    "npm_line_outdated": "{name} {current} → {latest}",
    "npm_line": "{name} ({severity}, {kind}, {fix}): {title}",
    "npm_direct": "directo",
    "npm_transitive": "transitivo",
    "npm_fix": "se arregla dentro de los rangos",
    "npm_fix_to": "se arregla con {name} {version}",
    "npm_fix_major": "se arregla con {name} {version}, una versión mayor nueva",
    "npm_no_fix": "aún sin arreglo",
    "npm_advice_outdated": "Actualícelos, los de versión mayor uno por uno: npm outdated los lista.",
    "npm_advice_vulnerable": "npm_fix_patch hace un parche probado de lo que se arregla dentro de los rangos.",
    "npm_advice_major": "Solo versiones mayores nuevas los arreglan: lea sus notas y pruebe.",
    "npm_advice_no_fix": "Aún no hay arreglo: mire si el paquete hace falta o se puede cambiar por otro.",
    "npm_advice_unknown": "Corrija lo que dice el mensaje y vuelva a mirar.",
}

TEXTS = {"en": _ENGLISH, "es": _SPANISH}
