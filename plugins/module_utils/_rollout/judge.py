# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether containers are fit to serve, and what follows from two versions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container

#: So many restarts by Docker itself, and a container counts as one that cannot start.
HOPELESS_RESTARTS = 3
_VERSION = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?")


def unfit(container: Container, jobs: Collection[str] = ()) -> str | None:
    """Return why the container does not serve (yet); None if it does. Without a health check, to run is enough.

    :param jobs: the services that are known to have one thing to do, and then to end.
    """
    if container.is_done and container.service in jobs:
        return None
    if container.status != "running":
        return f"{container.name} is {container.status}"
    if container.health not in (None, "none", "healthy"):
        return f"{container.name} is {container.health}"
    return None


def hopeless(container: Container, jobs: Collection[str] = ()) -> str | None:
    """Return why there is no use in waiting for the container; None if there is."""
    if container.status in ("exited", "dead", "removing") and not (container.is_done and container.service in jobs):
        return f"{container.name} is {container.status}"
    if container.restarts >= HOPELESS_RESTARTS:
        return f"{container.name} was restarted {container.restarts} times"
    return None


def lacking(service: str, containers: Sequence[Container], replicas: int, jobs: Collection[str] = ()) -> str | None:
    """Return what the service lacks; None if it serves with all its replicas."""
    reasons = [reason for reason in (unfit(each, jobs) for each in containers) if reason]
    if reasons:
        return "; ".join(reasons)
    if len(containers) < replicas:
        return f"{service} has {len(containers)} of {replicas} containers"
    return None


def worsened(before: Mapping[str, int], containers: Iterable[Container], jobs: Collection[str] = ()) -> str | None:
    """Return what went wrong with containers that served, by their ids with the number of their restarts; None if nothing.

    A container that is there no more has gone wrong, too.
    """
    now = {each.id: each for each in containers}
    for each_id, restarts in before.items():
        found = now.get(each_id)
        if found is None:
            return f"the container {each_id[:12]} is gone"
        reason = unfit(found, jobs)
        if reason:
            return reason
        if found.restarts > restarts:
            return f"{found.name} was restarted"
    return None


def jobs_among(containers: Mapping[str, Sequence[Container]]) -> list[str]:
    """Return the services, of a stack that is well, that have done all that they had to do."""
    return sorted(name for name, found in containers.items() if found and all(each.is_done for each in found))


def crosses_major(old: str, new: str) -> bool:
    """Tell whether the two versions differ in their first number; with one that is not known, nobody can say that they
    do not."""
    before, after = _VERSION.match(old), _VERSION.match(new)
    return before is None or after is None or before.group(1) != after.group(1)
