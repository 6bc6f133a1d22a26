# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the pages, in English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The words of one page; ``faults`` has a name and an explanation for each, ``reasons`` why two cannot meet."""

    title: str
    introduction: str
    rules: tuple[str, ...]
    fault: str
    local: str
    s3: str
    restic: str
    legend: str
    never: str
    meaning: str
    result: str
    no_problem: str
    problems: str
    faults: dict[str, tuple[str, str]]
    reasons: dict[str, str]


ENGLISH = Words(
    title="The chaos matrix",
    introduction=(
        "`make chaos` runs every module that writes, and breaks what it depends on, again and again: on a real "
        "PostgreSQL, a real S3 server (SeaweedFS) behind a proxy that fails as bad stores and networks do, and n8n's "
        "data folder under a process that keeps writing to it. A short form belongs to `make test`. This page is made "
        "by `make chaos` from `build/chaos.json`; do not edit it."
    ),
    rules=(
        "**no false success**: what a module claims is unpacked and compared with tar, zstd, pg_restore and psql",
        "**no stopped service**: n8n and the database go on being written to, and no write fails",
        "**no lost last good backup**: it is listed as good, and its stored bytes are those that were written",
        "**no half backup** in any list",
        "**a target with its old content or its new one**, whole; `config_restore` replaces file by file",
        "**a clear error**: it says what to do next, is no traceback, and tells no secret",
        "**nothing left**: the next run succeeds, and no unfinished upload, work folder, scratch database or session stays",
    ),
    fault="fault",
    local="Repository in a folder (`local`)",
    s3="Repository in a bucket (`s3`)",
    restic="Repository of restic, in a folder (`restic`)",
    legend="Each cell tells how many of the runs were well, of how many.",
    never="A dash: the two cannot meet.",
    meaning="What each fault is",
    result="{runs} runs, {ok} of them well; seed {seed}, {date}.",
    no_problem="No problem was found.",
    problems="Problems",
    faults={
        "SIGKILL": ("SIGKILL", "The module is killed at a random instant of its work."),
        "SIGTERM": ("SIGTERM", "The module is asked to end at a random instant; it takes back what it began."),
        "two at once": (
            "two at once",
            "Two runs with the same parameters; at least one succeeds, the other says why not.",
        ),
        "full disk": (
            "full disk",
            "The disk with the stack, its work folder and a local repository has at most 16 MiB left.",
        ),
        "clock jumps": ("clock jumps", "The clock jumps an hour ahead or back while the module works."),
        "repository removed": (
            "repository removed",
            "The folder is moved away, as an unmounted disk is; the bucket is gone.",
        ),
        "PostgreSQL session ended": ("PostgreSQL session ended", "The server ends one of the module's sessions."),
        "n8n upgraded": (
            "n8n upgraded",
            "n8n migrates its database, or another folder with another key takes the place of its own, during the copy.",
        ),
        "500, passing": (
            "500, passing",
            "The store answers 500 to two requests, then works again; the run must succeed.",
        ),
        "500 for good": ("500 for good", "From some request on the store answers 500 to all."),
        "503, passing": ("503, passing", "The store asks to slow down twice; the run must succeed."),
        "503 for good": ("503 for good", "From some request on the store answers 503 to all."),
        "slow": ("slow", "All that goes to the store and comes from it trickles; the run must succeed."),
        "reset midway, passing": (
            "reset midway, passing",
            "Two requests are cut in the middle of what they send; the run must succeed.",
        ),
        "reset midway for good": ("reset midway for good", "From some request on all are cut in their middle."),
        "answer lost": (
            "answer lost",
            "The store does what it is asked, and its answer never arrives; the run must succeed.",
        ),
        "download cut": ("download cut", "Payloads stop in the middle when they are read; the run must succeed."),
        "download falsified": (
            "download falsified",
            "One bit of each payload that is read is another; the run must fail.",
        ),
        "stores truncated": (
            "stores truncated",
            "The store loses the last quarter of what it took; the run must fail.",
        ),
        "lies about storing": ("lies about storing", "The store answers 200 and keeps nothing."),
        "credentials revoked": ("credentials revoked", "The access key is deleted while the module works."),
    },
    reasons={
        "it writes nothing to this host's disk": "it writes nothing to this host's disk",
        "it speaks to no PostgreSQL": "it speaks to no PostgreSQL",
        "n8n is stopped meanwhile": "n8n is stopped meanwhile",
        "it does not touch n8n": "it does not touch n8n",
        "a folder is no store behind a network": "a folder is no store behind a network",
        "it makes no such request": "it makes no such request",
        "a folder takes no credentials": "a folder takes no credentials",
    },
)

SPANISH = Words(
    title="La matriz del caos",
    introduction=(
        "`make chaos` ejecuta cada módulo que escribe y rompe aquello de lo que depende, una y otra vez: con un "
        "PostgreSQL real, un servidor S3 real (SeaweedFS) detrás de un proxy que falla como fallan los malos almacenes "
        "y las malas redes, y la carpeta de datos de n8n mientras un proceso sigue escribiendo en ella. Una forma breve "
        "forma parte de `make test`. `make chaos` genera esta página a partir de `build/chaos.json`; no la edite."
    ),
    rules=(
        "**ningún éxito falso**: lo que un módulo afirma se desempaqueta y se compara con tar, zstd, pg_restore y psql",
        "**ningún servicio detenido**: se sigue escribiendo en n8n y en la base de datos, y ninguna escritura falla",
        "**la última copia buena no se pierde**: figura como buena, y sus bytes son los que se escribieron",
        "**ninguna copia a medias** en las listas",
        "**el destino tiene su contenido anterior o el nuevo**, entero; `config_restore` sustituye archivo por archivo",
        "**un error claro**: dice qué hacer después, no es una traza y no revela secretos",
        "**nada queda atrás**: la ejecución siguiente termina bien y no queda ninguna subida sin terminar, carpeta de "
        "trabajo, base de datos provisional ni sesión",
    ),
    fault="fallo",
    local="Repositorio en una carpeta (`local`)",
    s3="Repositorio en un bucket (`s3`)",
    restic="Repositorio de restic, en una carpeta (`restic`)",
    legend="Cada celda dice cuántas ejecuciones salieron bien, y de cuántas.",
    never="Un guion: los dos no pueden coincidir.",
    meaning="En qué consiste cada fallo",
    result="{runs} ejecuciones, {ok} de ellas bien; semilla {seed}, {date}.",
    no_problem="No se encontró ningún problema.",
    problems="Problemas",
    faults={
        "SIGKILL": ("SIGKILL", "Se mata el módulo en un instante al azar de su trabajo."),
        "SIGTERM": ("SIGTERM", "Se pide al módulo que termine en un instante al azar; deshace lo que empezó."),
        "two at once": (
            "dos a la vez",
            "Dos ejecuciones con los mismos parámetros; al menos una termina bien, la otra dice por qué no.",
        ),
        "full disk": (
            "disco lleno",
            "Al disco con el stack, su carpeta de trabajo y un repositorio local le quedan 16 MiB como mucho.",
        ),
        "clock jumps": ("el reloj salta", "El reloj salta una hora adelante o atrás mientras el módulo trabaja."),
        "repository removed": (
            "repositorio retirado",
            "La carpeta desaparece, como la de un disco desmontado; el bucket ya no existe.",
        ),
        "PostgreSQL session ended": (
            "sesión de PostgreSQL terminada",
            "El servidor termina una de las sesiones del módulo.",
        ),
        "n8n upgraded": (
            "n8n actualizado",
            "Durante la copia, n8n migra su base de datos, o una carpeta con otra clave ocupa el lugar de la suya.",
        ),
        "500, passing": (
            "500 pasajero",
            "El almacén responde 500 a dos peticiones y vuelve a funcionar; debe terminar bien.",
        ),
        "500 for good": ("500 para siempre", "A partir de cierta petición, el almacén responde 500 a todas."),
        "503, passing": ("503 pasajero", "El almacén pide dos veces ir más despacio; debe terminar bien."),
        "503 for good": ("503 para siempre", "A partir de cierta petición, el almacén responde 503 a todas."),
        "slow": ("lento", "Todo lo que va al almacén y viene de él llega a cuentagotas; debe terminar bien."),
        "reset midway, passing": (
            "corte pasajero",
            "Dos peticiones se cortan en medio de su envío; debe terminar bien.",
        ),
        "reset midway for good": ("corte para siempre", "A partir de cierta petición, todas se cortan a la mitad."),
        "answer lost": (
            "respuesta perdida",
            "El almacén hace lo que se le pide y su respuesta no llega nunca; debe terminar bien.",
        ),
        "download cut": (
            "descarga cortada",
            "La lectura de los contenidos se interrumpe a la mitad; debe terminar bien.",
        ),
        "download falsified": ("descarga falseada", "Cambia un bit de cada contenido que se lee; debe fallar."),
        "stores truncated": (
            "almacena truncado",
            "El almacén pierde la última cuarta parte de lo que recibió; debe fallar.",
        ),
        "lies about storing": ("miente al almacenar", "El almacén responde 200 y no guarda nada."),
        "credentials revoked": ("credenciales revocadas", "La clave de acceso se borra mientras el módulo trabaja."),
    },
    reasons={
        "it writes nothing to this host's disk": "no escribe nada en el disco de este servidor",
        "it speaks to no PostgreSQL": "no habla con PostgreSQL",
        "n8n is stopped meanwhile": "n8n está detenido mientras tanto",
        "it does not touch n8n": "no toca n8n",
        "a folder is no store behind a network": "una carpeta no es un almacén detrás de una red",
        "it makes no such request": "no hace tales peticiones",
        "a folder takes no credentials": "una carpeta no pide credenciales",
    },
)
