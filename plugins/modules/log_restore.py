#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: log_restore
short_description: Bring archived rows of a time range back
version_added: 1.0.0
description:
  - Brings rows that P(chatbot.ops.log_archive#module) moved away back into their table, or into another one.
  - From the repository, the rows of each backup are decoded into a temporary table first, and compared with the proof in its
    manifest. Then those of the time range are inserted. Rows whose key is there already are left as they are, and counted.
    The backups stay.
  - From the archive table, the rows move back, as they came. Rows that others hold locked again and again are left, and it
    fails in the end; a second run brings them. Where O(time_budget) or O(row_budget) is used up, it warns.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.identity
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
    details: Check mode cannot tell which rows are there already, and says that it would change something.
  platform:
    platforms: posix
    support: full
options:
  table:
    description:
      - The table that the rows were archived from, with its schema.
    type: str
    required: true
  timestamp_column:
    description:
      - The column with the time of a row.
    type: str
    default: created_at
  source:
    description:
      - Where the rows are. V(repository) is O(repository), V(table) the archive table.
    type: str
    choices:
      - repository
      - table
    default: repository
  since:
    description:
      - Only rows of this time or later (ISO 8601, UTC unless it says otherwise).
    type: str
  until:
    description:
      - Only rows before this time.
    type: str
  to_table:
    description:
      - Bring them into this table, with its schema. From the repository, it is made if there is none.
      - The table itself, if it is not set. Its old rows are archived again by the next run of log_archive, so to look at old
        rows, another table is the better place.
    type: str
  work_dir:
    description:
      - The folder for what cannot be read as a stream (Parquet). It is removed at the end.
    type: path
    default: /var/tmp
  stack:
    description:
      - The name of the stack that the archived rows belong to, one segment of a path, such as V(lottery-chatbot).
      - Required if O(source=repository).
    required: false
  repository:
    description:
      - Where archived rows are kept.
      - Required if O(source=repository).
    required: false
seealso:
  - module: chatbot.ops.log_archive
"""

EXAMPLES = r"""
- name: Look at the rows of one week, in a table of their own
  chatbot.ops.log_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    dsn: "{{ vault_database_dsn }}"
    table: public.system_logs
    since: 2026-08-03T00:00:00Z
    until: 2026-08-10T00:00:00Z
    to_table: public.system_logs_august
    identity: "{{ vault_backup_identity }}"

- name: Move the rows of the archive table back
  chatbot.ops.log_restore:
    dsn: "{{ vault_database_dsn }}"
    table: public.system_logs
    source: table
    since: 2026-08-01T00:00:00Z
"""

RETURN = r"""
table:
  description: The table that the rows are in now.
  returned: success
  type: str
  sample: public.system_logs
rows:
  description: How many rows came. In check mode, how many the archives have, those outside of the time range included.
  returned: success
  type: int
  sample: 9120
present:
  description: How many were not taken, since a row of their key was there.
  returned: success
  type: int
  sample: 0
complete:
  description: Whether all rows came. Always, from the repository; from the archive table, unless the budget was used up.
  returned: success
  type: bool
  sample: true
months:
  description: The rows of the archives by month.
  returned: success
  type: dict
  sample: {"2026-08": 40125}
backups:
  description: The backups that have rows in the time range.
  returned: success
  type: list
  elements: str
  sample: [20261124T031500Z-logs-7f3a]
proofs:
  description: What was compared.
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The backup.
      type: str
      returned: always
      sample: 20261124T031500Z-logs-7f3a
    rows:
      description: How many of its rows are in the time range.
      type: int
      returned: always
      sample: 9120
    equal:
      description: Whether all of its rows are as its manifest claims. It is a failure otherwise.
      type: bool
      returned: always
      sample: true
duration_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 1.3
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import IDENTITY_EXCLUSIVE
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._logs.doors.restore import (
    REQUIRED_IF,
    RESTORE_ARGUMENTS,
    restore_request,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.restore import restore_rows
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import login_for


def main() -> None:
    module = AnsibleModule(
        argument_spec=RESTORE_ARGUMENTS,
        required_if=REQUIRED_IF,
        mutually_exclusive=[IDENTITY_EXCLUSIVE],
        supports_check_mode=True,
    )
    try:
        with stoppable():
            wanted = restore_request(module.params, module.warn, check_mode=module.check_mode)
            result = restore_rows(login_for(module.params).require_dbname(), wanted, module.warn)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
