# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One service after the other is brought to an image, and each has to be healthy before the next one's turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import PROJECT_LABEL, Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import mask
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.compose import Compose
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.judge import hopeless, lacking, worsened
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.plan import Step
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service

_ONE_OFF = "com.docker.compose.oneoff"
_POLL = 1.0
_LOG_LINES = 5
#: n8n finishes its executions first, for up to 30 s; Docker's own default is 10.
_LEAST_GRACE = 40


@dataclass(frozen=True)
class Patience:
    """In seconds: how long a service may take to get healthy, how long all are watched afterwards, and how long a new
    container serves beside an old one before that is stopped."""

    wait: float
    soak: float
    drain: float


class Carrier:
    """What changes the containers of one project."""

    def __init__(self, engine: Engine, compose: Compose, project: str, patience: Patience) -> None:
        self._engine, self._compose, self._project, self._patience = engine, compose, project, patience
        #: The services that are known to have one thing to do, and then to end.
        self.jobs: Collection[str] = ()

    def over(self, compose: Compose) -> Carrier:
        """Return one that goes by another description of the project."""
        other = Carrier(self._engine, compose, self._project, self._patience)
        other.jobs = self.jobs
        return other

    def containers(self) -> dict[str, list[Container]]:
        """Return the project's containers by service, without those of ``docker compose run``."""
        found: dict[str, list[Container]] = {}
        for each in self._engine.containers({PROJECT_LABEL: self._project}):
            if each.labels.get(_ONE_OFF, "False") != "True":
                found.setdefault(each.service, []).append(each)
        return found

    def carry_out(self, step: Step) -> float:
        """Do what the step says, and return how long it took until the service was healthy, in seconds.

        :raises ToolError: if it does not get healthy in time.
        """
        begun = time.monotonic()
        if step.how == "roll":
            self._roll(step)
        elif step.how == "restart":
            self._compose.restart(step.service)
        else:
            self._compose.up(step.service, step.replicas)
        self.await_health(step.service, step.image_id, step.replicas)
        return round(time.monotonic() - begun, 1)

    def put_back(self, service: Service, image_id: str) -> bool:
        """Bring a service back to an image that it had; return whether anything was done.

        :raises ToolError: if it does not get healthy in time.
        """
        there = self.containers().get(service.name, [])
        wrong = [each for each in there if each.image_id != image_id]
        if not wrong and lacking(service.name, there, service.replicas, self.jobs) is None:
            return False
        if service.rolls and len(wrong) < len(there):  # the others serve
            for each in wrong:
                self._take_away(each)
        self._compose.up(service.name, service.replicas)
        self.await_health(service.name, image_id, service.replicas)
        return True

    def halt(self, services: Sequence[Service], right: Mapping[str, str], keep: Collection[str]) -> list[str]:
        """Stop the containers that do not run the right image, each before those that it needs; return their services.

        :param right: the ids of the images by service, of all of them.
        :param keep: services that are left alone.
        """
        there, halted = self.containers(), set()
        for service in reversed(services):
            if service.name in keep:
                continue
            for each in there.get(service.name, []):
                if each.image_id != right[service.name]:
                    self._engine.stop(each, max(each.grace, _LEAST_GRACE))
                    halted.add(service.name)
        return sorted(halted)

    def await_health(self, service: str, image_id: str, replicas: int) -> None:
        """Return when the service serves with that image and all its replicas.

        :raises ToolError: when its time is over, or it cannot be hoped for any more.
        """

        def lacks() -> str | None:
            there = self.containers().get(service, [])
            others = [each.name for each in there if each.image_id != image_id]
            return f"{', '.join(others)} has another image" if others else lacking(service, there, replicas, self.jobs)

        self._await(lacks, service, image_id)

    def soak(self, services: Sequence[Service]) -> None:
        """See that all services are healthy, and stay so for a while.

        :raises ToolError: if one does not.
        """
        for each in services:
            self._await(
                lambda each=each: lacking(each.name, self.containers().get(each.name, []), each.replicas, self.jobs),  # type: ignore[misc]
                each.name,
                "",
            )
        names = {each.name for each in services}
        before = {each.id: each.restarts for each in self._all(names)}
        deadline = time.monotonic() + self._patience.soak
        while time.monotonic() < deadline:
            time.sleep(_POLL)
            now = self._all(names)
            reason = worsened(before, now, self.jobs)
            if reason is not None:
                ill = next((each for each in now if each.name in reason), None)
                service = ill.service if ill else ""
                raise ToolError(
                    f"What was healthy did not stay so while it was watched for {self._patience.soak:g} s: {reason}."
                    f"{self._words([ill] if ill else [])}",
                    service=service,
                )

    def _all(self, services: Iterable[str]) -> list[Container]:
        return [each for name, found in self.containers().items() if name in services for each in found]

    def _roll(self, step: Step) -> None:
        """Have each new container serve before one of the old ones goes."""
        while True:
            there = self.containers().get(step.service, [])
            old = [each for each in there if each.image_id != step.image_id]
            if not old:
                break
            new = len(there) - len(old)
            if new < step.replicas:
                self._compose.up(step.service, len(there) + 1, keep=True)
                self._await(lambda wanted=new + 1: self._new_lack(step, wanted), step.service, step.image_id)  # type: ignore[misc]
                # Whoever asks for the service by its name may have asked a moment ago.
                time.sleep(self._patience.drain)
            self._take_away(old[0])
        self._compose.up(step.service, step.replicas, keep=True)

    def _new_lack(self, step: Step, wanted: int) -> str | None:
        new = [each for each in self.containers().get(step.service, []) if each.image_id == step.image_id]
        return lacking(step.service, new, wanted)

    def _take_away(self, container: Container) -> None:
        self._engine.stop(container, container.grace)
        self._engine.remove(container)

    def _await(self, lacks: Callable[[], str | None], service: str, image_id: str) -> None:
        deadline = time.monotonic() + self._patience.wait
        while True:
            reason = lacks()
            if reason is None:
                return
            there = self.containers().get(service, [])
            judged = [each for each in there if image_id in ("", each.image_id)]
            lost = next(filter(None, (hopeless(each, self.jobs) for each in judged)), None)
            if lost or time.monotonic() > deadline:
                limit = "" if lost else f" after {self._patience.wait:g} s"
                raise ToolError(
                    f"{service} does not get healthy: {lost or reason}{limit}.{self._words(judged or there)}",
                    service=service,
                )
            time.sleep(_POLL)

    def _words(self, containers: Sequence[Container]) -> str:
        """Return the last words of a container, masked, as the end of a message."""
        for each in containers:
            try:
                said = self._engine.log_tail(each, _LOG_LINES)
            except OpsError:
                continue
            if said:
                return f" The last words of {each.name}: {mask(said)}"
        return ""
