# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that opens n8n's credentials."""

from __future__ import annotations


class ModuleDocFragment:
    """n8n's encryption key."""

    DOCUMENTATION = r"""
options:
  encryption_key:
    description:
      - n8n's encryption key, if n8n gets it from its environment (E(N8N_ENCRYPTION_KEY)).
      - Leave it out if the key is in the file C(config) of the data folder, where n8n keeps it by itself.
      - Mutually exclusive with O(encryption_key_file).
    type: str
  encryption_key_file:
    description:
      - A file on the managed host that holds the key, if n8n gets it so (E(N8N_ENCRYPTION_KEY_FILE)).
      - Mutually exclusive with O(encryption_key).
    type: path
"""
