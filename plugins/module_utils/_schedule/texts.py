# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words about a schedule, in English and Spanish."""

from __future__ import annotations

_ENGLISH = {
    "no_jobs": "No job is scheduled for {stack}.",
    "advice_no_jobs": "Run schedule_jobs, or see why its jobs were removed.",
    "unreadable": "Nobody knows about {job}: {problem}.",
    "advice_unreadable": "Run schedule_jobs again; it writes the files anew, for the user that runs the jobs.",
    "on_time": "{job} was last started {started}.",
    "not_due": "{job} is scheduled and was not due yet.",
    "late": "{job} was due {due} and was not started; its last run began {started}.",
    "late_never": "{job} was due {due} and has never been started.",
    "late_after": "{job} was last started {started}, longer ago than {limit}.",
    "late_after_never": "{job} has never been started, for longer than {limit}.",
    "advice_late": "See whether its host was off, and whether its timer or cron runs; then start it by hand.",
    "succeeded": "{job} last ended well {ended}.",
    "running": "{job} has been running since {started}.",
    "no_run": "{job} has not run yet.",
    "failed": "{job} failed {ended} with exit status {code}.",
    "cut_off": "{job} was cut off: it began {started} and never ended.",
    "advice_failed": "Read its output: {log}",
    "not_skipped": "No run of {job} was skipped since its last one.",
    "skipped": "{job} was skipped {skipped}: {why}.",
    "advice_skipped": "See what takes that long; move its time, or raise schedule_wait_limit.",
    "waiting": "The timer of {job} is set.",
    "inactive": "The timer of {job} is not active: {state}.",
    "advice_inactive": "systemctl enable --now {unit}.timer, or run schedule_jobs again.",
}
_SPANISH = {
    "no_jobs": "No hay ninguna tarea programada para {stack}.",
    "advice_no_jobs": "Ejecute schedule_jobs, o averigüe por qué se quitaron sus tareas.",
    "unreadable": "No se sabe nada de {job}: {problem}.",
    "advice_unreadable": "Ejecute schedule_jobs otra vez; escribe los archivos de nuevo, para el usuario que ejecuta las tareas.",
    "on_time": "{job} empezó por última vez el {started}.",
    "not_due": "{job} está programada y aún no le tocaba.",
    "late": "A {job} le tocaba el {due} y no empezó; su última ejecución comenzó el {started}.",
    "late_never": "A {job} le tocaba el {due} y no ha empezado nunca.",
    "late_after": "{job} empezó por última vez el {started}, hace más de {limit}.",
    "late_after_never": "{job} no ha empezado nunca, desde hace más de {limit}.",
    "advice_late": "Vea si el equipo estaba apagado y si su temporizador o cron funciona; después, ejecútela a mano.",
    "succeeded": "{job} terminó bien por última vez el {ended}.",
    "running": "{job} está en marcha desde el {started}.",
    "no_run": "{job} no se ha ejecutado todavía.",
    "failed": "{job} falló el {ended} con el código de salida {code}.",
    "cut_off": "{job} quedó cortada: comenzó el {started} y no terminó.",
    "advice_failed": "Lea su salida: {log}",
    "not_skipped": "No se ha saltado ninguna ejecución de {job} desde la última.",
    "skipped": "{job} se saltó el {skipped}: {why}.",
    "advice_skipped": "Vea qué tarda tanto; cambie su hora o aumente schedule_wait_limit.",
    "waiting": "El temporizador de {job} está puesto.",
    "inactive": "El temporizador de {job} no está activo: {state}.",
    "advice_inactive": "systemctl enable --now {unit}.timer, o ejecute schedule_jobs otra vez.",
}

TEXTS = {"en": _ENGLISH, "es": _SPANISH}
