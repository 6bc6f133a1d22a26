# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role server: it finds or makes a server, knows its host key, and the plays that follow work on it."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.support.cloud_api import CloudApi, DigitalOcean, HetznerCloud
from tests.support.role_play import RolePlay, play
from tests.support.ssh_server import SshServer, make_key

pytestmark = pytest.mark.thorough

NAME = "bot-2"
PRIVATE = "OPENSSH PRIVATE KEY"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Operator:
    """The machine that Ansible runs on: a key, a file of known hosts, and the role's variables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known_hosts = folder / "ssh/known_hosts"
        self.public_key = make_key(folder / "id")
        self.variables: dict[str, Any] = {
            "server_private_key_file": str(folder / "id"),
            "server_known_hosts": str(self.known_hosts),
            "server_groups": ["rebuilt"],
            "server_timeout": 20,
            "server_user": "operator",
        }

    def run(self, *arguments: str, tasks_from: str = "main", **variables: Any) -> RolePlay:
        role = {"name": "chatbot.ops.server", "tasks_from": tasks_from}
        following = {"ansible.builtin.command": "echo worked", "changed_when": False, "check_mode": False}
        plays: list[dict[str, Any]] = [
            {
                "hosts": NAME,
                "vars": {**self.variables, **variables},
                "tasks": [
                    {"ansible.builtin.include_role": role},
                    {"ansible.builtin.debug": {"var": "server_result"}, "when": "server_result is defined"},
                ],
            },
            {"hosts": "rebuilt", "tasks": [following]},
        ]
        hosts = {"all": {"hosts": {NAME: {}}, "vars": {"ansible_python_interpreter": sys.executable}}}
        return play(self.folder, hosts, plays, *arguments)

    def known(self) -> list[str]:
        return self.known_hosts.read_text().splitlines() if self.known_hosts.exists() else []


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


class TestExisting:
    @pytest.fixture
    def server(self, operator: Operator) -> Iterator[SshServer]:
        self.host_key = make_key(operator.folder / "host")
        private = (operator.folder / "host").read_text()
        with SshServer(private, operator.public_key) as running:
            operator.variables |= {"server_address": "127.0.0.1", "server_port": running.port}
            yield running

    def test_an_unknown_key_is_not_believed(self, operator: Operator, server: SshServer) -> None:
        refused = operator.run()
        assert refused.exit_status != 0
        assert "nobody knows whether that is its key" in refused.text
        assert operator.known() == []
        assert server.commands == []

    def test_a_pinned_key_is(self, operator: Operator, server: SshServer) -> None:
        checked = operator.run("--check", server_host_key=self.host_key)
        assert operator.known() == []
        assert checked.exit_status != 0, "ssh itself must not believe it either"
        first = operator.run(server_host_key=self.host_key)
        assert first.exit_status == 0, first.output
        assert operator.known() == [f"[127.0.0.1]:{server.port} {' '.join(self.host_key.split()[:2])}"]
        assert any("echo worked" in each or "python" in each for each in server.commands)
        again = operator.run()
        assert (again.exit_status, again.changed(NAME)) == (0, 0), again.output
        assert "host_key_source: known" in again.output

    def test_another_key_than_the_pinned_or_the_known_one_is_refused(
        self, operator: Operator, server: SshServer
    ) -> None:
        other = make_key(operator.folder / "other")
        pinned = operator.run(server_host_key=other)
        assert "not the key in server_host_key" in pinned.text
        operator.known_hosts.parent.mkdir()
        operator.known_hosts.write_text(f"[127.0.0.1]:{server.port} {other}\n")
        known = operator.run(server_accept_new_host_key=True)
        assert "has other keys of this address" in known.text
        assert server.commands == []
        replaced = operator.run(server_host_key=self.host_key)
        assert replaced.exit_status == 0, replaced.output
        assert len(operator.known()) == 1

    def test_on_demand_the_first_one_is_believed(self, operator: Operator, server: SshServer) -> None:
        done = operator.run(server_accept_new_host_key=True)
        assert done.exit_status == 0, done.output
        assert len(operator.known()) == 1
        assert server.commands

    @pytest.mark.usefixtures("server")
    def test_a_key_that_is_not_let_in_is_told(self, operator: Operator) -> None:
        make_key(operator.folder / "stranger")
        refused = operator.run(
            server_host_key=self.host_key, server_private_key_file=str(operator.folder / "stranger"), server_timeout=5
        )
        assert refused.exit_status != 0
        assert "server_private_key_file is the key that the server lets in" in refused.text
        assert "Permission denied" in refused.text

    def test_silence_is_told(self, operator: Operator) -> None:
        operator.variables |= {"server_address": "127.0.0.1", "server_port": free_port(), "server_timeout": 2}
        refused = operator.run()
        assert refused.exit_status != 0
        assert f"{NAME} does not answer by SSH at 127.0.0.1" in refused.text

    def test_it_is_not_removed(self, operator: Operator) -> None:
        refused = operator.run(tasks_from="remove", server_address="127.0.0.1", server_remove_confirm=NAME)
        assert "this role has not made" in refused.text

    def test_bad_input_is_refused_at_once(self, operator: Operator) -> None:
        assert "Set server_address" in operator.run().text
        assert "Set server_provider to existing" in operator.run(server_name="-x; reboot").text
        assert "the line of a public key" in operator.run(server_address="h", server_host_key="/etc/key").text


@pytest.mark.parametrize("kind", [HetznerCloud, DigitalOcean], ids=lambda kind: kind.provider)
class TestApi:
    @pytest.fixture
    def cloud(self, kind: type[CloudApi], operator: Operator) -> Iterator[CloudApi]:
        port = free_port()
        with kind(port) as running:
            operator.variables |= {
                "server_provider": running.provider,
                "server_api_url": running.url,
                "server_api_token": running.token,
                "server_public_key": operator.public_key,
                "server_port": port,
                "server_type": "cx23",
                "server_image": "debian-13",
                "server_location": "fsn1",
            }
            yield running

    def test_it_is_made_once_found_again_and_removed(self, operator: Operator, cloud: CloudApi) -> None:
        checked = operator.run("--check", "--diff")
        assert (checked.exit_status, cloud.servers, cloud.keys) == (0, {}, {}), checked.output
        assert "it would be made now" in checked.text
        first = operator.run("-vvv")
        assert first.exit_status == 0, first.output
        assert "created: true" in first.output
        assert "host_key_source: provider" in first.output
        assert len(cloud.servers) == len(cloud.keys) == 1
        sent = next(body for method, path, body in cloud.requests if method == "POST" and "user_data" in body)
        private = json.loads(sent["user_data"].split("\n", 1)[1])["ssh_keys"]["ed25519_private"]
        assert PRIVATE in private
        for secret in (PRIVATE, private.splitlines()[1], cloud.token):
            assert secret not in first.output, secret
        again = operator.run("--diff")
        assert (again.exit_status, again.changed(NAME)) == (0, 0), again.output
        assert "created: false" in again.output
        assert len(cloud.servers) == 1

    def test_it_is_removed_after_its_name_was_typed(self, operator: Operator, cloud: CloudApi) -> None:
        cloud.boots = False
        operator.run(server_timeout=1)
        assert len(cloud.servers) == 1
        untyped = operator.run(tasks_from="remove")
        assert f"add -e server_remove_confirm={NAME}" in untyped.text
        checked = operator.run("--check", tasks_from="remove", server_remove_confirm=NAME)
        assert (checked.exit_status, len(cloud.servers)) == (0, 1), checked.output
        for _run in range(2):
            removed = operator.run(tasks_from="remove", server_remove_confirm=NAME)
            assert (removed.exit_status, cloud.servers) == (0, {}), removed.output

    def test_another_controller_knows_its_key_from_the_provider(self, operator: Operator, cloud: CloudApi) -> None:
        assert operator.run().exit_status == 0
        shown = operator.known()[0].split(" ", 1)[1]
        assert hashlib.sha224(shown.encode()).hexdigest() in json.dumps(cloud.servers)
        operator.known_hosts.unlink()
        elsewhere = operator.run()
        assert elsewhere.exit_status == 0, elsewhere.output
        assert operator.known()[0].split(" ", 1)[1] == shown

    def test_one_that_is_off_is_started(self, operator: Operator, cloud: CloudApi) -> None:
        assert operator.run().exit_status == 0
        next(iter(cloud.servers.values()))["status"] = "off"
        started = operator.run()
        assert started.exit_status == 0, started.output
        assert next(iter(cloud.servers.values()))["status"] in ("running", "active")

    def test_one_of_another_hand_is_not_removed(self, operator: Operator, cloud: CloudApi) -> None:
        assert operator.run().exit_status == 0
        next(iter(cloud.servers.values())).update(labels={}, tags=[])
        refused = operator.run(tasks_from="remove", server_remove_confirm=NAME)
        assert "another hand has made it" in refused.text
        assert len(cloud.servers) == 1

    @pytest.mark.parametrize(
        ("status", "code", "message", "advice"),
        [
            pytest.param(
                403, "resource_limit_exceeded", "server limit exceeded", "have the limit raised", id="too many"
            ),
            pytest.param(422, "invalid_input", "unsupported location", "has such a server_type", id="no such place"),
        ],
    )
    def test_a_refusal_is_told_and_nothing_is_left(
        self, operator: Operator, cloud: CloudApi, status: int, code: str, message: str, advice: str
    ) -> None:
        cloud.refuse_with = cloud.refusal(status, code, message)
        refused = operator.run()
        assert refused.exit_status != 0
        assert f"Failed to get the server {NAME}" in refused.text
        assert message in refused.text
        assert advice in refused.text
        assert "No server of this name is there" in refused.text
        assert PRIVATE not in refused.output
        cloud.refuse_with = None
        assert operator.run().exit_status == 0, "and it can go on from there"
        assert len(cloud.keys) == 1

    def test_a_wrong_token_is_told(self, operator: Operator, cloud: CloudApi) -> None:
        refused = operator.run(server_api_token="wr0ng-t0ken")
        assert "set server_api_token" in refused.text
        assert "wr0ng-t0ken" not in refused.output
        assert "does not tell whether there is a server" in refused.text
        assert cloud.servers == {}

    def test_one_that_never_answers_stays_and_is_named(self, operator: Operator, cloud: CloudApi) -> None:
        cloud.boots = False
        refused = operator.run(server_timeout=3)
        assert refused.exit_status != 0
        assert f"The server stays at {cloud.provider} ({next(iter(cloud.servers))})" in refused.text


class TestEc2:
    """EC2 by moto's server: it keeps instances and keys, and boots none, so the role ends where SSH begins."""

    REGION = "eu-central-1"

    @pytest.fixture
    def ec2(self, operator: Operator) -> Iterator[Any]:
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        login = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "s3cret-of-the-test"}
        client = boto3.client("ec2", endpoint_url=f"http://{host}:{port}", region_name=self.REGION, **login)
        operator.variables |= {
            "server_provider": "ec2",
            "server_api_url": f"http://{host}:{port}",
            "server_aws_access_key": login["aws_access_key_id"],
            "server_aws_secret_key": login["aws_secret_access_key"],
            "server_public_key": operator.public_key,
            "server_type": "t3.small",
            "server_image": client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
            "server_location": self.REGION,
            "server_timeout": 3,
            "server_port": free_port(),
        }
        yield client
        server.stop()

    @staticmethod
    def instances(ec2: Any) -> list[dict[str, Any]]:
        found = [each for page in ec2.describe_instances()["Reservations"] for each in page["Instances"]]
        return [each for each in found if each["State"]["Name"] != "terminated"]

    def test_it_is_made_once_and_removed(self, operator: Operator, ec2: Any) -> None:
        before = len(self.instances(ec2))
        checked = operator.run("--check")
        assert (checked.exit_status, len(self.instances(ec2))) == (0, before), checked.output
        made = operator.run("-vvv")
        instance = self.instances(ec2)[-1]
        assert f"The server stays at ec2 ({instance['InstanceId']})" in made.text
        assert (instance["InstanceType"], instance["KeyName"]) == ("t3.small", f"chatbot-ops-{NAME}")
        tags = {each["Key"]: each["Value"] for each in instance["Tags"]}
        data = ec2.describe_instance_attribute(InstanceId=instance["InstanceId"], Attribute="userData")
        config = json.loads(base64.b64decode(data["UserData"]["Value"]).decode().split("\n", 1)[1])
        public = config["ssh_keys"]["ed25519_public"]
        assert tags == {"Name": NAME, "chatbot-ops-host-key": hashlib.sha224(public.encode()).hexdigest()}
        assert PRIVATE not in made.output
        assert "s3cret-of-the-test" not in made.output
        operator.run()
        assert len(self.instances(ec2)) == before + 1
        removed = operator.run(tasks_from="remove", server_remove_confirm=NAME)
        assert (removed.exit_status, len(self.instances(ec2))) == (0, before), removed.output
        assert ec2.describe_key_pairs()["KeyPairs"] == []

    def test_a_refusal_is_told(self, operator: Operator, ec2: Any) -> None:
        refused = operator.run(server_image="ami-0000000000000nope")
        assert f"Failed to get the server {NAME} from ec2" in refused.text
        assert "has such a server_type, server_image" in refused.text
        assert self.instances(ec2) == []
