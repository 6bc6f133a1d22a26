# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page beside a set is followed to the letter, with nothing but the programs that it names."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

from tests.support.age_keys import age_pair
from tests.support.postgres_server import PostgresServer
from tests.support.stack import STACK, SampleStack
from tests.support.zygote import Zygote

SET = "20261124T031500Z-set-1c9e"
SHELL = ("cat", "chmod", "cp", "mkdir", "sh")


@pytest.fixture
def bare_server() -> Iterator[PostgresServer]:
    """A server that knows nothing of the stack."""
    with PostgresServer(fsync=False) as running:
        yield running


def back_up(stack: SampleStack, zygote: Zygote, recipients: list[str]) -> None:
    config = {**stack.parameters()["backup_info"], "paths": [str(stack.work.parent / "etc")]}
    zygote.run("config_backup", {**config, "set_id": SET, "recipients": recipients})
    stack.back_up(zygote, SET, recipients=recipients)


def blocks(page: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def named_programs(page: str) -> list[str]:
    """Return the programs that the page says it needs: those in the sentence that begins with sha256sum."""
    sentence = page[page.index("`sha256sum`") :]
    return re.findall(r"`([a-z0-9_]+)`", sentence[: sentence.index(";")])


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("name", ["RECOVERY.md", "RECUPERACION.md"])
def test_a_stack_comes_back_by_the_page_alone(
    stack: SampleStack,
    zygote: Zygote,
    bare_server: PostgresServer,
    tmp_path: pathlib.Path,
    encrypted: bool,
    name: str,
) -> None:
    etc = stack.work.parent / "etc"
    etc.mkdir()
    (etc / ".env").write_text("POSTGRES_PASSWORD=secreto\n")
    ana = age_pair(tmp_path / "ana.txt")
    back_up(stack, zygote, [ana.recipient] if encrypted else [])
    page = (stack.backups / STACK / "sets" / SET / name).read_text()
    assert (ana.recipient in page) is encrypted
    before = stack.folder_digest(), stack.database_digest()
    shutil.rmtree(etc)

    programs = tmp_path / "programs"
    programs.mkdir()
    for program in {*SHELL, *named_programs(page)}:
        found = find_program(program, [str(stack.server.bin_dir)])
        # A link would do, were it not that age and zstd of a private environment are links themselves.
        (programs / program).symlink_to(os.path.realpath(found))
    host = tmp_path / "host"
    host.mkdir()
    script = []
    for number, block in enumerate(blocks(page)):
        script.append(block)
        if "globals.sql" in block and "psql" in block:
            script.append(f"PGPASSWORD={stack.server.password}")
        if number == 0 and encrypted:
            script.append(f"cat > identity.txt <<'END'\n{ana.text}\nEND\nchmod 600 identity.txt\n")
    followed = subprocess.run(
        ["sh", "-e"],
        input="\n".join(script),
        cwd=host,
        env={"PATH": str(programs), **connection(bare_server)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert followed.returncode == 0, followed.stdout + followed.stderr

    assert (etc / ".env").read_text() == "POSTGRES_PASSWORD=secreto\n"
    bare_server.password = stack.server.password  # it came with the roles
    stack.server, stack.n8n = bare_server, host / "recovery" / "n8n"
    assert (stack.folder_digest(), stack.database_digest()) == before


def connection(server: PostgresServer) -> dict[str, str]:
    return {key: value for key, value in server.environment().items() if key.startswith("PG")}
