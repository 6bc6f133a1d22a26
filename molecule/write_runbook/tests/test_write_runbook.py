# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages are on the controller and beside the newest set, say the same, and hold no secret of the stack."""

from __future__ import annotations

import os
import pathlib

import pytest
from testinfra.host import Host

SETS = "/var/backups/chatbot-ops/lottery-chatbot/sets"
NAMES = {"en": "RUNBOOK", "es": "EMERGENCIA"}


def written(language: str, kind: str) -> str:
    folder = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
    return (folder / f"runbook-lottery-chatbot.{language}.{kind}").read_text(encoding="utf-8")


def newest(host: Host) -> str:
    return str(host.run_expect([0], f"ls {SETS} | tail -1").stdout.strip())


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("kind", ["html", "md"])
def test_the_same_page_lies_beside_the_newest_set(host: Host, language: str, kind: str) -> None:
    file = host.file(f"{SETS}/{newest(host)}/{NAMES[language]}.{kind}")
    assert file.content_string == written(language, kind)
    assert file.mode & 0o077 == 0


def test_it_names_the_set_the_commands_and_the_people(host: Host) -> None:
    page = written("en", "md")
    for needed in (newest(host), "restore_confirm=lottery-chatbot", "rebuild_confirm=lottery-chatbot", "Ana Ruiz"):
        assert needed in page
    assert "Not filled in: whom to call as WhatsApp API provider" in page


def test_no_secret_of_the_stack_is_in_it(host: Host) -> None:
    lines = host.file("/opt/lottery-chatbot/.env").content_string.splitlines()
    secrets = [line.partition("=")[2] for line in lines if any(word in line for word in ("PASSWORD", "KEY", "TOKEN"))]
    assert secrets
    assert not [each for each in secrets if each and each in written("en", "html") + written("es", "html")]
