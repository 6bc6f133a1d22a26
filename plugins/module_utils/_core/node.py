# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a file that lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A file, folder, link or pipe that is kept, by its path; the other fields are those of :class:`os.stat_result`.

    The kind in ``st_mode`` is 0 for what holds no data and is made by the operating system, such as a device.
    """

    path: str
    st_mode: int
    st_size: int
    st_mtime_ns: int
    st_uid: int
    st_gid: int
