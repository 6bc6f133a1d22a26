# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action backup_copy: the module of that name, with its progress told."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.plugin_utils.progress import ProgressAction


class ActionModule(ProgressAction):
    """Runs the module, and tells how far the copy is."""
