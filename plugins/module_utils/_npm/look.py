# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at the packages of several folders, and what it tells as check results."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import limit_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._npm.judge import (
    Folder,
    Thresholds,
    judge_folder,
)
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import (
    SEVERITIES,
    Outdated,
    Vulnerable,
    locked_versions,
    parse_audit,
    parse_outdated,
)
from ansible_collections.chatbot.ops.plugins.module_utils._npm.run import WHERE, Place, choose_place, run_npm

_MANIFEST = "package.json"
#: The options of both modules that say where npm runs.
PLACE_ARGUMENTS: dict[str, dict[str, Any]] = {
    "where": {"type": "str", "choices": list(WHERE), "default": "auto"},
    "image": {"type": "str"},
    "network": {"type": "str"},
    "registry": {"type": "str"},
    "ca_bundle": {"type": "path"},
    "time_limit": {"type": "str", "default": "2m"},
}
_LOCKS = ("npm-shrinkwrap.json", "package-lock.json")


@dataclass(frozen=True)
class Look:
    """What to look at: ``folders`` by name and path, without the kinds of packages in ``omit`` (``dev`` …)."""

    folders: tuple[tuple[str, str], ...]
    where: str
    place: Place
    omit: tuple[str, ...]
    thresholds: Thresholds


def look_from(params: Mapping[str, Any]) -> Look:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    folders = named_folders(params["folders"])
    try:
        outdated = limit_from({"warning": params["outdated_warning"], "critical": params["outdated_critical"]})
    except ValueError as error:
        raise RefusedError(f"Parameters outdated_warning and outdated_critical: {error}.") from error
    return Look(
        folders=folders,
        where=params["where"],
        place=place_from(params),
        omit=tuple(params["omit"] or ()),
        thresholds=Thresholds(
            _severity(params["severity_warning"]), _severity(params["severity_critical"]), outdated, params["language"]
        ),
    )


def place_from(params: Mapping[str, Any]) -> Place:
    """Return the place that the parameters describe, before it is known whether the host has npm."""
    if params["ca_bundle"] and not os.path.isfile(params["ca_bundle"]):
        raise RefusedError(f"Parameter ca_bundle: there is no file {params['ca_bundle']} on this host.")
    return Place(
        image=params["image"] or "",
        limit=duration_seconds("time_limit", params["time_limit"]),
        registry=params["registry"] or None,
        ca_bundle=params["ca_bundle"] or None,
        network=params["network"] or None,
    )


def named_folders(paths: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each folder with a name of its own: the last part of its path, or more where that is not enough."""
    if not paths:
        raise RefusedError("Parameter folders: name at least one folder with a package.json.")
    named: dict[str, str] = {}
    for path in dict.fromkeys(os.path.normpath(each) for each in paths):
        parts = [each for each in path.split(os.sep) if each]
        name, more = parts[-1] if parts else "root", 2
        while name in named and more <= len(parts):
            name, more = "-".join(parts[-more:]), more + 1
        named[name] = path
    return tuple(named.items())


def look_at_packages(look: Look) -> dict[str, Any]:
    """Ask npm in each folder, and return what it tells as the module's result."""
    try:
        place: Place | None = choose_place(look.where, look.place)
        problem = None
    except RefusedError as error:
        if look.where != "auto":
            raise
        # A stack without Node is no reason for silence: it is one for not knowing.
        place, problem = None, error.message
    found = [look_into(name, path, place, problem, look.omit) for name, path in look.folders]
    checks = [check for folder in found for check in judge_folder(folder, look.thresholds)]
    return {
        "npm": place.title if place else None,
        "folders": [_document(each) for each in found],
        "checks": [each.to_document() for each in checks],
    }


def look_into(name: str, path: str, place: Place | None, problem: str | None, omit: Sequence[str]) -> Folder:
    """Return what npm tells of one folder; it changes nothing in it."""
    folder = Folder(name, path, None, problem, None, problem)
    missing = _missing(path)
    if missing:
        return replace(folder, outdated_problem=missing, audit_problem=missing)
    if place is None:
        return folder
    try:
        said = run_npm(place, path, "outdated", "--json", "--long")
        told = parse_outdated(said.stdout, said.stderr, _locked(path))
        folder = replace(
            folder, outdated=tuple(each for each in told if not _is_left_out(each, omit)), outdated_problem=None
        )
    except ToolError as error:
        folder = replace(folder, outdated_problem=error.message)
    try:
        # Of what the lock file says, not of what happens to be installed.
        said = run_npm(place, path, "audit", "--json", "--package-lock-only", *(f"--omit={each}" for each in omit))
        return replace(folder, audit=parse_audit(said.stdout, said.stderr), audit_problem=None)
    except ToolError as error:
        return replace(folder, audit_problem=error.message)


def _locked(path: str) -> dict[str, str]:
    """Return the versions in the folder's lock file; none if there is no such file that can be read."""
    for name in _LOCKS:
        with suppress(OSError, UnicodeDecodeError), open(os.path.join(path, name), encoding="utf-8") as stream:
            return locked_versions(stream.read())
    return {}


def _is_left_out(package: Outdated, omit: Sequence[str]) -> bool:
    """Tell whether it is of a kind that does not count: ``npm outdated`` takes no notice of --omit."""
    return any(package.kind == f"{each}Dependencies" for each in omit)


def _missing(path: str) -> str | None:
    """Return what prevents a look at a folder. npm calls one without a package.json up to date."""
    if not os.path.isdir(path):
        return f"There is no folder {path} on this host."
    if not os.path.isfile(os.path.join(path, _MANIFEST)):
        return f"There is no {_MANIFEST} in {path}."
    return None


def _severity(given: str | None) -> str | None:
    return given if given in SEVERITIES else None


def _document(folder: Folder) -> dict[str, Any]:
    audit = folder.audit
    return {
        "name": folder.name,
        "path": folder.path,
        "outdated": None
        if folder.outdated is None
        else [{**asdict(each), "major": each.major} for each in folder.outdated],
        "outdated_problem": folder.outdated_problem,
        "vulnerable": None if audit is None else [_vulnerable(each) for each in audit.vulnerable],
        "vulnerable_problem": folder.audit_problem,
        "dependencies": None if audit is None else audit.dependencies,
    }


def _vulnerable(package: Vulnerable) -> dict[str, Any]:
    return {
        **asdict(package),
        "advisories": [asdict(each) for each in package.advisories],
        "through": list(package.through),
    }
