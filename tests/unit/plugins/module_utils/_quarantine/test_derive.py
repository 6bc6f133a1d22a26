# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy in quarantine: nothing leads out of it, whatever the stack's compose file says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.derive import Port, Quarantine, quarantine
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.rules import Rules

ROOT = "/scratch"
LABELS = {"chatbot.ops.quarantine": "lottery-chatbot"}
#: The paths that were in the backup.
RESTORED = ("/opt/lottery-chatbot/nginx.conf", "/etc/letsencrypt", "/opt/lottery-chatbot/secrets/key")


def rules(**more: Any) -> Rules:
    given: dict[str, Any] = {
        "stack": "lottery-chatbot",
        "locate": lambda path: ROOT + path if path in RESTORED else None,
        "images": {},
        "never_start": frozenset(),
        "blank": (re.compile("(?i)whatsapp"),),
        "blank_file": "/scratch/blank",
    }
    return Rules(**{**given, **more})


def derived(service: dict[str, Any], more: dict[str, Any] | None = None, **options: Any) -> Quarantine:
    """Return what becomes of a stack with that service, called api."""
    config = {"name": "lottery-chatbot", "services": {"api": {"image": "api:1", **service}}, **(more or {})}
    return quarantine(config, "lottery-chatbot-rehearsal-1", rules(**options))


def api(found: Quarantine) -> dict[str, Any]:
    service: dict[str, Any] = found.document["services"]["api"]
    return service


def test_the_least_there_is() -> None:
    found = derived({})
    assert found.document == {
        "name": "lottery-chatbot-rehearsal-1",
        "services": {
            "api": {
                "image": "api:1",
                "pull_policy": "never",
                "restart": "no",
                "labels": LABELS,
                "logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "2"}},
                "cpu_shares": 128,
                "oom_score_adj": 500,
                "environment": {},
                "networks": {"default": None},
                "dns": ["192.0.2.53"],
            }
        },
        "networks": {"default": {"internal": True, "labels": LABELS}},
        "volumes": {},
    }
    assert found.told == ()


@pytest.mark.parametrize(
    "service",
    [
        pytest.param({"container_name": "api"}, id="its name, which the stack's own container has"),
        pytest.param({"restart": "always"}, id="its restart, by which it would outlive the rehearsal"),
        pytest.param({"labels": {"traefik.enable": "true"}}, id="its labels, by which a proxy would find it"),
        pytest.param(
            {"logging": {"driver": "gelf", "options": {"gelf-address": "udp://logs"}}}, id="its logs' way out"
        ),
        pytest.param({"build": {"context": "/opt/lottery-chatbot/api"}}, id="its build"),
        pytest.param({"profiles": ["production"]}, id="its profiles"),
        pytest.param({"deploy": {"replicas": 3, "restart_policy": {"condition": "any"}}}, id="its number"),
        pytest.param({"scale": 3}, id="its number in the old way"),
        pytest.param({"dns": ["10.0.0.53"], "dns_search": ["corp"]}, id="its name servers"),
        pytest.param({"env_file": [{"path": "/opt/lottery-chatbot/api.env"}]}, id="files whose variables are there"),
        pytest.param({"pull_policy": "always"}, id="its pull"),
        pytest.param({"oom_score_adj": -999, "cpus": 4, "cpu_shares": 4096}, id="its right of way"),
        pytest.param({"mac_address": "02:42:ac:11:65:43"}, id="its address on the wire"),
    ],
)
def test_what_it_does_without_in_silence(service: dict[str, Any]) -> None:
    assert (derived(service).document, derived(service).told) == (derived({}).document, ())


@pytest.mark.parametrize(
    ("service", "told"),
    [
        pytest.param({"privileged": True}, "does without privileged", id="privileged"),
        pytest.param({"cap_add": ["NET_ADMIN"]}, "does without cap_add", id="capabilities"),
        pytest.param(
            {"devices": [{"source": "/dev/kmsg", "target": "/dev/kmsg"}]}, "does without devices", id="devices"
        ),
        pytest.param({"extra_hosts": ["db=10.0.0.7"]}, "does without extra_hosts", id="addresses of hosts"),
        pytest.param({"security_opt": ["seccomp=unconfined"]}, "does without security_opt", id="security"),
        pytest.param({"userns_mode": "host", "uts": "host"}, "does without userns_mode, uts", id="name spaces"),
        pytest.param({"external_links": ["other"]}, "does without external_links", id="links to other projects"),
        pytest.param(
            {"use_api_socket": True}, "does without use_api_socket", id="the engine's socket by a key of its own"
        ),
        pytest.param({"something_new": {"a": 1}}, "does without something_new", id="what Docker Compose learns later"),
        pytest.param(
            {"pid": "host", "ipc": "host"}, "does not share the ipc and pid of others", id="the host's processes"
        ),
        pytest.param({"network_mode": "host"}, "is in a network of the copy, not in host", id="the host's network"),
        pytest.param(
            {"network_mode": "container:4711"},
            "is in a network of the copy, not in container:4711",
            id="another's network",
        ),
        pytest.param(
            {"network_mode": "service:gone"},
            "is in a network of the copy, not in service:gone",
            id="a missing one's network",
        ),
    ],
)
def test_what_it_does_without_and_says_so(service: dict[str, Any], told: str) -> None:
    found = derived(service)
    assert found.document == derived({}).document
    assert found.told == (f"The service api {told}.",)


@pytest.mark.parametrize(
    "kept",
    [
        {"command": ["serve"], "entrypoint": ["node"], "working_dir": "/srv", "user": "node"},
        {"healthcheck": {"test": ["CMD", "true"], "interval": "3s"}, "stop_grace_period": "40s", "init": True},
        {"ulimits": {"nofile": 1024}, "shm_size": "64m", "tmpfs": ["/tmp"], "read_only": True, "expose": ["3000"]},
        {"hostname": "api", "group_add": ["1000"], "cap_drop": ["ALL"], "platform": "linux/amd64"},
        {"mem_limit": "268435456"},
    ],
    ids=", ".join,
)
def test_what_concerns_the_container_alone_stays(kept: dict[str, Any]) -> None:
    assert api(derived(kept)).items() >= kept.items()
    assert derived(kept).told == ()


def test_it_runs_the_image_that_is_asked_for() -> None:
    assert api(derived({}, images={"api": "api@sha256:77"}))["image"] == "api@sha256:77"


@pytest.mark.parametrize(
    ("service", "limit"),
    [
        pytest.param({}, "512m", id="that of the rehearsal"),
        pytest.param({"mem_limit": "1073741824"}, "1073741824", id="its own"),
        pytest.param(
            {"deploy": {"resources": {"limits": {"memory": "2g", "cpus": 2}}}}, "2g", id="its own, newly written"
        ),
    ],
)
def test_whose_limit_of_memory_counts(service: dict[str, Any], limit: str) -> None:
    assert api(derived(service, memory="512m"))["mem_limit"] == limit


def test_what_opens_the_way_to_customers_has_no_value() -> None:
    found = derived(
        {"environment": {"WHATSAPP_TOKEN": "EAAG-secret", "PORT": "3000", "PRICE": "$$5", "INHERITED": None}}
    )
    assert api(found)["environment"] == {
        "WHATSAPP_TOKEN": "blank-in-quarantine",
        "PORT": "3000",
        "PRICE": "$$5",
        "INHERITED": None,
    }
    assert found.told == ("The service api has no value in WHATSAPP_TOKEN.",)
    assert "EAAG" not in json.dumps(found.document)


def test_all_networks_are_internal_and_their_own() -> None:
    outside = {
        "default": {"name": "lottery-chatbot_default"},
        "proxy": {"name": "web", "external": True},
        "back": {
            "driver": "macvlan",
            "driver_opts": {"parent": "eth0"},
            "ipam": {"config": [{"subnet": "10.0.0.0/24"}]},
        },
        "unused": {},
    }
    networks = {"default": None, "proxy": {"aliases": ["bot"]}, "back": {"ipv4_address": "10.0.0.9", "priority": 7}}
    found = derived({"networks": networks}, {"networks": outside})
    assert found.document["networks"] == {
        each: {"internal": True, "labels": LABELS} for each in ("back", "default", "proxy")
    }
    assert api(found)["networks"] == {"default": None, "proxy": {"aliases": ["bot"]}, "back": None}
    assert found.told == (
        "The service api has another address in the network back.",
        "The network proxy is one of its own here, not the host's web.",
    )


def test_one_may_share_the_network_of_another_that_is_there() -> None:
    config = {"services": {"api": {"image": "a"}, "side": {"image": "b", "network_mode": "service:api"}}}
    side = quarantine(config, "copy", rules()).document["services"]["side"]
    assert side["network_mode"] == "service:api"
    assert "networks" not in side
    assert "dns" not in side


def test_one_without_a_network_stays_so() -> None:
    found = derived({"network_mode": "none"})
    assert api(found)["network_mode"] == "none"
    assert found.document["networks"] == {}


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        pytest.param({"name": "n8n_data"}, (), id="one by name"),
        pytest.param(None, (), id="one of which nothing is said"),
        pytest.param(
            {"name": "shared", "external": True},
            ("The volume data is an empty one here, not what the host mounts there.",),
            id="one of others",
        ),
        pytest.param(
            {"driver_opts": {"type": "nfs", "o": "addr=10.0.0.5", "device": ":/data"}},
            ("The volume data is an empty one here, not what the host mounts there.",),
            id="one of another server",
        ),
        pytest.param(
            {"driver": "rexray"},
            ("The volume data is an empty one here, not what the host mounts there.",),
            id="one of another driver",
        ),
    ],
)
def test_all_volumes_are_its_own(volume: dict[str, Any] | None, told: tuple[str, ...]) -> None:
    mount = {"type": "volume", "source": "data", "target": "/data", "volume": {"nocopy": True}}
    found = derived({"volumes": [mount]}, {"volumes": {"data": volume}})
    assert found.document["volumes"] == {"data": {"labels": LABELS}}
    assert api(found)["volumes"] == [mount]
    assert found.told == told


@pytest.mark.parametrize(
    ("mount", "kept"),
    [
        pytest.param(
            {
                "type": "bind",
                "source": "/opt/lottery-chatbot/nginx.conf",
                "target": "/etc/nginx.conf",
                "read_only": True,
            },
            {
                "type": "bind",
                "source": "/scratch/opt/lottery-chatbot/nginx.conf",
                "target": "/etc/nginx.conf",
                "read_only": True,
                "bind": {"create_host_path": False},
            },
            id="a restored file",
        ),
        pytest.param(
            {"type": "bind", "source": "/etc/letsencrypt", "target": "/tls", "bind": {"propagation": "rshared"}},
            {
                "type": "bind",
                "source": "/scratch/etc/letsencrypt",
                "target": "/tls",
                "bind": {"create_host_path": False},
            },
            id="a restored folder from elsewhere",
        ),
        pytest.param(
            {"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": 1024}},
            {"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": 1024}},
            id="memory",
        ),
        pytest.param({"type": "volume", "target": "/cache"}, {"type": "volume", "target": "/cache"}, id="no name"),
    ],
)
def test_what_is_mounted(mount: dict[str, Any], kept: dict[str, Any]) -> None:
    found = derived({"volumes": [mount]})
    assert api(found)["volumes"] == [kept]
    assert found.told == ()


@pytest.mark.parametrize(
    ("mount", "told"),
    [
        pytest.param(
            {"type": "bind", "source": "/srv/uploads", "target": "/uploads"},
            "has nothing at /uploads: /srv/uploads is not in the backup",
            id="data of the host",
        ),
        pytest.param(
            {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"},
            "has nothing at /var/run/docker.sock: /var/run/docker.sock stays out of its reach",
            id="the engine",
        ),
        pytest.param(
            {"type": "cluster", "source": "csi", "target": "/csi"},
            "has nothing at /csi: csi stays out of its reach",
            id="a kind that nobody knows",
        ),
    ],
)
def test_what_is_not_mounted(mount: dict[str, Any], told: str) -> None:
    found = derived({"volumes": [mount]}, locate=lambda path: path if "docker.sock" in path else None)
    assert "volumes" not in api(found)
    assert found.told == (f"The service api {told}.",)


def test_secrets_and_configs_come_from_the_backup_or_are_missing() -> None:
    secrets = {
        "key": {"name": "x_key", "file": "/opt/lottery-chatbot/secrets/key"},
        "whatsapp_token": {"file": "/opt/lottery-chatbot/secrets/whatsapp"},
        "vault": {"name": "vault", "external": True},
        "lost": {"file": "/root/lost"},
        "of_the_environment": {"environment": "KEY"},
    }
    configs = {"page": {"name": "x_page", "content": "hello"}}
    grants = [{"source": each, "target": f"/run/secrets/{each}"} for each in secrets]
    found = derived({"secrets": grants, "configs": ["page"]}, {"secrets": secrets, "configs": configs})
    assert found.document["secrets"] == {
        "key": {"file": "/scratch/opt/lottery-chatbot/secrets/key"},
        "whatsapp_token": {"file": "/scratch/blank"},
        "of_the_environment": {"environment": "KEY"},
    }
    assert found.document["configs"] == {"page": {"content": "hello"}}
    assert [each["source"] for each in api(found)["secrets"]] == ["key", "whatsapp_token", "of_the_environment"]
    assert api(found)["configs"] == ["page"]
    assert found.told == (
        "The secret whatsapp_token is blank.",
        "The secret vault is missing: it is none of the compose file's.",
        "The secret lost is missing: /root/lost is not in the backup.",
    )


def test_a_service_that_must_not_run_is_not_there_and_nobody_waits_for_it() -> None:
    config = {
        "services": {
            "api": {
                "image": "a",
                "depends_on": {
                    "bridge": {"condition": "service_healthy", "required": True},
                    "db": {"condition": "service_healthy"},
                },
                "links": ["bridge", "db:database"],
                "volumes_from": ["bridge", "db:ro", "container:other"],
            },
            "bridge": {"image": "whatsapp-bridge", "ports": [{"target": 80, "published": "8080"}]},
            "db": {"image": "b", "depends_on": {"bridge": None}},
        }
    }
    found = quarantine(config, "copy", rules(never_start=frozenset({"bridge", "typo"})))
    assert sorted(found.document["services"]) == ["api", "db"]
    assert api(found)["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert (api(found)["links"], api(found)["volumes_from"]) == (["db:database"], ["db:ro"])
    assert "depends_on" not in found.document["services"]["db"]
    assert found.ports == ()
    assert found.told == (
        "The service bridge is never started.",
        "There is no service typo that could be left out.",
    )


def test_no_port_is_published_but_known() -> None:
    ports = [
        {"mode": "ingress", "target": 443, "published": "8443", "protocol": "tcp", "host_ip": "127.0.0.1"},
        {"target": 53, "protocol": "udp"},
    ]
    found = derived({"ports": ports})
    assert "ports" not in api(found)
    assert found.ports == (Port("api", 443, "8443", "127.0.0.1", "tcp"), Port("api", 53, "", "", "udp"))


@pytest.mark.parametrize("name", ["", "Lottery", "-copy", "a b", "a/b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="no name of a Docker Compose project"):
        quarantine({"services": {"api": {"image": "a"}}}, name, rules())


def test_a_stack_without_services_is_refused() -> None:
    with pytest.raises(RefusedError, match="No service is left"):
        quarantine({"services": {"bridge": {}}}, "copy", rules(never_start=frozenset({"bridge"})))
