# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page beside a set, followed to the letter on a bare server that has the programs it asks for and nothing of ours."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.server import Server
from tests.bed.site import PROJECT
from tests.e2e.player import Player
from tests.support.age_keys import Pair, age_pair

# One of its own: what lies in the others' newest backup, they can read.
_REPOSITORY = "/var/backups/page"
_PASSWORD = "of-a-new-server"
_COUNTS = (
    "SELECT count(*), md5(string_agg(id::text, '' ORDER BY id::text)) FROM system_logs "
    "UNION ALL SELECT count(*), '' FROM orders"
)


@pytest.mark.thorough
def test_a_bare_server_gets_the_data_by_the_page_alone(
    bed: Bed, player: Player, replacement: Server, tmp_path: Path
) -> None:
    ana = age_pair(tmp_path / "ana.txt")
    bed.production.ssh("install", "--directory", "--mode=700", _REPOSITORY)
    repository = {"type": "local", "path": _REPOSITORY}
    player.must("backup_stack", backup_max_age="", backup_repositories=[repository], backup_recipients=[ana.recipient])
    newest = bed.production.shell(f"ls {_REPOSITORY}/{PROJECT}/sets | tail -n 1").strip()
    page = bed.production.ssh("cat", f"{_REPOSITORY}/{PROJECT}/sets/{newest}/RECOVERY.md")
    packed = bed.production.shell(f"tar --create --gzip --directory={_REPOSITORY} . | base64 --wrap=0", timeout=120)
    replacement.ssh("install", "--directory", "--mode=700", _REPOSITORY)
    unpack = ("tar", "--extract", "--gzip", f"--directory={_REPOSITORY}")
    replacement.ssh(*unpack, stdin=base64.b64decode(packed), timeout=120)
    # The packages that the page names, and a server for the database.
    replacement.shell(
        "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "
        "age zstd tar postgresql-client postgresql",
        timeout=300,
    )
    replacement.shell(f'su postgres -c "psql -c \\"ALTER ROLE postgres PASSWORD \'{_PASSWORD}\'\\""')

    replacement.shell("mkdir /srv/rescue && cd /srv/rescue && set -e\n" + _script(page, ana), timeout=300)

    password = f"$(sed -n 's/^POSTGRES_PASSWORD=//p' {stack.PROJECT_FOLDER}/.env)"
    query = f"PGPASSWORD={password} psql -h 127.0.0.1 -U postgres -At"
    found = replacement.shell(f'{query} -d {stack.DATABASE} -c "{_COUNTS}"')
    psql = f"docker exec {PROJECT}-postgres-1 psql -U postgres -At -d {stack.DATABASE}"
    there = bed.production.shell(f'{psql} -c "{_COUNTS}"')
    assert found == there
    for name in ("config", "database.sqlite"):
        assert replacement.ssh("stat", "--format=%u:%g", f"/srv/rescue/recovery/n8n/{name}").strip() == "1000:1000"
    key = replacement.ssh("cat", "/srv/rescue/recovery/n8n/config")
    assert key == bed.production.ssh("cat", f"{stack.VOLUME_FOLDER}/config")
    env = ("cat", f"{stack.PROJECT_FOLDER}/.env")
    assert replacement.ssh(*env) == bed.production.ssh(*env)


def _script(page: str, ana: Pair) -> str:
    """Return the page's commands, with what it says to do between them."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    script = [f"export PGHOST=127.0.0.1 PGUSER=postgres PGPASSWORD={_PASSWORD}", blocks[0]]
    script.append(f"cat > identity.txt <<'END'\n{ana.text}END\nchmod 600 identity.txt")
    for block in blocks[1:]:
        script.append(block)
        if "globals.sql" in block and "psql" in block:
            script.append(f"PGPASSWORD=$(sed -n 's/^POSTGRES_PASSWORD=//p' {stack.PROJECT_FOLDER}/.env)")
    return "\n".join(script)
