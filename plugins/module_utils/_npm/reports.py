# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of npm 9, 10 and 11, read by their keys. Pure.

npm's exit status tells nothing: it is 1 for an outdated package as for a registry that cannot be reached
(npm's documentation of both commands).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import mask

#: From the least to the worst, as npm has them.
SEVERITIES = ("info", "low", "moderate", "high", "critical")
_PLACE = "node_modules/"
_MAJOR = re.compile(r"^[v=\s]*(\d+)\.(\d+)\.")


class NoReportError(ToolError):
    """npm gave no report: nobody knows what there is."""


@dataclass(frozen=True)
class Outdated:
    """A package of which there is a newer version than is installed; ``current`` is None if it is not installed."""

    name: str
    current: str | None
    wanted: str
    latest: str
    kind: str

    @property
    def major(self) -> bool:
        """Whether the newest version may break what worked: another major one, or another minor one of 0.x."""
        return _line(self.current or self.wanted) != _line(self.latest)


@dataclass(frozen=True)
class Advisory:
    """What is known of a vulnerability."""

    title: str
    url: str
    severity: str
    range: str


@dataclass(frozen=True)
class Fix:
    """What npm would install to be rid of a vulnerability; ``name`` is empty where any update within the ranges does it."""

    name: str = ""
    version: str = ""
    major: bool = False


@dataclass(frozen=True)
class Vulnerable:
    """A vulnerable package. ``through`` are the packages that make it one, if it is not by itself; ``fix`` is None
    if there is none."""

    name: str
    severity: str
    direct: bool
    range: str
    advisories: tuple[Advisory, ...]
    through: tuple[str, ...]
    fix: Fix | None


@dataclass(frozen=True)
class Audit:
    """A whole report: the worst package first; ``dependencies`` is how many packages were looked at."""

    vulnerable: tuple[Vulnerable, ...]
    dependencies: int


def parse_outdated(text: str, said: str = "", locked: Mapping[str, str] | None = None) -> list[Outdated]:
    """Return of what ``npm outdated --json --long`` wrote the packages that are outdated.

    npm also lists those that are not installed, as where the project runs in a container.

    :param said: its standard error, for the message.
    :param locked: the versions in the lock file, which count where nothing is installed.
    :raises NoReportError: if it is no report.
    """
    document = _document(text, "npm outdated", said)
    # A package may well be called error; what npm calls so has no version.
    if not all(isinstance(each, list) or (isinstance(each, dict) and "wanted" in each) for each in document.values()):
        raise _refusal(document, "npm outdated", said)
    found = {
        _outdated(name, entry, (locked or {}).get(name))
        for name, entries in document.items()
        # A list where several packages ask for it.
        for entry in (entries if isinstance(entries, list) else [entries])
    }
    outdated = [each for each in found if (each.current or each.wanted) != each.latest]
    return sorted(outdated, key=lambda each: (each.name, each.current or ""))


def locked_versions(text: str) -> dict[str, str]:
    """Return the versions of the packages at the top of a lock file (package-lock.json); none if it is none such."""
    try:
        document = json.loads(text)
        # Since npm 7; before, all were in dependencies.
        packages = document.get("packages") or {f"{_PLACE}{k}": v for k, v in document.get("dependencies", {}).items()}
        return {
            path[len(_PLACE) :]: str(entry["version"])
            for path, entry in packages.items()
            if path.startswith(_PLACE) and path.count(_PLACE) == 1 and "version" in entry
        }
    except (AttributeError, TypeError, ValueError):
        return {}


def parse_audit(text: str, said: str = "") -> Audit:
    """Return what ``npm audit --json`` wrote.

    :param said: its standard error, for the message.
    :raises NoReportError: if it is no report.
    """
    document = _document(text, "npm audit", said)
    # An error has neither; other shapes of reports (npm 6) have another version.
    if document.get("auditReportVersion") != 2 or not isinstance(document.get("vulnerabilities"), dict):
        raise _refusal(document, "npm audit", said)
    try:
        vulnerable = [_vulnerable(each) for each in document["vulnerabilities"].values()]
        total = int(document["metadata"]["dependencies"]["total"])
    except (KeyError, TypeError, ValueError) as error:
        raise NoReportError(f"npm audit wrote a report that cannot be read: {error!r}.") from error
    vulnerable.sort(key=lambda each: (-severity_rank(each.severity), not each.direct, each.name))
    return Audit(tuple(vulnerable), total)


def severity_rank(severity: str) -> int:
    """Return how bad a severity is; one that is not known counts as the worst."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def at_least(vulnerable: Iterable[Vulnerable], severity: str) -> list[Vulnerable]:
    """Return those that are as bad as ``severity``, or worse."""
    return [each for each in vulnerable if severity_rank(each.severity) >= severity_rank(severity)]


def _outdated(name: str, entry: Any, locked: str | None) -> Outdated:
    try:
        current = entry.get("current") or locked
        wanted, latest = entry["wanted"], entry["latest"]
    except (AttributeError, KeyError) as error:
        raise NoReportError(f"npm outdated tells no version of {name}.") from error
    return Outdated(name, current, str(wanted), str(latest), str(entry.get("type", "")))


def _vulnerable(entry: Mapping[str, Any]) -> Vulnerable:
    via = entry["via"]
    return Vulnerable(
        name=str(entry["name"]),
        severity=str(entry["severity"]),
        direct=bool(entry["isDirect"]),
        range=str(entry["range"]),
        advisories=tuple(_advisories(via)),
        through=tuple(sorted(each for each in via if isinstance(each, str))),
        fix=_fix(entry["fixAvailable"]),
    )


def _advisories(via: Iterable[Any]) -> Iterator[Advisory]:
    for each in via:
        if isinstance(each, dict):
            words = (str(each.get(key, "")) for key in ("title", "url", "severity", "range"))
            yield Advisory(*words)


def _fix(available: Any) -> Fix | None:
    if isinstance(available, dict):
        return Fix(str(available["name"]), str(available["version"]), bool(available["isSemVerMajor"]))
    return Fix() if available is True else None


def _line(version: str) -> tuple[str, ...]:
    """Return what stays the same among versions that go together: 1 of 1.2.3, 0 and 2 of 0.2.3."""
    match = _MAJOR.match(version)
    if match is None:
        return (version,)
    return (match.group(1),) if match.group(1) != "0" else (match.group(1), match.group(2))


def _document(text: str, program: str, said: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise NoReportError(f"{program} wrote no report: {_last_words(said) or 'it said nothing'}.") from error
    if not isinstance(document, dict):
        raise NoReportError(f"{program} wrote something else than a report.")
    return document


def _refusal(document: Mapping[str, Any], program: str, said: str) -> NoReportError:
    error = document.get("error")
    error = error if isinstance(error, dict) else {"summary": error}
    code = str(error.get("code") or "")
    why = str(document.get("message") or error.get("summary") or "") or _last_words(said) or "it does not say why"
    advice = (
        "Commit a lock file: npm install --package-lock-only makes one."
        if code == "ENOLOCK"
        else "See that the registry answers, and that it offers audits."
    )
    return NoReportError(
        f"{program} gave no report: {': '.join(filter(None, [code, mask(why)])).rstrip('.')}. {advice}"
    )


def _last_words(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and "complete log of this run" not in line]
    return mask(" ".join(lines[-2:])).rstrip(".")
