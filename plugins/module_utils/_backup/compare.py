# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between what a manifest claims and what was found, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def differences(claimed: Any, found: Any, path: str = "") -> Iterator[str]:
    """Yield a sentence for each leaf in which ``found`` differs from ``claimed`` (JSON values)."""
    if isinstance(claimed, Mapping) and isinstance(found, Mapping):
        for key in sorted({*claimed, *found}):
            inner = f"{path}.{key}" if path else str(key)
            if key not in found:
                yield f"{inner} is missing"
            elif key not in claimed:
                yield f"{inner} was not in the backup"
            else:
                yield from differences(claimed[key], found[key], inner)
    elif claimed != found:
        yield f"{path} is {found!r}, the backup has {claimed!r}"
