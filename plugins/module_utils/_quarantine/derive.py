# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the compose file of a stack to that of its copy in quarantine. Pure.

Given is what ``docker compose config --format json`` writes: extensions, includes, profiles and environment files are
resolved in it, paths are absolute, and each dollar sign stands twice, as in what is made of it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import QUARANTINE_LABEL
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.rules import Kept, Rules, Told
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.service import derive_service

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Port:
    """A port that the stack publishes: in quarantine, its service answers at its own address alone."""

    service: str
    target: int
    published: str
    host_ip: str
    protocol: str


@dataclass(frozen=True)
class Quarantine:
    """The compose file of the copy, and ``told``: what it does without, in words."""

    document: dict[str, Any]
    told: tuple[str, ...]
    ports: tuple[Port, ...]


def quarantine(config: Mapping[str, Any], name: str, rules: Rules) -> Quarantine:
    """Return the compose file of the copy, a project called ``name``.

    Its networks are internal and its own, its volumes are its own and empty, no port is published, nothing of the host
    is mounted but restored files, no container is privileged, and none comes back by itself.

    :raises RefusedError: if ``name`` is none of a project, or no service is left.
    """
    if not _NAME.fullmatch(name):
        raise RefusedError(f"{name!r} is no name of a Docker Compose project: small letters, digits, - and _ make one.")
    services: Mapping[str, Any] = config.get("services") or {}
    unknown = sorted(rules.never_start - set(services))
    left = {each: value for each, value in services.items() if each not in rules.never_start}
    if not left:
        raise RefusedError(
            f"No service is left to be started of {rules.stack}: its compose file has {sorted(services)}."
        )
    told = Told()
    for each in sorted(rules.never_start & set(services)):
        told.add(each, "is never started")
    if unknown:
        told.add("", f"There is no service {', '.join(unknown)} that could be left out")
    secrets = _files(config, "secrets", rules, told)
    configs = _files(config, "configs", rules, told)
    kept = Kept(frozenset(left), frozenset(secrets), frozenset(configs), {QUARANTINE_LABEL: rules.stack})
    document: dict[str, Any] = {
        "name": name,
        "services": {each: derive_service(each, value, kept, rules, told) for each, value in left.items()},
    }
    document["networks"] = _networks(config, document["services"], kept, told)
    document["volumes"] = _volumes(config, kept, told)
    for kind, values in (("secrets", secrets), ("configs", configs)):
        if values:
            document[kind] = values
    return Quarantine(document, told.sentences(), tuple(_ports(left)))


def _networks(config: Mapping[str, Any], services: Mapping[str, Any], kept: Kept, told: Told) -> dict[str, Any]:
    used = sorted({each for service in services.values() for each in service.get("networks") or ()})
    known = config.get("networks") or {}
    for each in used:
        network = known.get(each) or {}
        if network.get("external"):
            told.add("", f"The network {each} is one of its own here, not the host's {network.get('name') or each}")
    # What else a compose file says of a network (driver, addresses, a name) would lead out, or clash with the stack's.
    return {each: {"internal": True, "labels": dict(kept.labels)} for each in used}


def _volumes(config: Mapping[str, Any], kept: Kept, told: Told) -> dict[str, Any]:
    volumes = config.get("volumes") or {}
    for each, value in volumes.items():
        value = value or {}
        if value.get("external") or value.get("driver_opts") or value.get("driver") not in (None, "local"):
            told.add("", f"The volume {each} is an empty one here, not what the host mounts there")
    return {each: {"labels": dict(kept.labels)} for each in volumes}


def _files(config: Mapping[str, Any], kind: str, rules: Rules, told: Told) -> dict[str, Any]:
    """Return the secrets, or the configs, that can be had; those that nobody may use are blank."""
    found: dict[str, Any] = {}
    for name, value in (config.get(kind) or {}).items():
        if rules.blanks(name):
            found[name] = {"file": rules.blank_file}
            told.add("", f"The {kind[:-1]} {name} is blank")
        elif value.get("file"):
            path = rules.locate(value["file"])
            if path is None:
                told.add("", f"The {kind[:-1]} {name} is missing: {value['file']} is not in the backup")
            else:
                found[name] = {"file": path}
        elif value.get("external"):
            told.add("", f"The {kind[:-1]} {name} is missing: it is none of the compose file's")
        else:
            found[name] = {key: value[key] for key in ("content", "environment") if key in value}
    return found


def _ports(services: Mapping[str, Any]) -> list[Port]:
    return [
        Port(
            name,
            int(each["target"]),
            str(each.get("published") or ""),
            each.get("host_ip") or "",
            each.get("protocol") or "tcp",
        )
        for name, service in services.items()
        for each in service.get("ports") or ()
    ]
