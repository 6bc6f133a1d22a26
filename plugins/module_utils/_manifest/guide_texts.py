# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the recovery page, by language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """One language. ``titles``, ``hints`` and ``claims`` are by source; what stands in braces is filled in."""

    head: str
    safety_copy: str
    unknown: str
    fetch: str
    fetch_how: str
    check: str
    check_how: str
    key: str
    key_how: str
    titles: Mapping[str, str]
    hints: Mapping[str, str]
    passwords: str
    n8n_place: str
    n8n_key_inside: str
    n8n_key_outside: str
    proof: str
    proof_how: str
    source: str
    holds: str
    claims: Mapping[str, str]


_EN = Texts(
    head="""# Recovery of {stack}: set {set_id}

Backed up on {host}, {time} UTC. Its parts show the stack at instants that are {skew} s apart.
Versions then: {versions}.

This page gets the data back by hand. It needs nothing but a shell and {programs}; on Debian and Ubuntu the packages are
`age`, `restic`, `zstd`, `tar` and `postgresql-client` (no older than the server was). Run the commands in this order, in
one shell, as root, on the host that takes the stack over. While the old host may still run, stop its n8n first: two of
them would send every message twice.

If `RUNBOOK.html` or `RUNBOOK.md` lies beside this page, it says whom to call and where the keys are kept. With `.age`
behind its name it is encrypted like the backups: `age --decrypt --identity {identity} RUNBOOK.md.age` shows it.
""",
    safety_copy="""
**A safety copy.** This is what a restore of {backup_id} replaced, which may be the very thing that was broken. Unless that is
what you want, open the page of the newest set before this one.
""",
    unknown="not known",
    fetch="Get the files",
    fetch_how="Into an empty folder with room for three times the data. Change the first lines if the repository is "
    "somewhere else now.",
    check="See that they are whole",
    check_how="Each line must end with `OK`. Do not go on with a file that does not; use another set.",
    key="Bring the private key",
    key_how="The files are encrypted. Put the private key of one of these recipients into `{file}` in this folder "
    "(`chmod 600`), and remove it in the end:",
    titles={
        "config": "The stack's own files",
        "database": "The database",
        "logs": "Archived rows",
        "n8n": "n8n's data folder",
    },
    hints={
        "config": "Compose files, `.env`, nginx, certificates. They go back to their own places and replace what is there; "
        "with another folder behind `--directory=` you can look first.",
        "database": "Into a running PostgreSQL server that has no database of that name. `PGHOST`, `PGUSER` and `PGPASSWORD` "
        "say which (a superuser). That roles exist already is no failure.",
        "logs": "Into a table of that name, which must be there; rows that it has already must go before. `PGHOST`, `PGUSER` "
        "and `PGPASSWORD` say where. Rows in Parquet are written to a file here, for DuckDB, pandas and the like.",
        "n8n": "It appears as the folder `n8n` here.",
    },
    passwords="Now all roles have the passwords that they had on the old server, the superuser too: from here on, `PGPASSWORD` "
    "must be that one (`.env` may hold it).",
    n8n_place="""Then put it into its volume, while n8n is stopped, and start n8n:

- `docker volume inspect --format '{{{{.Mountpoint}}}}' {volume}` tells the volume's folder (if there is no such volume,
  `docker compose create` makes it); it must be empty.
- `cp --archive n8n/. THAT-FOLDER/` copies the data, and `chown {owner} THAT-FOLDER` gives the folder to n8n.
- Start the same version of n8n, or a newer one. An older one damages the data.
""",
    n8n_key_inside="- The encryption key is in it (the file `config`). Let nothing start n8n on an empty folder: it would make "
    "a new key.\n",
    n8n_key_outside="- The encryption key is NOT in it: give n8n the `N8N_ENCRYPTION_KEY` that it had, or no credential opens.\n",
    proof="See that it is right",
    proof_how="What the backups hold, as counted at the instant of the copy:",
    source="source",
    holds="holds",
    claims={
        "config": "{files} files",
        "database": "{tables} tables, {rows} rows",
        "logs": "{rows} rows of {table}, {month}",
        "n8n": "{workflows} workflows, {credentials} credentials",
    },
)

_ES = Texts(
    head="""# Recuperación de {stack}: conjunto {set_id}

Respaldado en {host}, {time} UTC. Sus partes muestran el sistema en instantes separados por {skew} s.
Versiones de entonces: {versions}.

Esta página recupera los datos a mano. Solo necesita un intérprete de órdenes y {programs}; en Debian y Ubuntu los paquetes
son `age`, `restic`, `zstd`, `tar` y `postgresql-client` (no más antiguo que el servidor de entonces). Ejecute las órdenes
en este orden, en una misma sesión, como root, en la máquina que se hará cargo del sistema. Si la máquina anterior aún puede estar
en marcha, pare antes su n8n: entre las dos enviarían cada mensaje dos veces.

Si junto a esta página está `EMERGENCIA.html` o `EMERGENCIA.md`, dice a quién llamar y dónde se guardan las claves. Si su
nombre termina en `.age`, está cifrada como los respaldos: `age --decrypt --identity {identity} EMERGENCIA.md.age` la muestra.
""",
    safety_copy="""
**Una copia de seguridad.** Esto es lo que reemplazó una restauración de {backup_id}, y puede ser justo lo que estaba roto. Si
no es lo que busca, abra la página del conjunto más reciente anterior a este.
""",
    unknown="se desconocen",
    fetch="Traer los archivos",
    fetch_how="A una carpeta vacía con sitio para el triple de los datos. Cambie las primeras líneas si el repositorio está "
    "ahora en otro lugar.",
    check="Comprobar que están enteros",
    check_how="Cada línea debe terminar en `OK`. No siga con un archivo que no lo haga; use otro conjunto.",
    key="Traer la clave privada",
    key_how="Los archivos están cifrados. Ponga la clave privada de uno de estos destinatarios en `{file}`, en esta carpeta "
    "(`chmod 600`), y bórrela al terminar:",
    titles={
        "config": "Los archivos del sistema",
        "database": "La base de datos",
        "logs": "Filas archivadas",
        "n8n": "La carpeta de datos de n8n",
    },
    hints={
        "config": "Archivos de Compose, `.env`, nginx, certificados. Vuelven a su lugar y sustituyen lo que haya; con otra "
        "carpeta tras `--directory=` puede mirarlos antes.",
        "database": "A un servidor PostgreSQL en marcha que no tenga una base con ese nombre. `PGHOST`, `PGUSER` y `PGPASSWORD` "
        "dicen cuál (con un superusuario). Que algún rol ya exista no es un fallo.",
        "logs": "A una tabla con ese nombre, que debe existir; las filas que ya tenga deben salir antes. `PGHOST`, `PGUSER` y "
        "`PGPASSWORD` dicen dónde. Las filas en Parquet se escriben aquí en un archivo, para DuckDB, pandas y similares.",
        "n8n": "Aparece aquí como la carpeta `n8n`.",
    },
    passwords="Ahora todos los roles tienen las contraseñas que tenían en el servidor anterior, también el superusuario: desde "
    "aquí, `PGPASSWORD` debe ser esa (puede estar en `.env`).",
    n8n_place="""Después póngala en su volumen, con n8n parado, y arranque n8n:

- `docker volume inspect --format '{{{{.Mountpoint}}}}' {volume}` dice cuál es la carpeta del volumen (si no existe,
  `docker compose create` lo crea); debe estar vacía.
- `cp --archive n8n/. ESA-CARPETA/` copia los datos, y `chown {owner} ESA-CARPETA` entrega la carpeta a n8n.
- Arranque la misma versión de n8n o una más nueva. Una más antigua daña los datos.
""",
    n8n_key_inside="- La clave de cifrado está dentro (el archivo `config`). Que nada arranque n8n sobre una carpeta vacía: "
    "crearía otra clave.\n",
    n8n_key_outside="- La clave de cifrado NO está dentro: dé a n8n la `N8N_ENCRYPTION_KEY` que tenía, o ninguna credencial se "
    "abrirá.\n",
    proof="Comprobar que está bien",
    proof_how="Lo que contienen los respaldos, contado en el instante en que se hicieron:",
    source="fuente",
    holds="contiene",
    claims={
        "config": "{files} archivos",
        "database": "{tables} tablas, {rows} filas",
        "logs": "{rows} filas de {table}, {month}",
        "n8n": "{workflows} workflows, {credentials} credenciales",
    },
)

TEXTS: Mapping[str, Texts] = {"en": _EN, "es": _ES}
