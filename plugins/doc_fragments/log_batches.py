# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules that move rows of a log table."""

from __future__ import annotations


class ModuleDocFragment:
    """The archive table, and how rows move in batches past the others that use the table."""

    DOCUMENTATION: str = r"""
options:
  archive_table:
    description:
      - The archive table, with its schema.
      - The table's own name with C(_archive) behind it, if it is not set.
    type: str
  batch_size:
    description:
      - How many rows a batch has at most. It begins with 1000 and follows the time that batches take, about 0.3 seconds.
    type: int
    default: 10000
  time_budget:
    description:
      - Begin no new batch after this time, such as V(20m). What is left is for the next run. No limit if it is not set.
    type: str
  row_budget:
    description:
      - Move no more rows than this in one run. No limit if it is not set.
    type: int
  lock_timeout:
    description:
      - How long a batch waits for somebody's lock until it is tried again, smaller.
    type: str
    default: 0.5s
  statement_timeout:
    description:
      - How long a statement may take until the batch is tried again, smaller.
    type: str
    default: 30s
  max_lag_bytes:
    description:
      - Rest while a replica is further behind than this many bytes of the write-ahead log.
      - The user sees that if it is a superuser or a member of C(pg_monitor).
    type: int
    default: 67108864
  vacuum:
    description:
      - VACUUM and ANALYZE the table afterwards, if it lost so many rows that it pays. This waits for nobody and stops nobody.
    type: bool
    default: true
"""
