# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chatbot's stack on a server: deployed by SSH as an operator would, and asked how it is.

`deploy` alone is the ordinary deploy: an empty n8n and a new database. `workflows.seed` makes n8n one that was used.
"""

from __future__ import annotations

import io
import json
import shlex
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.bed.images import stack_images
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import BOT, PROJECT, REGISTRY, Site

FILES = Path(__file__).parent / "stack"
SUPPORT = Path(__file__).parents[1] / "support"
PROJECT_FOLDER = f"/opt/{PROJECT}"
SERVICES = ("api", "n8n", "nginx", "postgres")
DATABASE = "lottery"
VOLUME = "n8n_data"
#: Where it lies on a server.
VOLUME_FOLDER = f"/var/lib/docker/volumes/{VOLUME}/_data"
#: The rows of system_logs in a new database; the other tables follow in proportion.
LOG_ROWS = 20_000
_UP_LIMIT = 240.0


def deploy(server: Server, *, n8n_key: str = "") -> None:
    """Puts the stack's files on the server, starts it, and returns when all its services are healthy.

    A repeated deploy changes nothing: a stack that has secrets keeps them.

    :param server: one with Docker and Compose.
    :param n8n_key: N8N_ENCRYPTION_KEY; empty, the key is in the volume.
    :raises BedError: if a service does not get healthy in time; with the last lines of its log.
    """
    put_files(server, n8n_key=n8n_key)
    up(server)


def put_files(server: Server, *, n8n_key: str = "") -> None:
    """Puts the stack's files on the server, without starting anything."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, (content, mode) in _files(server.site, stack_images(), n8n_key).items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    server.ssh("mkdir", "-p", PROJECT_FOLDER)
    words = ("tar", "--extract", f"--directory={PROJECT_FOLDER}", "--no-same-owner")
    server.ssh(*words, stdin=archive.getvalue(), purpose=f"put the stack's files on {server.name}")


def write_files(site: Site, folder: Path, *, line: int = 2) -> None:
    """Writes the stack's files into a folder of this machine, for a deploy from there.

    :param line: n8n's major version.
    """
    for name, (content, mode) in _files(site, stack_images(line)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        path.write_bytes(content)


def compose(server: Server, *words: str, timeout: float = 60.0, purpose: str = "", stdin: bytes | None = None) -> str:
    """Runs `docker compose` for the stack on the server; as `Server.ssh`."""
    command = ("docker", "compose", f"--project-directory={PROJECT_FOLDER}", *map(shlex.quote, words))
    return server.ssh(
        *command, timeout=timeout, stdin=stdin, purpose=purpose or f"run docker compose {words[0]} on {server.name}"
    )


def up(server: Server) -> None:
    """Starts the stack and returns when all its services are healthy.

    :raises BedError: if they are not in time; with what is known of those that are not.
    """
    try:
        compose(server, "up", "--detach", "--wait", f"--wait-timeout={_UP_LIMIT:.0f}", timeout=_UP_LIMIT + 60)
    except BedError as error:
        raise BedError(f"{error}\n{_symptoms(server)}") from error


def health(server: Server) -> dict[str, str]:
    """The state of each of the stack's services: "healthy", or what Docker says instead."""
    lines = compose(server, "ps", "--all", "--format=json").splitlines()
    return {each["Service"]: each["Health"] or each["State"] for each in map(json.loads, filter(None, lines))}


def obstacle(server: Server) -> str | None:
    """What is missing until the stack on the server is whole and healthy; None if nothing is."""
    found = health(server)
    wrong = {name: found.get(name, "missing") for name in SERVICES if found.get(name) != "healthy"}
    return f"not healthy: {wrong}" if wrong else None


def psql(server: Server, statement: str, timeout: float = 60.0) -> str:
    """Runs a statement as the superuser in the stack's database, and returns the rows, unadorned."""
    words = ("exec", "-T", "postgres", "psql", "--no-psqlrc", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1")
    return compose(server, *words, "--username=postgres", DATABASE, stdin=statement.encode(), timeout=timeout)


def message_ids(server: Server) -> set[str]:
    """The ids of all messages in the stack's database."""
    return set(psql(server, "SELECT id FROM messages").split())


def _files(site: Site, images: Mapping[str, str], n8n_key: str = "") -> dict[str, tuple[bytes, int]]:
    """The stack's files: content and mode of each, by its path in the project's folder."""
    # Its helpers live as long as one transaction.
    settings = f"BEGIN;\nSELECT set_config('sample.log_rows', '{LOG_ROWS}', false), "
    settings += "set_config('sample.until', date_trunc('hour', now())::text, false);\n"
    content = (SUPPORT / "sample_content.sql").read_bytes()
    return {
        "compose.yml": ((FILES / "compose.yml").read_bytes(), 0o644),
        ".env": (_environment(site, images, n8n_key).encode(), 0o600),
        "nginx/bot.conf": ((FILES / "bot.conf").read_bytes(), 0o644),
        "tls/bot.crt": ((site.state / "tls" / "bot.crt").read_bytes(), 0o644),
        "tls/bot.key": ((site.state / "tls" / "bot.key").read_bytes(), 0o600),
        "initdb/10-schema.sql": ((SUPPORT / "sample_schema.sql").read_bytes(), 0o644),
        "initdb/20-content.sql": (settings.encode() + content + b"COMMIT;\nANALYZE;\n", 0o644),
        "initdb/30-messages.sql": ((FILES / "messages.sql").read_bytes(), 0o644),
    }


def _environment(site: Site, images: Mapping[str, str], n8n_key: str) -> str:
    variables = {
        "DOMAIN": BOT,
        "POSTGRES_DB": DATABASE,
        "POSTGRES_PASSWORD": site.secrets["postgres_password"],
        "API_DATABASE_PASSWORD": site.secrets["api_password"],
        "N8N_ENCRYPTION_KEY": n8n_key,
        "N8N_RUNNERS_AUTH_TOKEN": site.secrets["runners_token"],
        **{name: f"{REGISTRY}/{image}" for name, image in images.items()},
    }
    return "".join(f"{name}={value}\n" for name, value in variables.items())


def _symptoms(server: Server) -> str:
    states = {name: state for name, state in health(server).items() if state != "healthy"}
    said = compose(server, "logs", "--no-color", "--tail=5", *states) if states else ""
    return f"not healthy: {states}\n{said[-2000:]}"
