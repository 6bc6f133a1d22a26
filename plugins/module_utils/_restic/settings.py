# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a repository of restic is and how it is opened: the parameters of the type ``restic``, checked. Pure."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

#: The suboptions of the parameter ``repository`` that are for restic (documented in the fragment ``repository``).
RESTIC_ARGUMENTS: dict[str, Any] = {
    "location": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_file": {"type": "path"},
    "environment": {"type": "dict", "no_log": True, "default": {}},
}

_REMOTE = re.compile(r"(?:azure|b2|gs|rclone|rest|s3|sftp|swift):")
_USER = re.compile(r"(\w+://)[^/@\s]*@")


@dataclass(frozen=True)
class ResticSettings:
    """Where a repository is, and how it is opened; without a password, restic looks for one in its environment."""

    location: str = field(repr=False)
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """The location without what lets people in."""
        return without_users(self.location)

    @property
    def local(self) -> bool:
        """Whether it is a folder of a local or mounted file system."""
        return _REMOTE.match(self.location) is None

    @property
    def key(self) -> str:
        """A name for what this host keeps about the repository."""
        return hashlib.sha256(self.location.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def to_environment(self) -> dict[str, str]:
        """Return the variables that restic is given; a secret is never an argument."""
        found = {**self.environment, "RESTIC_REPOSITORY": self.location}
        if self.password is not None:
            found["RESTIC_PASSWORD"] = self.password
        if self.password_file is not None:
            found["RESTIC_PASSWORD_FILE"] = self.password_file
        return found


def read_restic_settings(params: Mapping[str, Any]) -> ResticSettings:
    """Return the settings in the parameter ``repository``.

    :raises RefusedError: if nothing could open it, or a secret stands where it would be shown.
    """
    if re.search(r"://[^/@\s]*:[^/@\s]*@", params["location"]):
        raise RefusedError(
            "Parameter repository.location holds a password, which everybody sees who sees a task. Give it as "
            "RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD in repository.environment."
        )
    environment = {str(name): str(value) for name, value in (params.get("environment") or {}).items()}
    known = {**os.environ, **environment}
    if not (params.get("password") or params.get("password_file")) and not any(
        known.get(f"RESTIC_{name}") for name in ("PASSWORD", "PASSWORD_FILE", "PASSWORD_COMMAND")
    ):
        raise RefusedError("A repository of restic is opened by a password. Give repository.password or password_file.")
    return ResticSettings(params["location"], params.get("password"), params.get("password_file"), environment)


def without_users(text: str) -> str:
    """Return ``text`` without the users and passwords of the addresses in it."""
    return _USER.sub(r"\1", text)
