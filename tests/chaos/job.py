# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the matrix needs to know of each module: how to run it, and how to judge what it claims by another route."""

from __future__ import annotations

import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from tests.chaos.scene import Ran, Scene
from tests.support.http_messages import Request
from tests.support.writer import State, Writer

_PATIENCE = 20.0


class Job(ABC):
    """A module at work in a scene."""

    #: The module, and the source that it is about.
    module: ClassVar[str]
    source: ClassVar[str]

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.good = ""  # the id of the last good backup
        self.lasts = 0.0  # seconds that a run takes when nothing disturbs it
        self.seen: list[Request] = []  # the requests that it then makes of the store
        self.writer: Writer | None = None

    @classmethod
    def repositories(cls, kinds: Sequence[str]) -> Sequence[str]:
        """Return those of ``kinds`` that it works with."""
        return kinds

    def service(self) -> AbstractContextManager[Writer | None]:
        """Run the service that is not to be stopped, if there is one."""
        return nullcontext()

    def prepare(self, writer: Writer | None) -> None:
        """Bring about the good state, by runs that nothing disturbs, and measure one."""
        self.writer = writer
        self.set_up()
        self.reset()
        if self.scene.proxy is not None:
            self.scene.proxy.heal()
        begun = time.monotonic()
        ran = self.start_and_wait()
        self.lasts = time.monotonic() - begun
        if self.scene.proxy is not None:
            self.seen = self.scene.proxy.seen
        problems = [ran.problem or ran.message] if not ran.succeeded else list(self.judge(ran))
        assert not problems, f"{self.module} fails undisturbed: {problems}"

    @abstractmethod
    def set_up(self) -> None:
        """Make the backups that the work needs, and set ``good``."""

    @abstractmethod
    def params(self) -> dict[str, Any]:
        """Return the module's parameters."""

    @abstractmethod
    def judge(self, ran: Ran) -> Iterator[str]:
        """Yield what is false in the claim of a run that succeeded."""

    def reset(self) -> None:
        """Bring what the work changes to where it was."""
        return

    def state(self) -> Iterator[str]:
        """Yield what is wrong though it must hold whichever way a run ended."""
        return iter(())

    def leftovers(self) -> Iterator[str]:
        """Yield what is left though an undisturbed run has followed."""
        if self.scene.stack.work.exists():
            yield from (f"left in the work folder: {path.name}" for path in self.scene.stack.work.iterdir())
        for name in self.scene.databases():
            if "_restore_" in name:
                yield f"left: the database {name}"
        deadline = time.monotonic() + _PATIENCE
        while (sessions := self.scene.sessions()) and time.monotonic() < deadline:
            time.sleep(0.1)
        if sessions:
            yield f"left: {sessions} sessions of the database"

    def start_and_wait(self) -> Ran:
        """Run it to its end."""
        return self.scene.run(self.module, self.params())

    def count(self, about: Callable[[Request], bool]) -> int:
        """Return how many of its requests are about something."""
        return sum(map(about, self.seen))

    def moment(self, rng: random.Random) -> float:
        """Return an instant within its work, in seconds after its start."""
        return rng.uniform(0, self.lasts)

    def stopped_service(self, before: State | None, *, may_fail: bool) -> Iterator[str]:
        """Yield how the service was disturbed, if it was.

        :param before: what it had done before the run.
        :param may_fail: whether the fault itself is in its way.
        """
        if self.writer is None or before is None:
            return
        if self.writer.state.failed > before.failed and not may_fail:
            yield f"the service failed {self.writer.state.failed - before.failed} writes"
        done, deadline = self.writer.state.acknowledged, time.monotonic() + _PATIENCE
        while self.writer.state.acknowledged <= done:
            if time.monotonic() > deadline:
                yield "the service writes no more"
                return
            time.sleep(0.05)
