# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode, diff mode and a second run mean in this collection."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that modules declare; each module adds C(support)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - Runs every check and tells what would happen, and touches nothing.
  diff_mode:
    description:
      - Tells in the diff what changes, or in check mode what would change.
  idempotent:
    description:
      - A second run with the same options changes nothing.
  platform:
    description:
      - Where the module runs.
    platforms: posix
"""
