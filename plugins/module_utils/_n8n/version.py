# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which n8n a container runs, told without running it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

# Where the official image, and npm's own default, put it.
_PACKAGES = ("/usr/local/lib/node_modules/n8n/package.json", "/usr/lib/node_modules/n8n/package.json")
_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


def version_of(read: Callable[[str], bytes | None], environment: Mapping[str, str], label: str | None) -> str | None:
    """Return n8n's version, or None if the container does not tell.

    :param read: returns the content of a file in the container, or None.
    :param environment: the container's; images say N8N_VERSION there.
    :param label: the version that the image's label tells.
    """
    for path in _PACKAGES:
        content = read(path)
        if content is not None:
            version = _version_in(content)
            if version is not None:
                return version
    for told in (environment.get("N8N_VERSION"), label):
        if told and _VERSION.fullmatch(told):
            return told
    return None


def _version_in(package: bytes) -> str | None:
    try:
        document = json.loads(package)
    except ValueError:
        return None
    version = document.get("version") if isinstance(document, dict) else None
    return version if isinstance(version, str) else None
