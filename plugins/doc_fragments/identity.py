# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that looks into backups."""

from __future__ import annotations


class ModuleDocFragment:
    """What opens an encrypted backup."""

    DOCUMENTATION = r"""
options:
  identity:
    description:
      - The private key of one of the recipients of an encrypted backup, or several, one per line. What C(age-keygen) writes,
        or a private SSH key without a passphrase.
      - It stays in memory. Keep it in a vault, and not on the server that is backed up.
      - A backup that is not encrypted needs none.
    type: str
  identity_file:
    description:
      - A file on the managed host that holds it. That of E(AGE_IDENTITY_FILE), if neither is set.
      - Mutually exclusive with O(identity).
    type: path
"""
