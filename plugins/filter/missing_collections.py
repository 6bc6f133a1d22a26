# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.missing_collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec


def missing_collections(names: Sequence[str]) -> list[str]:
    """Return which of the collections the controller lacks, each with the command that installs it."""
    missing = [each for each in names if not _is_there(f"ansible_collections.{each}")]
    return [f"the collection {each} (ansible-galaxy collection install {each})" for each in missing]


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ImportError:  # of a package above it
        return False


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Return the filter by its name."""
        return {"missing_collections": missing_collections}
