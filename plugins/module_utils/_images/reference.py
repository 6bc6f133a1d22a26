# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of images, in full: registry, repository, tag, digest. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

_HUB = "docker.io"
# Where the hub's interface is; the other name is a web site.
_HUB_HOST = "registry-1.docker.io"
_DIGEST = re.compile(r"^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$")
_HOST = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?$")
_REPOSITORY = re.compile(r"^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$")
_TAG = re.compile(r"^\w[\w.-]{0,127}$")


@dataclass(frozen=True)
class Reference:
    """An image's name; ``tag`` is None where only a digest is given."""

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def host(self) -> str:
        """Where the registry's interface is, with its port if it has one."""
        return _HUB_HOST if self.registry == _HUB else self.registry

    @property
    def name(self) -> str:
        """The name in full, without the digest."""
        return f"{self.registry}/{self.repository}" + (f":{self.tag}" if self.tag else "")


def parse_reference(text: str) -> Reference:
    """Return what an image's name means, as Docker fills it up.

    :raises RefusedError: if it is no image's name.
    """
    rest, _at, digest = text.partition("@")
    first, slash, others = rest.partition("/")
    # Docker's own rule for what is a host.
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, rest = first, others
    else:
        registry = _HUB
    if registry in ("index.docker.io", _HUB_HOST):
        registry = _HUB
    repository, _colon, tag = rest.partition(":")
    if registry == _HUB and "/" not in repository:
        repository = f"library/{repository}"
    parts = ((_HOST, registry), (_REPOSITORY, repository), (_TAG, tag), (_DIGEST, digest))
    if not repository or not all(pattern.match(part) for pattern, part in parts if part):
        raise RefusedError(f"{text!r} is no image's name.")
    return Reference(registry, repository, tag or (None if digest else "latest"), digest or None)


def is_image_id(text: str) -> bool:
    """Tell whether it is the id of an image, and no name."""
    return text.startswith("sha256:") or re.fullmatch(r"[0-9a-f]{64}", text) is not None
