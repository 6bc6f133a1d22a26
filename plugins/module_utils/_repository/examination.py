# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an examination of a repository finds, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Examination:
    """What can be done from here; None where it was not tried, or nobody can tell.

    ``can_destroy``: whether whoever has these rights could make the backups unreadable for good, be it by deleting or
    by overwriting them. ``details`` (JSON values) is what only this kind of repository has.
    """

    can_list: bool
    can_write: bool | None = None
    can_read: bool | None = None
    can_overwrite: bool | None = None
    can_delete: bool | None = None
    can_destroy: bool | None = None
    details: dict[str, Any] = field(default_factory=dict)
    advice: tuple[str, ...] = ()

    def to_result(self) -> dict[str, Any]:
        """Return it as the module returns it."""
        return {
            "can_list": self.can_list,
            "can_write": self.can_write,
            "can_read": self.can_read,
            "can_overwrite": self.can_overwrite,
            "can_delete": self.can_delete,
            "can_destroy": self.can_destroy,
            "details": self.details,
            "advice": list(self.advice),
        }


def could_destroy(*, overwrite: bool, delete: bool, versioned: bool, delete_version: bool | None) -> bool:
    """Tell whether these rights suffice to destroy a backup.

    In a versioned store, what is deleted or overwritten is still there as an older version, as long as that stays.
    """
    return bool(delete_version) if versioned else overwrite or delete
