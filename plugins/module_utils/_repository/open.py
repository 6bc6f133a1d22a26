# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the ``repository`` parameter to a repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_safe_name
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
from ansible_collections.chatbot.ops.plugins.module_utils._restic.settings import RESTIC_ARGUMENTS, read_restic_settings
from ansible_collections.chatbot.ops.plugins.module_utils._s3.settings import BUCKET_ARGUMENTS, read_settings

#: What every module that touches a repository takes (documented in the fragment ``repository``).
REPOSITORY_ARGUMENTS: dict[str, Any] = {
    "stack": {"type": "str", "required": True},
    "repository": {
        "type": "dict",
        "required": True,
        "options": {
            "type": {"type": "str", "choices": ["local", "s3", "restic"], "default": "local"},
            "name": {"type": "str"},
            "path": {"type": "path"},
            **BUCKET_ARGUMENTS,
            **RESTIC_ARGUMENTS,
            "object_lock_days": {"type": "int"},
            "object_lock_mode": {"type": "str", "choices": ["governance", "compliance"], "default": "governance"},
            "read_back": {"type": "str", "choices": ["content", "checksum"], "default": "content"},
            "as_of": {"type": "str"},
        },
        "required_if": [("type", "local", ("path",)), ("type", "s3", ("bucket",)), ("type", "restic", ("location",))],
        "required_together": [("access_key", "secret_key")],
        "mutually_exclusive": [("password", "password_file")],
    },
}


def open_repository(params: Mapping[str, Any], warn: Callable[[str], object]) -> Repository:
    """Return the repository that the module parameter ``repository`` describes.

    :param warn: is told what the user should know though it is no failure.
    :raises RefusedError: if it cannot be one.
    """
    if params["type"] == "s3":
        return _open_bucket(params, warn)
    for name in ("as_of", "object_lock_days"):
        if params.get(name) is not None:
            raise RefusedError(
                f"Parameter repository.{name}: only a bucket has that, and this is of the type {params['type']}. Leave it out."
            )
    if params["type"] == "restic":
        return _open_restic(params, warn)
    return LocalRepository(params["path"])


def _open_restic(params: Mapping[str, Any], warn: Callable[[str], object]) -> Repository:
    # Not above, as below: Ansible compiles what a module imports anew each time, and this is a twentieth of it.
    from ansible_collections.chatbot.ops.plugins.module_utils._repository.restic import ResticRepository
    from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic

    return ResticRepository(Restic(read_restic_settings(params)), warn, content=params.get("read_back") != "checksum")


def _open_bucket(params: Mapping[str, Any], warn: Callable[[str], object]) -> Repository:
    # Not above: boto3 takes a quarter of a second to import, for nothing where the repository is a folder.
    from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
    from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_upload import Policy
    from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket

    days = params.get("object_lock_days")
    if days is not None and days < 1:
        raise RefusedError(f"Parameter repository.object_lock_days: {days} is no number of days from 1 on.")
    policy = Policy(
        lock_days=days,
        lock_mode=params.get("object_lock_mode") or "governance",
        read_back=params.get("read_back") or "content",
        as_of=optional_time("repository.as_of", params.get("as_of")),
    )
    return S3Repository(Bucket(read_settings(params)), policy, warn)


def place_of(stack: str, source: str) -> Place:
    """Return the place of ``source`` of ``stack``.

    :raises RefusedError: if the stack's name cannot be one segment of a path.
    """
    if not is_safe_name(stack):
        raise RefusedError(
            f"Parameter stack: {stack!r} cannot name a stack. "
            "Use letters, digits, '.', '_' and '-', such as lottery-chatbot."
        )
    return Place(stack, source)
