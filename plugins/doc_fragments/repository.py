# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that reads or writes a repository."""

from __future__ import annotations


class ModuleDocFragment:
    """Where the backups of a stack are kept."""

    DOCUMENTATION = r"""
options:
  stack:
    description:
      - The name of the stack that the backups belong to.
      - One segment of a path, such as V(lottery-chatbot).
    type: str
    required: true
  repository:
    description:
      - Where the backups are kept.
    type: dict
    required: true
    suboptions:
      type:
        description:
          - The kind of repository.
          - V(local) is a folder on the managed host, which may be a mounted file system.
        type: str
        choices:
          - local
        default: local
      path:
        description:
          - The folder of a V(local) repository.
          - It must exist. A missing folder is refused, since it may be a file system that is not mounted.
          - Required if O(repository.type=local).
        type: path
"""
