# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fix for vulnerable packages, as a patch: made and tested in a scratch copy, and never put into the project itself."""

from __future__ import annotations

import difflib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder
from ansible_collections.chatbot.ops.plugins.module_utils._npm.look import place_from
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import Audit, parse_audit
from ansible_collections.chatbot.ops.plugins.module_utils._npm.run import Place, choose_place, run_npm

_MANIFEST = "package.json"
_LOCK = "package-lock.json"
#: What a scratch copy has no use for, or must not have.
_LEFT_OUT = ("node_modules", ".git", ".env", ".env.*", "*.log")
_MOST_BYTES = 512 << 20
# What npm init writes where there is no test.
_NO_TEST = "no test specified"


@dataclass(frozen=True)
class Request:
    """Make ``patch`` (a file on the host) of what fixes the project in ``folder``.

    ``major`` also takes new major versions; ``scripts`` lets packages run theirs while they are installed.
    """

    folder: str
    patch: str
    where: str
    place: Place
    major: bool
    test: bool
    scripts: bool
    work_dir: str
    check_mode: bool


@dataclass(frozen=True)
class Proposal:
    """A patch (empty: nothing can be fixed), the audits before and after it, and how its test ended: ``passed``,
    ``none`` if the project has no test, ``skipped`` if none was wanted."""

    patch: str
    before: Audit
    after: Audit
    tested: str


def request_from(params: Mapping[str, Any], *, check_mode: bool) -> Request:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    folder = os.path.normpath(params["folder"])
    for name in (_MANIFEST, _LOCK):
        if not os.path.isfile(os.path.join(folder, name)):
            raise RefusedError(
                f"There is no {name} in {folder}. A fix changes both package.json and its lock file: "
                "npm install --package-lock-only makes one."
            )
    parent = os.path.dirname(os.path.abspath(params["patch"]))
    if not os.path.isdir(parent):
        raise RefusedError(f"Parameter patch: there is no folder {parent} for it. Make it first.")
    return Request(
        folder=folder,
        patch=params["patch"],
        where=params["where"],
        place=place_from(params),
        major=params["major"],
        test=params["test"],
        scripts=params["scripts"],
        work_dir=params["work_dir"],
        check_mode=check_mode,
    )


def propose_fix(request: Request) -> dict[str, Any]:
    """Make the patch, test it, write it if it is a new one, and return the module's result.

    :raises ToolError: if npm fails, or the project's test does with the fix; nothing is written then.
    """
    place = choose_place(request.where, request.place)
    with work_folder(request.work_dir) as scratch:
        proposal = _make(request, place, os.path.join(scratch, "project"))
    written = _read(request.patch) if os.path.exists(request.patch) else ""
    changed = proposal.patch not in ("", written)
    if changed and not request.check_mode:
        write_file(request.patch, proposal.patch.encode("utf-8"), replace=True)
    fixed = {each.name for each in proposal.before.vulnerable} - {each.name for each in proposal.after.vulnerable}
    return {
        "changed": changed,
        "patch": request.patch if proposal.patch else None,
        "fixed": sorted(fixed),
        "remaining": [each.name for each in proposal.after.vulnerable],
        "tested": proposal.tested,
        "diff": {"before": "", "after": proposal.patch, "after_header": request.patch} if changed else {},
    }


def _make(request: Request, place: Place, copy: str) -> Proposal:
    _check_size(request.folder)
    shutil.copytree(request.folder, copy, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    _hand_over(copy, request.folder)
    before = _audit(place, copy)
    words = ["audit", "fix", "--package-lock-only", "--ignore-scripts", "--json"]
    # Its exit status tells what is left, not whether it did its work: the next audit says so.
    run_npm(place, copy, *words, *(["--force"] if request.major else []), writable=True)
    after = _audit(place, copy)
    patch = make_patch(
        {
            name: (_read(os.path.join(request.folder, name)), _read(os.path.join(copy, name)))
            for name in (_MANIFEST, _LOCK)
        }
    )
    tested = _test(request, place, copy) if patch and request.test else "skipped"
    return Proposal(patch, before, after, tested)


def _audit(place: Place, folder: str) -> Audit:
    said = run_npm(place, folder, "audit", "--json", "--package-lock-only")
    return parse_audit(said.stdout, said.stderr)


def _test(request: Request, place: Place, folder: str) -> str:
    """Install what the fix says, and run the project's own test with it."""
    quiet = [] if request.scripts else ["--ignore-scripts"]
    said = run_npm(place, folder, "ci", "--no-audit", "--no-fund", *quiet, writable=True)
    if said.status != 0:
        raise ToolError(f"Failed to install {request.folder} with the fix: {_end(said.stderr)}. No patch was written.")
    if not has_test(_read(os.path.join(folder, _MANIFEST))):
        return "none"
    said = run_npm(place, folder, "test", writable=True)
    if said.status != 0:
        raise ToolError(
            f"The test of {request.folder} fails with the fix: {_end(said.stderr + said.stdout)}. No patch was written. "
            "See whether it passes without the fix, and update the packages one by one."
        )
    return "passed"


def has_test(manifest: str) -> bool:
    """Tell whether a package.json names a test that tests something. Pure."""
    scripts = json.loads(manifest).get("scripts") or {}
    return bool(scripts.get("test")) and _NO_TEST not in scripts["test"]


def make_patch(files: Mapping[str, tuple[str, str]]) -> str:
    """Return what turns the first text of each file into the second, as ``git apply`` and ``patch -p1`` read it. Pure."""
    return "".join(line for name, texts in files.items() for line in _difference(name, *texts))


def _difference(name: str, before: str, after: str) -> Iterable[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _hand_over(copy: str, folder: str) -> None:
    """Give the copy to the project's owner, whom npm in a container is."""
    owner = os.stat(folder)
    if os.geteuid() == 0:
        for parent, folders, files in os.walk(copy):
            for each in ("", *folders, *files):
                os.chown(os.path.join(parent, each), owner.st_uid, owner.st_gid, follow_symlinks=False)


def _check_size(folder: str) -> None:
    total = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each not in _LEFT_OUT]
        total += sum(os.lstat(os.path.join(parent, each)).st_size for each in files)
        if total > _MOST_BYTES:
            raise RefusedError(
                f"{folder} holds more than {_MOST_BYTES >> 20} MiB without node_modules: name the folder of one project."
            )


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def _end(text: str) -> str:
    return " ".join(text.split())[-400:].rstrip(".") or "it does not say why"
