# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that works on n8n's data folder."""

from __future__ import annotations


class ModuleDocFragment:
    """Where n8n's data is."""

    DOCUMENTATION = r"""
options:
  volume:
    description:
      - The Docker volume that holds n8n's data. Either its name, as C(docker volume ls) shows it, or what the compose file
        calls it, such as V(n8n_data).
      - One of O(volume) and O(path) is required.
    type: str
  project:
    description:
      - The Docker Compose project that O(volume) belongs to, where more than one has such a volume.
    type: str
  path:
    description:
      - n8n's data folder on the managed host, the one called C(.n8n) in n8n's home, where it lies in no volume.
    type: path
  window_limit:
    description:
      - For how long containers may be stopped or paused. A watcher on the host runs them again then, also if this module
        was killed or hangs, and what the module did counts for nothing.
      - A number of seconds, or a number with one of the units V(s), V(m), V(h), V(d) and V(w).
    type: str
    default: 15m
requirements:
  - with O(volume), and where containers use the folder O(path), the Python library docker, the program C(docker), and root
"""
