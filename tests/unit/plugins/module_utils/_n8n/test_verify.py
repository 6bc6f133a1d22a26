# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifying a backup of n8n's data folder: fully decoded, or restored to a scratch folder that goes in any case."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.verify import N8nVerifier

from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils.made import PLACE


def verifier(n8n: N8n, key: str | None = None) -> N8nVerifier:
    return N8nVerifier(str(n8n.root / "work"), key)


def test_a_good_backup(n8n: N8n) -> None:
    n8n.back_up()
    manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
    fetcher = Fetcher(n8n.repository, manifest)
    verifier(n8n).structure(manifest, fetcher)
    assert verifier(n8n).restore(manifest, fetcher).equal
    assert os.listdir(n8n.root / "work") == []


def test_a_member_less(n8n: N8n) -> None:
    n8n.back_up()
    manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
    written = manifest.details["members"]
    for claimed, problem in ((written + 1, f"{written + 1} were written"), (3, "more members than were written")):
        lying = replace(manifest, details={**manifest.details, "members": claimed})
        with pytest.raises(DamagedError, match=problem):
            verifier(n8n).structure(lying, Fetcher(n8n.repository, manifest))


def test_the_scratch_folder_goes_on_failure_too(n8n: N8n) -> None:
    n8n.back_up()
    manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
    with pytest.raises(RefusedError, match="is not that of backup"):
        verifier(n8n, "another").restore(manifest, Fetcher(n8n.repository, manifest))
    (n8n.root / "work").chmod(0o500)
    if os.geteuid() != 0:
        with pytest.raises((RefusedError, ToolError)):
            verifier(n8n).restore(manifest, Fetcher(n8n.repository, manifest))
    (n8n.root / "work").chmod(0o700)
    assert os.listdir(n8n.root / "work") == []
