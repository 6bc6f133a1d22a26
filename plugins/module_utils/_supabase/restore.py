# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore of a whole project by Supabase itself: asked for once, and watched until the project is healthy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, StoppedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import UnansweredError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import HEALTHY, RESTORING, Project
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.plan import Patience, Plan, Wanted, make_plan
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.states import is_on_the_way, refused_state

_DATABASE = "db"
_JOINED = (
    "Supabase project {ref} was being restored already, so no restore was begun; this run waited for that one. Supabase "
    "does not tell to which instant it went: look at what the project holds."
)


@dataclass(frozen=True)
class Request:
    """A restore that a user asks for; ``confirm`` is the project's reference, typed once more."""

    wanted: Wanted
    patience: Patience
    confirm: str | None


def restore_project(
    client: Client, request: Request, warn: Callable[[str], object], *, check_mode: bool
) -> dict[str, Any]:
    """Bring the project back, wait until it is healthy, and return the module's result.

    A project that is being restored already is waited for; nothing else is begun.

    :raises RefusedError: if that cannot be done; nothing was touched.
    :raises ToolError: if it is not healthy in time, or Supabase says that the restore failed.
    """
    ref = client.project_ref
    project = client.project()
    if project.status == RESTORING:
        return _join(client, request, warn, project, check_mode=check_mode)
    refused = refused_state(ref, project.status)
    if refused is not None:
        raise refused
    plan = make_plan(ref, request.wanted, client.backups(), now())
    result = {"project_ref": ref, "joined": False, **plan.to_result(), "changed": True, "diff": _diff(project, plan)}
    if check_mode:
        return {**result, "status": project.status}
    if request.confirm != ref:
        raise RefusedError(
            f"Restoring replaces the whole database of Supabase project {ref}: the last {plan.lost_seconds} seconds are "
            f"lost, and it is out of use meanwhile. To go on, set confirm: {ref}"
        )
    return {**result, **_Watch(client, request.patience).over(plan)}


def _join(
    client: Client, request: Request, warn: Callable[[str], object], project: Project, *, check_mode: bool
) -> dict[str, Any]:
    result = {
        "project_ref": client.project_ref,
        "joined": True,
        "method": request.wanted.method,
        "recovery_time": None,
        "backup_id": None,
        "lost_seconds": None,
        "changed": False,
        "diff": {"before": {"status": project.status}, "after": {"status": project.status}},
    }
    if check_mode:
        return {**result, "status": project.status}
    found = _Watch(client, request.patience).until_healthy(seen=True)
    warn(_JOINED.format(ref=client.project_ref))
    return {**result, **found}


def _diff(project: Project, plan: Plan) -> dict[str, Any]:
    before = {"project": project.ref, "content": "as it is now"}
    return {"before": before, "after": {**before, "content": f"as it was at {plan.to_result()['recovery_time']}"}}


class _Watch:
    """Follows a project through its restore."""

    def __init__(self, client: Client, patience: Patience) -> None:
        self._client, self._patience = client, patience
        self._begun = client.clock.monotonic()
        self._ref = client.project_ref

    def over(self, plan: Plan) -> dict[str, Any]:
        """Begin the restore and follow it."""
        try:
            if plan.backup is not None:
                self._client.restore_backup(plan.backup.id)
            else:
                self._client.restore_to(plan.instant)
        except UnansweredError as error:
            return self._after_silence(error)
        try:
            return self.until_healthy(seen=False)
        except StoppedError as error:
            raise StoppedError(
                f"This run was ended while project {self._ref} was being restored. Supabase goes on by itself: run this "
                "again to go on waiting, as long as the project is RESTORING."
            ) from error

    def _after_silence(self, error: UnansweredError) -> dict[str, Any]:
        """Whether the request took effect, the project's state tells; asking again might begin a second restore."""
        try:
            return self.until_healthy(seen=False)
        except _NeverBegunError as never:
            raise ToolError(
                f"{error.message} The project did not begin to restore in {self._elapsed()} seconds, so that the request "
                "seems to be lost. Look at the dashboard, and run this again.",
                **error.details,
            ) from never

    def until_healthy(self, *, seen: bool) -> dict[str, Any]:
        """Look again and again until the project and its database are healthy.

        :param seen: whether the restore is known to have begun. A project stays healthy for a while after it was asked.
        """
        while True:
            status = self._status()
            if status is not None:
                seen = seen or status not in (HEALTHY, "ACTIVE_UNHEALTHY", "RESTORE_FAILED")
                if seen and status == HEALTHY and self._database_is_healthy():
                    return {"status": status, "duration_seconds": self._elapsed()}
                if seen:
                    self._require_on_the_way(status)
            self._require_time(status, seen=seen)
            self._client.clock.sleep(self._patience.poll_interval)

    def _status(self) -> str | None:
        """Return the project's state, None where it cannot be had at present: the restore goes on without us."""
        with self._lenient():
            return self._client.project().status
        return None

    def _database_is_healthy(self) -> bool:
        with self._lenient():
            services = self._client.services(_DATABASE)
            return bool(services) and all(each.status == HEALTHY for each in services)
        return False

    @contextmanager
    def _lenient(self) -> Iterator[None]:
        """Bear with what may be better at the next look; whatever is refused will not be."""
        try:
            yield
        except ToolError:
            return
        except RefusedError as error:
            raise RefusedError(
                f"{error.message} A restore may be under way, and cannot be followed: look at the dashboard.",
                **error.details,
            ) from error

    def _require_on_the_way(self, status: str) -> None:
        if status == "RESTORE_FAILED":
            raise ToolError(
                f"Supabase failed to restore project {self._ref} ({status}). Look at its dashboard; restore another "
                "backup, or ask Supabase's support. The database is out of use.",
                status=status,
            )
        if status != HEALTHY and not is_on_the_way(status):
            raise ToolError(
                f"Project {self._ref} went from its restore to {status}. Somebody else may have acted on it: look at the "
                "dashboard.",
                status=status,
            )

    def _require_time(self, status: str | None, *, seen: bool) -> None:
        said = status or "not to be had"
        if self._elapsed() > self._patience.time_limit:
            raise ToolError(
                f"Project {self._ref} was not healthy again after {self._elapsed()} seconds; its state is {said}. "
                "Supabase goes on by itself: run this again to go on waiting (no second restore is begun), or raise "
                "time_limit.",
                status=status,
            )
        if not seen and self._elapsed() > self._patience.start_limit:
            raise _NeverBegunError(
                f"Supabase took the request to restore project {self._ref}, but {self._elapsed()} seconds later the "
                f"project does not restore; its state is {said}. Whether it will, nobody knows: look at the dashboard "
                "before you run this again.",
                status=status,
            )

    def _elapsed(self) -> float:
        return round(self._client.clock.monotonic() - self._begun, 3)


class _NeverBegunError(ToolError):
    """The project never left the state that it was in."""
