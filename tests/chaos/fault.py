# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault of the matrix is."""

from __future__ import annotations

import enum
import random
from abc import ABC, abstractmethod
from typing import ClassVar

from tests.chaos.job import Job
from tests.chaos.scene import Ran


class Expect(enum.Enum):
    """How a run is to end that meets the fault."""

    SUCCESS = "it must succeed all the same"
    FAILURE = "it must fail"
    EITHER = "either, by the instant"
    KILLED = "it is killed"


class Fault(ABC):
    """One fault. ``name`` is its column; what it is is told in ``tests.chaos.texts``."""

    name: ClassVar[str]
    expects: ClassVar[Expect] = Expect.EITHER
    #: How often a full run strikes with it.
    runs: ClassVar[int] = 3
    #: Whether all of the stack has to lie on a small file system.
    small_disk: ClassVar[bool] = False
    #: Whether the fault itself is in the way of the service.
    disturbs_service: ClassVar[bool] = False
    #: Whether a run that cannot reach its repository any more leaves there what it began.
    leaves_orphans: ClassVar[bool] = False
    #: Whether what is read is false, so that a verification rightly finds a good backup bad until it is done again.
    falsifies_reading: ClassVar[bool] = False

    @abstractmethod
    def left_out(self, job: type[Job], repository: str) -> str | None:
        """Return why it cannot meet that module with that type of repository; None if it can."""

    @abstractmethod
    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        """Run the module, strike, and return how it, or each of them, ended; all is well again afterwards."""
