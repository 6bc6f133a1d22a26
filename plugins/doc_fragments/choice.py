# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that restores a backup."""

from __future__ import annotations


class ModuleDocFragment:
    """Which backup is meant."""

    DOCUMENTATION = r"""
options:
  backup_id:
    description:
      - The backup to use, by its id, or V(latest) for the newest one.
      - A damaged or unrecoverable newest backup is refused rather than passed over in silence. The message names the
        newest good one.
    type: str
    default: latest
  before:
    description:
      - Take the newest backup that was begun before this time (ISO 8601, UTC unless it says otherwise).
      - Mutually exclusive with any O(backup_id) but V(latest).
    type: str
"""
