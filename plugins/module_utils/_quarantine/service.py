# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service of a compose file, as it may run in quarantine. Pure.

What is taken over is listed: whatever Docker Compose learns to do later on is left out until somebody has thought about it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.rules import BLANK, Kept, Rules, Told

#: An address where nobody is (RFC 5737): Docker's own name server, which knows the containers, has none to ask then.
NO_NAME_SERVER = "192.0.2.53"

# These concern the container alone.
_PLAIN = (
    *(
        "command",
        "entrypoint",
        "working_dir",
        "user",
        "group_add",
        "init",
        "tty",
        "stdin_open",
        "read_only",
        "platform",
    ),
    *("healthcheck", "stop_signal", "stop_grace_period", "ulimits", "shm_size", "tmpfs", "expose"),
    *("hostname", "domainname", "cap_drop", "storage_opt"),
)
# These are replaced or do not matter in a copy, so nobody needs to be told.
_SILENT = (
    *("image", "build", "environment", "env_file", "volumes", "networks", "network_mode", "depends_on", "secrets"),
    *(
        "configs",
        "ports",
        "container_name",
        "restart",
        "profiles",
        "labels",
        "label_file",
        "logging",
        "deploy",
        "scale",
    ),
    *("pull_policy", "dns", "dns_search", "dns_opt", "develop", "annotations", "attach", "links", "volumes_from"),
    *(
        "mem_limit",
        "cpus",
        "cpu_shares",
        "cpu_quota",
        "cpu_period",
        "cpuset",
        "mem_reservation",
        "memswap_limit",
        "mem_swappiness",
    ),
    *("oom_score_adj", "oom_kill_disable", "pids_limit", "mac_address", "ipc", "pid", "blkio_config", "isolation"),
)
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")
_SMALL_SHARE = 128  # of the processor, where a container of the stack has 1024
_KILLED_FIRST = 500


def derive_service(name: str, service: Mapping[str, Any], kept: Kept, rules: Rules, told: Told) -> dict[str, Any]:
    """Return the service as it may run in quarantine."""
    derived: dict[str, Any] = {key: service[key] for key in _PLAIN if service.get(key) is not None}
    derived.update(
        {
            "image": rules.images.get(name) or service.get("image") or "",
            "pull_policy": "never",
            "restart": "no",
            "labels": dict(kept.labels),
            # Not what the daemon is set to: that may send them elsewhere.
            "logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "2"}},
            "cpu_shares": _SMALL_SHARE,
            "oom_score_adj": _KILLED_FIRST,
        }
    )
    derived.update(_limits(service, rules))
    derived.update(_environment(name, service, rules, told))
    derived.update(_network(name, service, kept, told))
    derived.update(_links(service, kept))
    volumes = [each for mount in service.get("volumes") or () for each in _mount(name, mount, rules, told)]
    for key, values in (("volumes", volumes), ("secrets", _granted(service, "secrets", kept.secrets))):
        if values:
            derived[key] = values
    configs = _granted(service, "configs", kept.configs)
    if configs:
        derived["configs"] = configs
    _tell_the_rest(name, service, told)
    return derived


def _limits(service: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    limits = ((service.get("deploy") or {}).get("resources") or {}).get("limits") or {}
    memory = service.get("mem_limit") or limits.get("memory") or rules.memory
    return {"mem_limit": memory} if memory else {}


def _environment(name: str, service: Mapping[str, Any], rules: Rules, told: Told) -> dict[str, Any]:
    environment: Mapping[str, Any] = service.get("environment") or {}
    blank = sorted(each for each in environment if rules.blanks(each))
    if blank:
        told.add(name, f"has no value in {', '.join(blank)}")
    return {"environment": {each: BLANK if each in blank else value for each, value in environment.items()}}


def _network(name: str, service: Mapping[str, Any], kept: Kept, told: Told) -> dict[str, Any]:
    mode = service.get("network_mode") or ""
    partner = mode.partition("service:")[2]
    if mode == "none" or partner in kept.services:
        # Docker takes no name servers where the network is not the container's own.
        return {"network_mode": mode}
    if mode and mode != "bridge":
        told.add(name, f"is in a network of the copy, not in {mode}")
    networks: Mapping[str, Any] = service.get("networks") or {"default": None}
    aliases = {each: _aliases(name, each, value, told) for each, value in networks.items()}
    return {"networks": aliases, "dns": [NO_NAME_SERVER]}


def _aliases(name: str, network: str, value: Mapping[str, Any] | None, told: Told) -> dict[str, Any] | None:
    fixed = [key for key in ("ipv4_address", "ipv6_address") if (value or {}).get(key)]
    if fixed:
        told.add(name, f"has another address in the network {network}")
    aliases = (value or {}).get("aliases")
    return {"aliases": aliases} if aliases else None


def _links(service: Mapping[str, Any], kept: Kept) -> dict[str, Any]:
    """Return what leads to other services, as far as they are there."""
    found: dict[str, Any] = {}
    needs = service.get("depends_on") or {}
    needed = {each: value for each, value in needs.items() if each in kept.services}
    if needed:
        found["depends_on"] = {
            # What "restart" or a required one without a condition means is the same in a copy.
            each: {"condition": "service_started", **(value or {})}
            for each, value in needed.items()
        }
    links = [each for each in service.get("links") or () if each.split(":")[0] in kept.services]
    if links:
        found["links"] = links
    shared = [each for each in service.get("volumes_from") or () if each.split(":")[0] in kept.services]
    if shared:
        found["volumes_from"] = shared
    return found


def _mount(name: str, mount: Mapping[str, Any], rules: Rules, told: Told) -> Iterator[dict[str, Any]]:
    kind, source, target = mount.get("type"), mount.get("source") or "", mount.get("target") or ""
    plain = {key: mount[key] for key in ("type", "target", "read_only") if key in mount}
    if kind == "tmpfs":
        yield {**plain, **({"tmpfs": mount["tmpfs"]} if mount.get("tmpfs") else {})}
    elif kind == "volume":
        inner = {key: value for key, value in (mount.get("volume") or {}).items() if key in ("nocopy", "subpath")}
        yield {**plain, **({"source": source} if source else {}), **({"volume": inner} if inner else {})}
    elif kind != "bind" or os.path.basename(source) in _SOCKETS:
        told.add(name, f"has nothing at {target}: {source or kind} stays out of its reach")
    else:
        path = rules.locate(source)
        if path is None:
            told.add(name, f"has nothing at {target}: {source} is not in the backup")
        else:
            yield {**plain, "source": path, "bind": {"create_host_path": False}}


def _granted(service: Mapping[str, Any], kind: str, known: frozenset[str]) -> list[Any]:
    return [each for each in service.get(kind) or () if (each if isinstance(each, str) else each["source"]) in known]


def _tell_the_rest(name: str, service: Mapping[str, Any], told: Told) -> None:
    rest = sorted(key for key, value in service.items() if value and key not in (*_PLAIN, *_SILENT))
    if rest:
        told.add(name, f"does without {', '.join(rest)}")
    shared = [key for key in ("ipc", "pid") if service.get(key) not in (None, "", "private", "shareable")]
    if shared:
        told.add(name, f"does not share the {' and '.join(shared)} of others")
