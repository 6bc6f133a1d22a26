#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: log_archive
short_description: Move old rows of a log table away, losing none
version_added: 1.0.0
description:
  - Moves the rows of a table that are older than O(older_than) to an archive table, to the repository, or away. It serves any
    table with a timestamp and a primary key.
  - It goes through the table by timestamp and key in short transactions, each with a limit for locks and for its time. It
    makes way where others wait for it, are at work, or replicas lag behind.
  - To an archive table, one statement a batch deletes the rows here and inserts them there. Each row is always in one of the
    two.
  - To the repository, rows are stored by month, read back, and only then deleted, exactly those. A backup of the source
    V(logs) holds them, with a manifest and a proof. Which rows are stored and not yet deleted stands in a table beside this
    one (its name with C(_archive_state) behind it), so that the next run ends what a killed one began.
  - Whole old partitions of a table that is partitioned by the timestamp are detached, archived, and dropped when empty.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.log_batches
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It tells how many rows of which months would move.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  table:
    description:
      - The table, with its schema, such as V(public.system_logs). No foreign key may refer to it.
    type: str
    required: true
  timestamp_column:
    description:
      - The column with the time of a row. One without a time zone is taken as UTC. An index should begin with it, and
        must in a large table.
    type: str
    default: created_at
  older_than:
    description:
      - Move the rows that are older than this.
    type: str
    default: 30d
  to:
    description:
      - Where to. V(table) is the archive table, V(repository) is O(repository). V(delete) keeps them nowhere.
    type: str
    choices:
      - table
      - repository
      - delete
    default: table
  partition:
    description:
      - V(month) makes the archive table one with a partition for each month (UTC), made when its first row comes. For
        O(to=table).
    type: str
    choices:
      - none
      - month
    default: none
  format:
    description:
      - How rows are written to the repository. V(copy) is the server's own text form, which C(psql) reads.
      - V(parquet) is for DuckDB, pandas and the like. This takes the Python library pyarrow. Types that Parquet lacks are
        text there.
    type: str
    choices:
      - copy
      - parquet
    default: copy
  object_rows:
    description:
      - How many rows a backup holds at most. A month with more of them becomes several.
    type: int
    default: 500000
  compression_level:
    description:
      - The level of zstd, from V(1) (fast) to V(19) (small).
    type: int
    default: 3
  recipients:
    description:
      - Who can read the archived rows. Public keys of age (V(age1...)) or of SSH (V(ssh-ed25519 ...), V(ssh-rsa ...)).
      - They are not encrypted if this is empty.
    type: list
    elements: str
    default: []
  stack:
    description:
      - The name of the stack that the archived rows belong to, one segment of a path, such as V(lottery-chatbot).
      - Required if O(to=repository).
    required: false
  repository:
    description:
      - Where archived rows are kept.
      - Required if O(to=repository).
    required: false
notes:
  - The archive table has the columns of the table, and the timestamp and the key as its primary key. Columns that the table
    gets later are added to it. Nobody but the owner may read it at first, and row-level security is on if it is on for the
    table.
  - The user needs SELECT and DELETE on the table, the right to create a table in its schema (not for O(to=delete)), and to
    see all rows where row-level security is on. On Supabase, the user C(postgres) has all that. Use the direct connection
    or the pooler's session mode (port 5432) there, since locks last as long as a session.
  - What the repository holds of encrypted rows is compared by its digests before rows are deleted. What is not encrypted is
    decoded and counted as well.
  - C(backup_prune) keeps archived rows for ever, unless O(chatbot.ops.backup_prune#module:keep_logs_days) says otherwise.
  - Rows that an older backup of the whole database brings back are archived again. log_restore takes each row once.
seealso:
  - module: chatbot.ops.log_restore
  - module: chatbot.ops.backup_info
  - module: chatbot.ops.backup_verify
"""

EXAMPLES = r"""
- name: See how many rows of which months would move
  chatbot.ops.log_archive:
    dsn: "{{ vault_database_dsn }}"
    table: public.system_logs
    older_than: 30d
  check_mode: true
  diff: true

- name: Move old rows to an archive table with a partition for each month
  chatbot.ops.log_archive:
    dsn: "{{ vault_database_dsn }}"
    table: public.system_logs
    older_than: 30d
    partition: month
    time_budget: 20m

- name: Move old rows to the repository, encrypted
  chatbot.ops.log_archive:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    container: postgres
    dbname: lottery
    table: public.system_logs
    older_than: 90d
    to: repository
    recipients: ["{{ operator_public_key }}", "{{ safe_public_key }}"]
"""

RETURN = r"""
table:
  description: The table.
  returned: success
  type: str
  sample: public.system_logs
to:
  description: Where the rows went.
  returned: success
  type: str
  sample: table
archive:
  description: The archive table. Null, if rows go elsewhere.
  returned: success
  type: str
  sample: public.system_logs_archive
older_than:
  description: The time before which rows are old, in UTC.
  returned: success
  type: str
  sample: "2026-10-26 03:15:00.512345+00"
rows:
  description: How many rows moved, or would.
  returned: success
  type: int
  sample: 81250
months:
  description: The same by month.
  returned: success
  type: dict
  sample: {"2026-08": 40125, "2026-09": 41125}
complete:
  description: Whether no old row was left for the next run.
  returned: success
  type: bool
  sample: true
already_archived:
  description: Rows that the archive table had already, the same in every column. They were deleted.
  returned: success, not in check mode
  type: int
  sample: 0
batches:
  description: How many transactions it took.
  returned: success, not in check mode
  type: int
  sample: 12
postponed:
  description: How many batches met the locks of others again and again, and were left for the next run.
  returned: success, not in check mode
  type: int
  sample: 0
backups:
  description: The ids of the backups that hold the rows, with O(to=repository).
  returned: success, not in check mode
  type: list
  elements: str
  sample: [20261124T031500Z-logs-7f3a]
resumed:
  description: The ids of those that a killed run had stored, whose rows this one deleted.
  returned: success, not in check mode
  type: list
  elements: str
  sample: []
detached:
  description: The partitions that were detached as a whole.
  returned: success, not in check mode
  type: list
  elements: str
  sample: [public.system_logs_2026_08]
vacuumed:
  description: Whether the table was vacuumed.
  returned: success, not in check mode
  type: bool
  sample: true
duration_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 4.2
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._logs.archive import archive_rows
from ansible_collections.chatbot.ops.plugins.module_utils._logs.doors.archive import (
    ARCHIVE_ARGUMENTS,
    REQUIRED_IF,
    archive_request,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import login_for


def main() -> None:
    module = AnsibleModule(argument_spec=ARCHIVE_ARGUMENTS, required_if=REQUIRED_IF, supports_check_mode=True)
    try:
        with stoppable():
            wanted = archive_request(module.params, module.warn, check_mode=module.check_mode)
            result = archive_rows(login_for(module.params).require_dbname(), wanted, module.warn)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
