# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that was measured on, and the versions of the programs that we are compared with."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.postgres_binaries import PostgresUnavailableError, find_binaries
from tests.tools.link import CHECKOUT

#: By the name of each program that the bench runs beside ours: what makes it tell its version.
_PROGRAMS = {
    "tar": ("tar", "--version"),
    "gzip": ("gzip", "--version"),
    "zstd": ("zstd", "--version"),
    "rclone": ("rclone", "version"),
    "restic": ("restic", "version"),
}


@dataclass(frozen=True)
class Machine:
    """What the times depend on. ``memory`` in GiB; ``versions`` by the names of programs, ours first."""

    processor: str
    cores: int
    memory: float
    system: str
    kernel: str
    versions: dict[str, str]

    @classmethod
    def here(cls) -> Machine:
        """Return the one that this runs on."""
        return cls(
            processor=processor_in(_read("/proc/cpuinfo")) or platform.machine(),
            cores=len(os.sched_getaffinity(0)),
            memory=memory_in(_read("/proc/meminfo")),
            system=platform.freedesktop_os_release()["PRETTY_NAME"],
            kernel=os.uname().release,
            versions=dict(_versions()),
        )

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Machine:
        """Return the one that ``dataclasses.asdict`` made ``document`` of."""
        return cls(**document)


def processor_in(cpuinfo: str) -> str:
    """Return the model of the first processor in the text of ``/proc/cpuinfo``; empty where it names none. Pure."""
    match = re.search(r"(?m)^model name\s*:\s*(.+?)\s*$", cpuinfo)
    return " ".join(match[1].split()) if match else ""


def memory_in(meminfo: str) -> float:
    """Return the whole memory in GiB that the text of ``/proc/meminfo`` tells. Pure."""
    match = re.search(r"(?m)^MemTotal:\s*(\d+) kB$", meminfo)
    return round(int(match[1]) / (1 << 20), 1) if match else 0.0


def version_in(told: str) -> str:
    """Return the first version in what a program tells of itself; empty if there is none. Pure."""
    match = re.search(r"\d+\.\d+(?:\.\d+)*", told)
    return match[0] if match else ""


def _versions() -> Iterator[tuple[str, str]]:
    yield "chatbot.ops", str(yaml.safe_load((CHECKOUT / "galaxy.yml").read_text(encoding="utf-8"))["version"])
    yield "Python", platform.python_version()
    for name, (program, *arguments) in _PROGRAMS.items():
        own = Path(sys.executable).with_name(program)  # as the bench looks for it
        path = str(own) if own.exists() else shutil.which(program)
        if path is not None and (version := _told([path, *arguments])):
            yield name, version
    try:
        path = str(find_binaries() / "pg_dump")
    except PostgresUnavailableError:
        return
    yield "PostgreSQL", _told([path, "--version"])


def _told(command: list[str]) -> str:
    return version_in(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
