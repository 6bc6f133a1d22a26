# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a manifest claims beside what was found, and the differences in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ProofError


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


@dataclass(frozen=True)
class Compared:
    """The proof that the manifest claims beside the one that was found."""

    claimed: Mapping[str, Any]
    found: Mapping[str, Any]
    differences: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether the content is what was backed up."""
        return not self.differences

    def to_result(self) -> dict[str, Any]:
        """Return it as a module returns it."""
        return {
            "claimed": dict(self.claimed),
            "found": dict(self.found),
            "equal": self.equal,
            "differences": list(self.differences),
        }

    def require(self, title: str) -> None:
        """Refuse to go on with other content than claimed.

        :raises ProofError: naming the first differences.
        """
        if self.differences:
            shown = "; ".join(self.differences[:5])
            more = f" (and {len(self.differences) - 5} more)" if len(self.differences) > 5 else ""
            raise ProofError(
                f"{title} does not hold what its manifest claims: {shown}{more}. The target was left as it was.",
                differences=list(self.differences),
            )
