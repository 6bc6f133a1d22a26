# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of a sample stack over five weeks, with something wrong at its end: what pages and pictures are made of."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._health_report.report import (
    ARGUMENTS,
    ENDINGS,
    ReportOptions,
    report,
)
from ansible_collections.chatbot.ops.plugins.plugin_utils.render import render

AT = datetime(2026, 11, 24, 3, 15, 42, tzinfo=UTC)
STACK, HOST = "lottery-chatbot", "bot.example.org"
_GB, _HOUR = 1_000_000_000, 3600.0
_LOOKS = 35 * 4
_EVERY = timedelta(hours=6)

# Of each check: component, unit, warning, critical, and what it is in both languages.
_KNOWN: dict[str, tuple[str, str, float | None, float | None, str, str]] = {
    "api.bot.status": ("api", "", None, None, "The API answers.", "La API responde."),
    "api.bot.latency": ("api", "ms", 800, 3000, "The API answers in time.", "La API responde a tiempo."),
    "n8n.readiness": ("n8n", "", None, None, "n8n is ready.", "n8n está listo."),
    "n8n.failed_executions": ("n8n", "", 10, 50, "Few executions fail.", "Fallan pocas ejecuciones."),
    "database.connections": ("database", "percent", 80, 95, "Connections are left.", "Quedan conexiones."),
    "database.size": ("database", "bytes", None, None, "The database's size.", "El tamaño de la base de datos."),
    "container.api.running": ("container", "", None, None, "api is running.", "api está en marcha."),
    "container.n8n.running": ("container", "", None, None, "n8n is running.", "n8n está en marcha."),
    "server.memory": ("server", "percent", 85, 95, "There is memory left.", "Queda memoria."),
    "server.load": ("server", "", 4, 8, "The load is low.", "La carga es baja."),
    "disk./.bytes": ("disk", "percent", 80, 90, "There is space on /.", "Hay espacio en /."),
    "disk./.inodes": ("disk", "percent", 80, 90, "There are inodes on /.", "Hay inodos en /."),
    "disk./var/lib/docker.bytes": ("disk", "percent", 80, 90, "There is space.", "Hay espacio."),
    "tls.bot.expiry": ("tls", "days", 21, 7, "The certificate is valid.", "El certificado es válido."),
    "dns.bot.example.org": ("dns", "", None, None, "The name points here.", "El nombre apunta aquí."),
    "time.synchronised": ("time", "", None, None, "The clock is right.", "El reloj va bien."),
    "updates.security": ("updates", "", 1, 20, "No security update waits.", "No hay actualizaciones de seguridad."),
    "backup.database.s3.age": ("backup", "seconds", 26 * _HOUR, 50 * _HOUR, "There is a backup.", "Hay un respaldo."),
    "backup.database.s3.size": ("backup", "bytes", None, None, "The backup's size.", "El tamaño del respaldo."),
    "backup.database.s3.duration": ("backup", "seconds", None, None, "How long it took.", "Cuánto tardó."),
    "backup.n8n.s3.age": ("backup", "seconds", 26 * _HOUR, 50 * _HOUR, "There is a backup.", "Hay un respaldo."),
    "backup.n8n.s3.size": ("backup", "bytes", None, None, "The backup's size.", "El tamaño del respaldo."),
    "backup.n8n.s3.duration": ("backup", "seconds", None, None, "How long it took.", "Cuánto tardó."),
    "recovery.rto": ("recovery", "seconds", 900, 1800, "It comes back in time.", "Vuelve a tiempo."),
    "recovery.rpo": ("recovery", "seconds", 24 * _HOUR, 48 * _HOUR, "Little is lost.", "Se pierde poco."),
    "logs.api.errors": ("logs", "", 10, 100, "Few errors of api.", "Pocos errores de api."),
    "logs.n8n.errors": ("logs", "", 10, 100, "Few errors of n8n.", "Pocos errores de n8n."),
    "whatsapp.main.limit": ("whatsapp", "percent", 80, 95, "Messages are left.", "Quedan mensajes."),
    "monitor.bot.status": ("monitor", "", None, None, "The monitor outside runs.", "El monitor externo funciona."),
}

# What is wrong at the end: status, value, summary and advice in both languages, evidence.
_WRONG: dict[str, tuple[str, float | None, tuple[str, str], tuple[str, str], tuple[str, ...]]] = {
    "disk./var/lib/docker.bytes": (
        "critical",
        93.4,
        ("/var/lib/docker is 93 % full.", "/var/lib/docker está lleno al 93 %."),
        (
            "Remove images that no container uses (`docker image prune`), then limit the logs: `chatbot.ops.rotate_logs`.",
            "Quite las imágenes que ningún contenedor usa (`docker image prune`) y limite los logs: `chatbot.ops.rotate_logs`.",
        ),
        ("74.7 GB of 80.0 GB used", "docker system df: images 41.2 GB, of which 29.8 GB reclaimable"),
    ),
    "backup.n8n.s3.verified": (
        "unknown",
        None,
        (
            "Nobody knows whether the backup of n8n in s3 can be restored: the repository does not answer.",
            "No se sabe si el respaldo de n8n en s3 se puede restaurar: el repositorio no responde.",
        ),
        (
            "See whether the bucket answers (`repository_check`), then verify: `chatbot.ops.verify_backups`.",
            "Mire si el bucket responde (`repository_check`) y verifique: `chatbot.ops.verify_backups`.",
        ),
        ("Failed to read s3://backups/lottery-chatbot: connect timeout after 10 s",),
    ),
    "tls.bot.expiry": (
        "warning",
        16.0,
        (
            "The certificate of bot.example.org expires in 16 days.",
            "El certificado de bot.example.org vence en 16 días.",
        ),
        (
            "See why it was not renewed: `systemctl status certbot.timer`.",
            "Mire por qué no se renovó: `systemctl status certbot.timer`.",
        ),
        ("notAfter=Dec 10 09:12:44 2026 GMT", "issuer=Let's Encrypt R12"),
    ),
    "logs.api.errors": (
        "warning",
        27.0,
        ("api: 27 errors within a day.", "api: 27 errores en un día."),
        ("Read its signatures in the log review, the most frequent one first.", "Lea la revisión de los logs."),
        ("19 x upstream timed out (<n> ms) while sending to <phone>", "8 x ECONNRESET graph.facebook.com"),
    ),
}


def _value(check_id: str, look: int) -> float | None:
    """Return what the check ``check_id`` measured at ``look`` (0 is the last one, 1 the one before)."""
    day = (_LOOKS - look) / 4
    noise = math.sin(look * 12.9898 + len(check_id)) * 0.5 + math.sin(look * 4.1) * 0.5
    nightly = int(day) + math.sin(int(day) * 7.3)
    courses = {
        "api.bot.latency": 210 + 60 * noise + (900 if look in (31, 32, 33) else 0) + 40 * math.sin(day * math.tau),
        "n8n.failed_executions": max(0.0, round(1.4 + 2 * noise)),
        "database.connections": 31 + 6 * noise,
        "database.size": (3.1 + 0.021 * day) * _GB,
        "server.memory": 61 + 5 * noise,
        "server.load": round(0.8 + 0.4 * noise, 2),
        "disk./.bytes": 38 + 0.06 * day + 0.4 * noise,
        "disk./.inodes": 11.0,
        "disk./var/lib/docker.bytes": 52 + 1.17 * day + 0.5 * noise,
        "tls.bot.expiry": 16 + look / 4,
        "updates.security": 0.0,
        "backup.database.s3.age": 3 * _HOUR + (look % 4) * 6 * _HOUR,
        "backup.database.s3.size": (0.61 + 0.0042 * nightly) * _GB,
        "backup.database.s3.duration": 41 + 0.4 * nightly + (55 if int(day) == 21 else 0),
        "backup.n8n.s3.age": 3 * _HOUR + (look % 4) * 6 * _HOUR,
        "backup.n8n.s3.size": (0.214 + 0.0008 * nightly - (0.06 if day > 29 else 0)) * _GB,
        "backup.n8n.s3.duration": 12.4 + 0.1 * nightly,
        "recovery.rto": (412.0, 395.0, 431.0, 388.0, 367.0, 372.0)[min(5, int(day) // 7)],
        "recovery.rpo": (80_000.0, 61_000.0, 74_000.0, 30_000.0, 28_000.0, 26_500.0)[min(5, int(day) // 7)],
        "logs.api.errors": max(0.0, round(3 + 4 * noise + (38 if look in (31, 32) else 0))),
        "logs.n8n.errors": max(0.0, round(1 + 2 * noise)),
        "whatsapp.main.limit": 37 + 11 * math.sin(day * math.tau),
    }
    return courses.get(check_id)


def sample_checks(language: str = "en", look: int = 0) -> list[dict[str, Any]]:
    """Return the check results of ``look``; at the last one, some things are wrong."""
    return list(_checks(1 if language == "es" else 0, look))


def _checks(text: int, look: int) -> Iterator[dict[str, Any]]:
    wrong = _WRONG if look == 0 else {}
    for name in [*_KNOWN, *(each for each in wrong if each not in _KNOWN)]:
        component, unit, warning, critical, *texts = _KNOWN.get(name, (name.split(".")[0], "", None, None, "", ""))
        value, status, summary, advice = _value(name, look), "ok", texts[text], ""
        evidence: tuple[str, ...] = ()
        if look == 1 and name == "server.memory":
            value, status, summary, advice = 87.0, "warning", "Memory is short.", "See what takes it."
        if name in wrong:
            status, value, summaries, advices, evidence = wrong[name]
            summary, advice = summaries[text], advices[text]
        yield {
            "id": name,
            "component": component,
            "status": status,
            "summary": summary,
            "value": value,
            "unit": unit,
            "warning": warning,
            "critical": critical,
            "since": None,
            "evidence": list(evidence),
            "advice": advice,
        }


def write_sample(folder: Path, language: str = "en", stack: str = STACK, looks: int = _LOOKS) -> dict[str, Any]:
    """Write the reports of so many looks into ``folder``, one after the other, and return the result of the last one."""
    result: dict[str, Any] = {}
    for look in reversed(range(looks)):
        at, formats = AT - look * _EVERY, list(ENDINGS) if look == 0 else []
        result = write_report(
            folder, sample_checks(language, look), at, language=language, stack=stack, formats=formats
        )
    return result


def write_report(
    folder: Path, checks: list[dict[str, Any]], at: datetime = AT, stack: str = STACK, **more: Any
) -> dict[str, Any]:
    """Write the report about ``checks`` into ``folder``, and return the result of the task."""
    defaults = {name: each.get("default") for name, each in ARGUMENTS.items()}
    given = {"stack": stack, "host": HOST, "checks": checks, "at": at.isoformat(), "folder": str(folder)}
    return report(ReportOptions.from_params({**defaults, **given, **more}), render, check_mode=False)
