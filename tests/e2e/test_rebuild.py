# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The production server is lost under load, and comes back on the empty one, whatever fails on the way."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bed import server as servers
from tests.bed import services, stack
from tests.bed.bed import Bed
from tests.bed.load import Load, Outcome, port_by_name
from tests.bed.process import wait_until
from tests.bed.server import Server
from tests.bed.site import ADDRESSES, BOT, PROJECT, TRUST_OF_SERVERS, bucket, s3_from_here
from tests.e2e.player import Play, Player
from tests.support.age_keys import Pair, age_pair

pytestmark = pytest.mark.thorough

_FENCE = Path(__file__).with_name("fence.yml")
_CONFIRMED = {"target": "production", "rebuild_replacement": "replacement", "rebuild_confirm": PROJECT}
_NOWHERE = "https://127.0.0.1:9"


@dataclass
class Recovery:
    """One recovery, from the backup on."""

    bed: Bed
    player: Player
    folder: Path
    keys: Pair
    outcomes: list[Outcome] = field(default_factory=list)
    taken: float = 0.0
    """When the backup of the database shows it (`time.time()`)."""

    def repository(self, endpoint: str, authority: str) -> dict[str, Any]:
        """The S3 bucket that outlives the server, as one of the two sides reaches it."""
        return {**bucket(self.bed.site, endpoint, authority), "prefix": "rebuild"}

    @property
    def there(self) -> dict[str, Any]:
        """As the servers reach it."""
        return self.repository("https://s3.bed:8333", TRUST_OF_SERVERS)

    def variables(self, **others: Any) -> dict[str, Any]:
        """What the operator gives to the runbook."""
        here = self.repository(s3_from_here(self.bed.site), str(self.bed.site.authority))
        given = {
            **_CONFIRMED,
            "rebuild_folder": str(self.folder / "recoveries"),
            "rebuild_repositories": [self.there],
            "rebuild_controller_repositories": [here],
            "rebuild_old_server": "gone",
            "rebuild_address": ADDRESSES["replacement"],
            "restore_identity": self.keys.text,
            "dns_key_secret": self.bed.site.secrets["tsig_secret"],
            "stack_health_urls": ["https://localhost/health", "https://localhost/healthz/readiness"],
        }
        return {**given, **others}

    def fails(self, phase: str, *words: str, **others: Any) -> Play:
        """Runs the runbook, which is to fail in that phase and to say these words."""
        done = self.player.play("rebuild_server", **self.variables(**others))
        assert not done.succeeded
        plain = " ".join(done.output.split())
        assert f"The phase {phase} of the rebuild of {PROJECT} failed" in plain, done.output[-4000:]
        assert [each for each in words if each not in plain] == [], done.output[-4000:]
        return done

    def journal(self) -> dict[str, Any]:
        """What the journal on the controller tells."""
        document: dict[str, Any] = json.loads((self.folder / "recoveries" / f"{PROJECT}.json").read_text("utf-8"))
        return document


@pytest.fixture(scope="module")
def recovery(
    bed: Bed, player: Player, replacement: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recovery]:
    """A backup was taken under load, and then the server was gone. Afterwards all is as it was before."""
    assert replacement.name == "replacement"
    folder = tmp_path_factory.mktemp("recovery")
    begun = Recovery(bed, player, folder, age_pair(folder / "identity.txt"))
    # Even a run that is refused begins to install meanwhile.
    replacement.shell(
        "mkdir /root/apt && mv /etc/apt/sources.list* /var/lib/apt/lists /root/apt && mkdir /var/lib/apt/lists"
    )
    with Load(port_by_name(bed.site), bed.site.authority, rate=4) as load:
        time.sleep(4)
        done = player.must(
            "backup_stack",
            backup_max_age="",
            backup_repositories=[begun.there],
            backup_recipients=[begun.keys.recipient],
        )
        begun.taken = _instant(done.result("pg_dump")["manifest"]["taken"])
        alive = player.play(
            "rebuild_server", **begun.variables(rebuild_old_server="", rebuild_folder=str(folder / "alive"))
        )
        servers.remove(bed.engine, "production")
        time.sleep(2)
    assert not alive.succeeded
    assert "still answers. Two servers" in " ".join(alive.output.split())
    begun.outcomes = load.outcomes
    try:
        yield begun
    finally:
        _bring_production_back(bed, player)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _bring_production_back(bed: Bed, player: Player) -> None:
    bed.up()
    services.point(bed.engine, bed.site, ADDRESSES["production"])
    player.must("install_toolchain", target="production")
    bed.production.ssh("install", "--directory", "--mode=700", "/var/backups/chatbot-ops")


def test_each_phase_that_fails_says_why_and_the_next_run_goes_on_with_it(recovery: Recovery) -> None:
    bed, replacement = recovery.bed, recovery.bed.replacement
    recovery.fails(
        "choose",
        "None of the repositories could be read",
        rebuild_controller_repositories=[recovery.repository(_NOWHERE, str(bed.site.authority))],
    )
    recovery.fails("fence", "does not answer. It may only be cut off", rebuild_old_server="")
    recovery.fails("deploy", "No package matching")
    assert services.resolve(bed.site, BOT) == ADDRESSES["production"]
    replacement.shell(
        "rm -r /var/lib/apt/lists && mv /root/apt/sources.list* /etc/apt && mv /root/apt/lists /var/lib/apt"
    )

    wrong = age_pair(recovery.folder / "wrong.txt")
    recovery.fails("restore", "The identity given does not open backup", restore_identity=wrong.text)
    assert replacement.ssh("docker", "ps", "--all", "--quiet").strip() == ""

    # They are pulled while the data is restored.
    replacement.shell("while pgrep -x xargs > /dev/null; do sleep 0.2; done; docker image prune --all --force")
    bed.engine.docker("stop", "registry")
    try:
        recovery.fails("restore", "Images that ran when the backup was taken cannot be had", "rebuild_pin_images")
    finally:
        bed.engine.docker("start", "registry")
        service = services.REGISTRY_SERVICE
        wait_until(lambda: services.obstacle(service, bed.site), "start the registry again", 60)

    with _Killing(replacement, "pg_restore"):
        recovery.fails("restore", "pg_restore")

    wrong_password = {"services": {"api": {"environment": {"PGPASSWORD": "wrong"}}}}
    recovery.fails("start", "api", stack_override=wrong_password, stack_wait_limit=60)
    assert recovery.journal()["facts"]["proofs"] == {"config": True, "database": True, "n8n": True}

    other_secret = base64.b64encode(b"not the secret").decode()
    recovery.fails("dns", "PeerBadSignature", dns_key_secret=other_secret, **_right())
    assert services.resolve(bed.site, BOT) == ADDRESSES["production"]


def _right() -> dict[str, Any]:
    """What makes the stack healthy again, and a message that goes through all of it."""
    probe = {
        "url": "https://localhost/webhook/inbound",
        "validate_certs": False,
        "body": _message("00000000-0000-4000-8000-000000000001"),
        "expect": "00000000-0000-4000-8000-000000000001",
    }
    environment = {"PGPASSWORD": "${API_DATABASE_PASSWORD}"}
    return {"stack_override": {"services": {"api": {"environment": environment}}}, "rebuild_probe": probe}


def test_then_it_is_whole(recovery: Recovery) -> None:
    bed, replacement = recovery.bed, recovery.bed.replacement
    done = recovery.player.must("rebuild_server", **recovery.variables(**_right()))
    assert f"{PROJECT} was rebuilt on" in " ".join(done.output.split())
    assert stack.health(replacement) == dict.fromkeys(stack.SERVICES, "healthy")
    acknowledged = {
        each.id for each in recovery.outcomes if not each.failure and each.sent_at + each.seconds < recovery.taken
    }
    assert len(acknowledged) > 4
    held = stack.message_ids(replacement)
    assert acknowledged - held == set()
    assert "00000000-0000-4000-8000-000000000001" in held
    words = ("docker", "exec", f"{PROJECT}-n8n-1", "n8n", "export:credentials", "--all", "--decrypted")
    assert replacement.ssh(*words, timeout=120).count('"id"') == 3
    assert services.resolve(bed.site, BOT) == ADDRESSES["replacement"]
    with Load(port_by_name(bed.site), bed.site.authority, rate=4) as load:
        time.sleep(3)
    assert load.failures() == []


def test_a_second_run_changes_nothing(recovery: Recovery) -> None:
    before = recovery.journal()
    done = recovery.player.must("rebuild_server", **recovery.variables())
    assert done.changed == 0
    assert "Nothing is left to do" in " ".join(done.output.split())
    after = recovery.journal()
    assert {**after, "holder": None} == {**before, "holder": None}
    assert after["finished"]


def test_a_fenced_server_does_not_come_back(recovery: Recovery, tmp_path: Path) -> None:
    """The one that has the stack now is to be replaced in its turn; it is alive."""
    bed, replacement = recovery.bed, recovery.bed.replacement
    swapped = {**recovery.variables(), "target": "standby", "rebuild_replacement": "production"}
    swapped |= {"rebuild_folder": str(tmp_path), "rebuild_old_server": "fence", "chatbot_stack": _stack_of(recovery)}
    recovery.player.must(_FENCE, **swapped)
    assert replacement.ssh("docker", "ps", "--quiet").strip() == ""
    bed.engine.docker("restart", "--time=0", "replacement", timeout=60)
    servers.start(bed.engine, replacement, with_engine=False)
    wait_until(lambda: _no_docker(replacement), "start the engine again", 60)
    time.sleep(5)
    assert replacement.ssh("docker", "ps", "--quiet").strip() == ""
    refused = recovery.player.play("deploy_stack", target="replacement", chatbot_stack=_stack_of(recovery))
    assert not refused.succeeded
    assert "was fenced" in " ".join(refused.output.split())


def _no_docker(server: Server) -> str | None:
    server.ssh("docker", "version", timeout=10)
    return None


def _stack_of(recovery: Recovery) -> dict[str, Any]:
    return {
        "name": PROJECT,
        "project": PROJECT,
        "sources": ["n8n", "database", "config"],
        "repositories": [recovery.there],
        "n8n": {"volume": "n8n_data"},
        "database": {"container": "postgres", "name": "lottery"},
    }


def _message(message_id: str) -> dict[str, Any]:
    message = {"from": "+570000000000", "id": message_id, "type": "text", "text": {"body": "prueba"}}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [message]}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}


class _Killing:
    """While in use, kills the program of that name on the server as soon as it runs there, once."""

    def __init__(self, server: Server, program: str) -> None:
        self._server, self._program = server, program
        self._thread = threading.Thread(target=self._wait_and_kill, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_about: object) -> None:
        self._server.shell("touch /run/stop-killing")
        self._thread.join(60)
        self._server.shell("rm -f /run/stop-killing")
        assert not self._thread.is_alive()

    def _wait_and_kill(self) -> None:
        # By its id: the first one whose name is just that.
        loop = (
            f"while [ ! -e /run/stop-killing ]; do for each in /proc/[0-9]*; do "
            f'if [ "$(cat $each/comm 2>/dev/null)" = {self._program} ]; then kill -9 "${{each#/proc/}}"; exit; fi; '
            "done; sleep 0.02; done"
        )
        self._server.shell(loop, timeout=300)
