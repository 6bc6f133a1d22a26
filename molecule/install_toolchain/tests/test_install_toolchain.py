# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server has what the modules need, and they run with it."""

from __future__ import annotations

import pytest
from testinfra.host import Host

PYTHON = "/opt/chatbot-ops/venv/bin/python"


@pytest.mark.parametrize("program", ["tar", "zstd", "pg_dump", "pg_restore"])
def test_a_program(host: Host, program: str) -> None:
    assert host.exists(program)


def test_the_libraries(host: Host) -> None:
    assert host.run(f"{PYTHON} -c 'import cryptography, docker, psycopg2'").rc == 0


def test_the_environment_is_the_superusers(host: Host) -> None:
    found = host.file(PYTHON)
    assert (found.user, found.group) == ("root", "root")
    assert not host.file("/opt/chatbot-ops/venv").mode & 0o022
