# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The link by which Python and Ansible find this checkout under its collection's name, without a copy."""

from __future__ import annotations

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
COLLECTIONS = CHECKOUT / ".ansible" / "collections"
LINK = COLLECTIONS / "ansible_collections" / "chatbot" / "ops"


def link_checkout() -> Path:
    """Make sure that ``LINK`` leads to the checkout, and return the collections folder that holds it."""
    target = os.path.relpath(CHECKOUT, LINK.parent)
    LINK.parent.mkdir(parents=True, exist_ok=True)
    if not LINK.is_symlink() or os.readlink(LINK) != target:
        # Test workers do this at the same time: each makes a link of its own, and a rename replaces atomically.
        own = LINK.with_name(f".{LINK.name}.{os.getpid()}")
        own.symlink_to(target)
        own.replace(LINK)
    return COLLECTIONS


if __name__ == "__main__":
    link_checkout()
