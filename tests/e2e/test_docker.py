# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible makes a bare server one that runs the stack; this one has n8n of the line before."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.bed import stack, workflows
from tests.bed.bed import Bed
from tests.bed.load import Load
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import PROJECT, REPOSITORY
from tests.e2e.player import Player

# A server is made from nothing, twice: minutes.
pytestmark = pytest.mark.thorough

_LINE = 1
_N8N = f"{PROJECT}-n8n-1"
_DEPLOY = stack.FILES / "deploy.yml"
_SERVICES_ONLY = Path(__file__).with_name("deploy.yml")
_SETTINGS = "/etc/docker/daemon.json"
_FOLDER = "/srv/n8n"
# The stack as the roles are told of it.
_THERE: dict[str, Any] = {
    "target": "replacement",
    "chatbot_stack": {
        "name": PROJECT,
        "project": PROJECT,
        "sources": ["n8n"],
        "repositories": [{"type": "local", "path": REPOSITORY}],
        "n8n": {"volume": stack.VOLUME},
    },
}


def test_an_installation_that_cannot_be_finished(replacement: Server, bare_player: Player) -> None:
    """Settings that the engine refuses, by its own check or by not starting, leave it as it was; then it goes on."""
    refused = bare_player.play("install_docker", target="replacement", docker_engine_settings={"no-such-setting": 1})
    assert not refused.succeeded
    assert "It has its old settings again" in refused.output
    assert replacement.ssh("docker", "version", "--format={{.Server.Version}}").strip()
    failed = bare_player.play(
        "install_docker", target="replacement", docker_engine_settings={"bridge": "no-such-bridge"}
    )
    assert not failed.succeeded
    assert "It has its old settings again" in failed.output
    assert replacement.ssh("systemctl", "is-active", "docker").strip() == "active"
    with pytest.raises(BedError):
        replacement.ssh("cat", _SETTINGS)
    assert bare_player.must("install_docker", target="replacement").changed > 0
    assert '"max-size": "10m"' in replacement.ssh("cat", _SETTINGS)
    assert bare_player.must("install_docker", target="replacement").changed == 0


@pytest.fixture(scope="module")
def deployed(replacement: Server, bed: Bed, bare_player: Player, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that Ansible has deployed the stack on."""
    bare_player.must("install_docker", target="replacement")
    files = tmp_path_factory.mktemp("stack")
    stack.write_files(bed.site, files, line=_LINE)
    _deploy(bare_player, files)
    assert bare_player.must(_DEPLOY, target="replacement", stack_files=str(files)).changed == 0
    workflows.seed(replacement, line=_LINE)
    _deploy(bare_player, files)
    return replacement


def _deploy(bare_player: Player, files: Path) -> None:
    assert bare_player.must(_DEPLOY, target="replacement", stack_files=str(files)).changed > 0


def test_the_stack_that_ansible_has_deployed_is_healthy(deployed: Server) -> None:
    assert stack.health(deployed) == dict.fromkeys(stack.SERVICES, "healthy")
    _serves(deployed)


def test_a_deploy_that_fails_brings_back_what_ran_before(deployed: Server, bare_player: Player) -> None:
    override = {"services": {"api": {"image": "registry.bed:5000/lottery/no-such-image:1"}}}
    failed = bare_player.play(_SERVICES_ONLY, **_THERE, stack_override=override)
    assert not failed.succeeded
    said = " ".join(failed.output.split())
    assert "no-such-image" in said
    assert "What ran before is healthy again" in said
    with pytest.raises(BedError):
        deployed.ssh("cat", f"{stack.PROJECT_FOLDER}/compose.override.yml")
    assert stack.health(deployed) == dict.fromkeys(stack.SERVICES, "healthy")
    assert bare_player.must(_SERVICES_ONLY, **_THERE).changed == 0


def test_containers_run_on_while_the_engine_is_given_other_settings(deployed: Server, bare_player: Player) -> None:
    before = _started(deployed)
    assert len(before) == len(stack.SERVICES)
    assert bare_player.must("install_docker", target="replacement", docker_engine_log_max_size="20m").changed > 0
    assert '"max-size": "20m"' in deployed.ssh("cat", _SETTINGS)
    assert _started(deployed) == before


def test_n8n_1_x_is_backed_up_while_it_runs_and_restored(deployed: Server, bare_player: Player) -> None:
    bare_player.must("install_toolchain", target="replacement")
    deployed.ssh("install", "--directory", "--mode=700", REPOSITORY)
    before = _started(deployed)
    backup = bare_player.must("backup_stack", **_THERE).result("n8n_volume_backup")
    assert backup["manifest"]["versions"]["n8n"].startswith("1.")
    assert backup["downtime_seconds"] == 0
    assert _started(deployed) == before
    stack.compose(deployed, "stop", "n8n")
    deployed.shell(f"rm {stack.VOLUME_FOLDER}/config {stack.VOLUME_FOLDER}/database.sqlite*")
    restored = bare_player.must("restore_n8n", restore_confirm=PROJECT, **_THERE)
    assert restored.result("n8n_volume_restore")["proof"]["equal"]
    stack.up(deployed)
    # n8n's own opinion on the key: it decrypts every credential.
    exported = deployed.ssh("docker", "exec", _N8N, "n8n", "export:credentials", "--all", "--decrypted")
    assert exported.count('"id"') == 3
    _serves(deployed)


def test_n8n_in_a_folder_of_the_host_is_stopped_for_its_restore_and_no_monitor_is(
    deployed: Server, bare_player: Player
) -> None:
    stack.compose(deployed, "stop", "n8n")
    deployed.shell(f"cp --archive {stack.VOLUME_FOLDER} {_FOLDER}")
    there = {**_THERE, "chatbot_stack": {**_THERE["chatbot_stack"], "name": "folder", "n8n": {"path": _FOLDER}}}
    override = {"services": {"n8n": {"volumes": [f"{_FOLDER}:/home/node/.n8n"]}}}
    bare_player.must(_SERVICES_ONLY, **_THERE, stack_override=override)
    image = deployed.ssh("docker", "inspect", "--format={{.Config.Image}}", _N8N).strip()
    monitor = ("--name=monitor", "--volume=/srv:/host:ro", "--volume=/:/root", "--entrypoint=sleep", image, "infinity")
    deployed.ssh("docker", "run", "--detach", *monitor)
    before = _started(deployed)
    backup = bare_player.must("backup_stack", **there).result("n8n_volume_backup")
    assert backup["manifest"]["versions"]["n8n"].startswith("1.")
    deployed.shell(f"rm {_FOLDER}/config")
    restored = bare_player.must("restore_n8n", restore_confirm="folder", **there).result("n8n_volume_restore")
    assert restored["proof"]["equal"]
    assert restored["downtime_seconds"] > 0
    changed = {each.split()[0] for each in set(before) ^ set(_started(deployed))}
    assert changed == {f"/{_N8N}"}
    assert "/home/node/.n8n" in deployed.ssh("docker", "inspect", "--format={{.HostConfig.Binds}}", _N8N)
    _serves(deployed)
    deployed.ssh("docker", "rm", "--force", "monitor")
    bare_player.must(_SERVICES_ONLY, **_THERE)


def _serves(server: Server) -> None:
    """Messages go through n8n and the API into the database, and none gets lost."""
    with Load(lambda: server.site.ports["replacement-https"], server.site.authority, rate=4, threads=8) as load:
        time.sleep(3)
    account = load.account(stack.message_ids(server))
    assert account.acknowledged > 5
    assert (account.failed, account.missing) == (0, frozenset()), load.failures()


def _started(server: Server) -> list[str]:
    """When each container on the server was started."""
    script = "docker inspect --format '{{.Name}} {{.State.StartedAt}}' $(docker ps --quiet)"
    return sorted(server.shell(script).splitlines())


def test_an_engine_of_another_hand_is_left_alone(bed: Bed, player: Player) -> None:
    look = f"systemctl show docker --property=MainPID; ls -l --time-style=full-iso /etc/docker {_SETTINGS} || true"
    before = bed.production.shell(look)
    done = player.must("install_docker", target="production")
    assert done.changed == 0
    assert "was not installed by this role" in done.output
    assert bed.production.shell(look) == before
