# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real n8n of the tests: it runs, it works, it decrypts, and it ends when it should."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.n8n_install import LINES
from tests.support.n8n_readiness import HOST, ReadinessClient
from tests.support.postgres_watchdog import wait_until
from tests.support.real_n8n import (
    HEARTBEAT,
    INBOUND,
    RealN8n,
    RealN8nError,
    holds_imported_credentials,
    prepared_folder,
)
from tests.support.writer import PROJECT

OWNER = """
import pathlib, sys, time
from tests.support.real_n8n import RealN8n, prepared_folder
folder = pathlib.Path(sys.argv[1])
with RealN8n(prepared_folder(folder), folder) as n8n:
    print(n8n.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module", params=LINES)
def n8n(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealN8n]:
    """A running n8n of each line on a prepared folder."""
    folder = tmp_path_factory.mktemp("n8n") / "user"
    with RealN8n(prepared_folder(folder, request.param), folder) as running:
        yield running


def test_is_the_pinned_version(n8n: RealN8n) -> None:
    assert n8n.checked_cli("--version").strip().endswith(n8n.install.version)


def test_works_and_stays_ready(n8n: RealN8n) -> None:
    before = n8n.executions_count()
    with ReadinessClient(n8n.port) as client:
        time.sleep(5)
    assert client.failures == []
    assert 25 <= len(client.latencies) <= 51  # fifty, less what a busy machine delays
    assert n8n.executions_count() >= before + 3


def test_answers_its_webhook(n8n: RealN8n) -> None:
    assert post(n8n.port, "/webhook/inbound", {"text": "¿hay premio?"})["reply"] == "echo: ¿hay premio?"


def test_exports_its_credentials_as_they_were_imported(n8n: RealN8n) -> None:
    exported = n8n.export_credentials_decrypted()
    assert holds_imported_credentials(exported)
    exported[0]["data"] = {"user": "somebody else"}
    assert not holds_imported_credentials(exported)


def test_exports_its_active_workflows(n8n: RealN8n) -> None:
    assert {each["id"] for each in n8n.export_workflows() if each["active"]} == {HEARTBEAT, INBOUND}


def test_goes_on_after_a_stop_and_a_readiness_client_notices_the_gap(n8n: RealN8n) -> None:
    with ReadinessClient(n8n.port) as client:
        # 1.x also ends with 1: when it has closed its database before an execution's last write.
        assert n8n.stop() in {1: (0, 1), 2: (0,)}[n8n.install.line]
        assert wait_until(lambda: client.failures != [], 5)
    assert n8n.pid is None
    before = n8n.executions_count()
    n8n.start()
    assert wait_until(lambda: n8n.executions_count() > before, 20)


def test_tells_that_it_cannot_decrypt(tmp_path: pathlib.Path) -> None:
    install = prepared_folder(tmp_path / "user")
    (tmp_path / "user" / ".n8n" / "config").unlink()
    stranger = RealN8n(install, tmp_path / "user", key=secrets.token_hex(16))
    with pytest.raises(RealN8nError, match="could not be decrypted"):
        stranger.export_credentials_decrypted()
    with pytest.raises(RealN8nError, match="did not get ready"), stranger:
        pass


def test_is_gone_when_its_owner_is_killed(tmp_path: pathlib.Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, tmp_path / "user"],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert list(scratch.iterdir()) != []
        owner.kill()
    # A zombie is gone too: whoever adopts it may not reap it at once.
    assert wait_until(lambda: not pathlib.Path(f"/proc/{pid}/exe").exists(), 10)
    assert list(scratch.iterdir()) == []


def post(port: int, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """Posts ``content`` as JSON and returns the answer's object."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("POST", path, json.dumps(content), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == http.client.OK
    said = json.load(answer)
    connection.close()
    return dict(said[0] if isinstance(said, list) else said)
