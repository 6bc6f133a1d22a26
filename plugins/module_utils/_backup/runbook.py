# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the runbook of a stack beside a set, so that it is still there when the server and the controller are not.

Whom to call is about people. Where backups are encrypted, the runbook is, too, to the same recipients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import encrypt, require_recipients
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, encoding_for
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.guide import RUNBOOK_FILES
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES, is_backup_id
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of

_ENCRYPTED = ".age"


@dataclass(frozen=True)
class RunbookRequest:
    """What to keep: ``pages``, texts by their names, beside the set ``set_id`` (or the newest one)."""

    stack: str
    set_id: str
    pages: Mapping[str, str]
    recipients: tuple[str, ...]
    check_mode: bool


def runbook_request(params: Mapping[str, Any], *, check_mode: bool) -> RunbookRequest:
    """Return what the module parameters ask for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    unknown = sorted(set(params["pages"]) - set(RUNBOOK_FILES))
    if unknown or not params["pages"]:
        raise RefusedError(
            f"Parameter pages: {', '.join(unknown) or 'nothing'} is no page of a runbook. "
            f"Give one or more of {', '.join(RUNBOOK_FILES)}."
        )
    set_id = params["set_id"]
    if set_id != LATEST and not is_backup_id(set_id):
        raise RefusedError(f"Parameter set_id: {set_id!r} is no set, such as 20261124T031500Z-set-1c9e.")
    place_of(params["stack"], SOURCES[0])
    pages = {name: str(text) for name, text in params["pages"].items()}
    recipients = tuple(dict.fromkeys(each.strip() for each in params["recipients"]))
    return RunbookRequest(params["stack"], set_id, pages, recipients, check_mode)


def keep_runbook(repository: Repository, request: RunbookRequest) -> dict[str, Any]:
    """Make sure that the pages lie beside the set, and return the module's result.

    What is encrypted cannot be compared with what lies there, and is written in any case.

    :raises OpsError: if there is no such set, or it cannot be written.
    """
    encoding_for(repository, Encoding(recipients=request.recipients))
    require_recipients(request.recipients)
    set_id = _set_id(repository, request)
    contents = dict(_contents(repository, request, set_id))
    if not request.check_mode:
        for name, content in contents.items():
            ours = bool(request.recipients) and name.endswith(_ENCRYPTED)
            stored = _encrypted(content, request.recipients) if ours else content
            repository.write_page(request.stack, set_id, name, stored)
    return {
        "changed": bool(contents),
        "set_id": set_id,
        "written": sorted(contents),
        "diff": {"before": {"written": []}, "after": {"set_id": set_id, "written": sorted(contents)}},
    }


def copy_runbook(
    origin: Repository, target: Repository, stack: str, set_id: str, warn: Callable[[str], object]
) -> None:
    """Copy the runbook beside a set of ``origin``, if it has one, to the same set of ``target``, byte for byte.

    A backup is good without it: what fails is told to ``warn``.
    """
    try:
        for name in (*RUNBOOK_FILES, *(f"{each}{_ENCRYPTED}" for each in RUNBOOK_FILES)):
            content = origin.read_page(stack, set_id, name)
            if content is not None:
                target.write_page(stack, set_id, name, content)
    except OpsError as error:
        warn(f"The set {set_id} has no up-to-date runbook beside it: {error.message}")


def _set_id(repository: Repository, request: RunbookRequest) -> str:
    entries = [each for source in SOURCES for each in repository.entries(place_of(request.stack, source))]
    manifests = [each.manifest for each in entries if each.manifest is not None]
    if request.set_id in {each.set_id for each in manifests}:
        return request.set_id
    sets = sorted({each.set_id for each in manifests if each.safety_copy_for is None})
    if request.set_id != LATEST or not sets:
        what = "backup" if request.set_id == LATEST else f"backup of the set {request.set_id}"
        raise RefusedError(
            f"The {repository.title} holds no {what} of {request.stack}, so there is nothing to keep a runbook beside. "
            "Take a backup first; backup_info lists the sets that exist."
        )
    return sets[-1]


def _contents(repository: Repository, request: RunbookRequest, set_id: str) -> Mapping[str, bytes]:
    """Return what has to be written, by the names it gets.

    A page that was there in the open, or for other recipients, must not be taken for the one that counts. It is not
    removed, as that may not be allowed: a line takes its place that names the other one.
    """
    found: dict[str, bytes] = {}
    for name, text in request.pages.items():
        encrypted = f"{name}{_ENCRYPTED}"
        ours, other = (encrypted, name) if request.recipients else (name, encrypted)
        content, notice = text.encode("utf-8"), f"See {ours} beside this file.\n".encode()
        if request.recipients or repository.read_page(request.stack, set_id, ours) != content:
            found[ours] = content
        if repository.read_page(request.stack, set_id, other) not in (None, notice):
            found[other] = notice
    return found


def _encrypted(content: bytes, recipients: tuple[str, ...]) -> bytes:
    stored = bytearray()
    run_pipeline([encrypt(recipients)], source=[content], sink=stored.extend)
    return bytes(stored)
