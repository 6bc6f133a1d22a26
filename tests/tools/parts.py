# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the test run: what each runs, and what it waits for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.tools.link import CHECKOUT, LINK

LOGS = CHECKOUT / "build" / "test"
_PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Part:
    """A named piece of the test run."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    """Run one after the other, all of them, from the checkout; see ``in_turn``."""
    counts_tests: bool = False
    """Whether its command leaves a JUnit report with its tests; else each command counts as one test."""
    after: tuple[str, ...] = ()
    """The parts that must have ended before, if they are run at all."""
    in_turn: bool = False
    """Whether each command needs what the one before has done: the first that fails is then the last."""
    slotless: bool = False
    """Whether it takes no slot: it mostly waits for the network."""
    niceness: int = 19
    """How far it yields the processor to the others, from 0: not at all."""

    @property
    def log(self) -> Path:
        """The file that takes its output."""
        return LOGS / f"{self.name}.log"

    @property
    def report(self) -> Path:
        """The JUnit report of a part that counts tests."""
        return LOGS / f"{self.name}.xml"


def _tool(program: str, *arguments: str) -> tuple[str, ...]:
    return (str(_PROGRAMS / program), *arguments)


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _pytest(name: str, *arguments: str) -> tuple[str, ...]:
    return _module("pytest", f"--junitxml={LOGS / name}.xml", *arguments)


_N8N = Part("n8n", (_module("tests.support.real_n8n", "install"),), slotless=True)
_SANITY = Part("sanity", (_module("tests.tools.sanity", str(LOGS / "sanity.xml")),), counts_tests=True)
_LINT = Part(
    "lint",
    (
        _tool("ruff", "check", "."),
        _tool("ruff", "format", "--check", "."),
        # What mypy and ruff can't tell: whether the plugins use a function that Python 3.9 lacks.
        _tool("vermin", "--target=3.9-", "--violations", "--no-tips", "plugins"),
        _tool("yamllint", "--strict", "."),
        _module("tests.tools.ansible_lint"),
        _tool("antsibull-changelog", "lint"),
        _tool("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."),
    ),
)
_TYPES = Part(
    "types",
    (
        # The oldest Python that mypy knows; the plugins' own oldest is 3.9.
        _tool("mypy", "--python-version=3.10", str(LINK / "plugins")),
        _tool("mypy", "conftest.py", "demo", "docs", "tests", "molecule"),
    ),
)
_UNITS = Part(
    "units",
    (
        _pytest(
            "units",
            "-n2",
            "--cov=plugins/module_utils",
            "tests/tools",
            "tests/bench",
            "tests/chaos",
            "tests/scale",
            "tests/unit",
        ),
    ),
    counts_tests=True,
)
_PACKAGE = Part("package", (_module("tests.tools.package", "check"),))
_SITE = Part("site", (_module("tests.tools.site"),))
# What comes up, stops and dies on the bed's servers, one test after the other: that takes half of two cores.
_E2E = Part(
    "e2e",
    (
        _module("tests.bed", "up"),
        _pytest("e2e", "--durations=15", "-m", "not thorough", "tests/e2e"),
    ),
    counts_tests=True,
    in_turn=True,
    niceness=0,
)
# The one that takes two processors comes first: whatever the others leave, it takes.
_FIRST = (_N8N, _UNITS, _SANITY, _LINT, _TYPES, _PACKAGE, _SITE)
# Two of its files at once: much of it waits. It counts failed requests, so nothing but e2e runs beside it.
_INTEGRATION = Part(
    "integration",
    (_pytest("integration", "-n2", "--dist=loadfile", "-m", "not thorough", "tests/integration"),),
    counts_tests=True,
    after=tuple(part.name for part in _FIRST),
    niceness=10,
)

# In the order of starting.
PARTS = (*_FIRST, _INTEGRATION)
ALL_PARTS = (_E2E, *PARTS)
"""With the one that needs the bed, and so root."""
