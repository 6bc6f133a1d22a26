# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apt, dpkg and needrestart write, read with the locale C. Pure.

The lines of ``apt-get --simulate`` are those of apt 2.4 (Ubuntu 22.04) to 3.0 (Debian 13); needrestart's are its batch
mode (README.batch.md of needrestart 3.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable [amd64]) [perl:amd64 ]
_LINE = re.compile(r"^(Inst|Remv) (\S+)(?: \[([^\]]*)\])?(?: \((\S+) ?([^)]*?)(?: ?\[[^\]]*\])?\))?")
_URI = re.compile(r"^'[^']+' \S+ (\d+)(?: |$)")
_SECURITY_LABEL = "Debian-Security"
_SECURITY_ARCHIVE = "-security"


@dataclass(frozen=True)
class Change:
    """What happens to a package: ``action`` is ``upgrade``, ``install`` or ``remove``; a version is empty where there is none.

    ``origins`` are where the new one comes from, as apt writes it: ``Debian-Security:12/oldstable-security``.
    """

    name: str
    action: str
    old: str
    new: str
    origins: tuple[str, ...]

    @property
    def security(self) -> bool:
        """Whether it is an update of the distribution's security team."""
        return any(is_security(each) for each in self.origins)

    @property
    def line(self) -> str:
        """It in one line, for people."""
        return f"{self.name} {self.old or '-'} -> {self.new or '-'}"


@dataclass(frozen=True)
class Restarts:
    """What still runs with old files: ``services`` by their units; ``kernel`` is one of KERNELS."""

    services: tuple[str, ...]
    kernel: str
    running_kernel: str
    expected_kernel: str


#: What needrestart tells of the kernel, by its number (NEEDRESTART-KSTA).
KERNELS = ("unknown", "current", "compatible_upgrade", "upgrade")


def is_security(origin: str) -> bool:
    """Tell whether apt's word for an origin (``Label:Version/Archive``) is a security one.

    Debian's has a label of its own, whatever its archive is called by now (stable, oldstable); Ubuntu's is told by its
    archive (noble-security), those of its ESM too.
    """
    label, _colon, rest = origin.partition(":")
    return label == _SECURITY_LABEL or rest.partition("/")[2].endswith(_SECURITY_ARCHIVE)


def parse_simulation(text: str) -> list[Change]:
    """Return what ``apt-get --simulate`` would do, in the order of the names."""
    changes = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        word, name, old, new, origins = match.groups()
        action = "remove" if word == "Remv" else "upgrade" if old else "install"
        # A removed package may stand with a version in brackets that goes.
        told = tuple(each.strip() for each in (origins or "").split(",") if ":" in each)
        changes.append(Change(name, action, old or "", "" if word == "Remv" else new or "", told))
    return sorted(changes, key=lambda each: each.name)


def parse_download(text: str) -> int:
    """Return how many bytes ``apt-get --print-uris`` would fetch."""
    return sum(int(match.group(1)) for match in map(_URI.match, text.splitlines()) if match)


def parse_versions(text: str) -> dict[str, tuple[str, str]]:
    """Return status and version of each package of what dpkg-query wrote in the format of QUERY.

    A package of this architecture is there by its name alone, and with the architecture, as apt writes either.
    """
    found: dict[str, tuple[str, str]] = {}
    for line in text.splitlines():
        name, architecture, status, version = line.split("\t")
        for each in (name, f"{name}:{architecture}"):
            found.setdefault(each, (status, version))
    return found


QUERY = "${Package}\\t${Architecture}\\t${db:Status-Status}\\t${Version}\\n"


def parse_broken(text: str) -> list[str]:
    """Return the packages that dpkg left half done, of what dpkg-query wrote in the format of QUERY."""
    whole = ("installed", "not-installed", "config-files")
    lines = [line.split("\t") for line in text.splitlines()]
    return sorted({name for name, _architecture, status, _version in lines if status not in whole})


def parse_needrestart(text: str) -> Restarts:
    """Return what ``needrestart -b`` wrote.

    :raises ValueError: if it is none such.
    """
    told: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if colon and key.startswith("NEEDRESTART-"):
            told.setdefault(key[len("NEEDRESTART-") :], []).append(value.strip())
    if "VER" not in told:
        raise ValueError("it does not tell its version")
    number = _first(told.get("KSTA", ()))
    known = number.isdigit() and int(number) < len(KERNELS)
    return Restarts(
        services=tuple(sorted(set(told.get("SVC", ())))),
        kernel=KERNELS[int(number)] if known else KERNELS[0],
        running_kernel=_first(told.get("KCUR", ())),
        expected_kernel=_first(told.get("KEXP", ())),
    )


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")
