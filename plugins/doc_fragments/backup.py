# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that takes a backup."""

from __future__ import annotations


class ModuleDocFragment:
    """When a backup is due, and how it is made."""

    DOCUMENTATION = r"""
options:
  max_age:
    description:
      - A good backup that is no older than this, such as V(24h), is enough, and nothing changes.
      - A new backup is taken in any case if it is not set.
    type: str
  set_id:
    description:
      - The set that a new backup belongs to, shared by the backups of all sources of one run.
      - A set of its own if it is not set.
    type: str
  compression_level:
    description:
      - The level of zstd, from V(1) (fast) to V(19) (small).
    type: int
    default: 1
  recipients:
    description:
      - Who can read the backup. Public keys of age (V(age1...)) or of SSH (V(ssh-ed25519 ...), V(ssh-rsa ...)).
      - Any one of them is enough to open it, so give at least two, kept apart. The loss of one then leaves the other.
      - The server itself cannot read what it encrypts. It is not encrypted if this is empty.
    type: list
    elements: str
    default: []
  accept_loss:
    description:
      - Take the backup even though it holds nothing of what the last good one did.
      - Such a copy is refused otherwise. It is what a backup of the wrong place looks like, or of a service that was set
        up anew by accident, and it would expire the good ones in time.
    type: bool
    default: false
  work_dir:
    description:
      - The folder for the copies that a backup cannot do without. They are removed at the end.
    type: path
    default: /var/tmp
"""
