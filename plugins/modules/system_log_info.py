#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_log_info
short_description: Errors and warnings in a stack's table of logs, by workflow and by what they have in common
version_added: 1.0.0
description:
  - Asks the database for the errors and warnings in the table that the workflows log to, by workflow, by user and by
    signature, and compares their rate with that of the time before.
  - The server does the counting, in one transaction that writes nothing. No row leaves it but one message of each signature,
    which is masked.
  - The table has the columns C(level), C(message) and C(created_at), and may have C(user_phone) and C(workflow_id).
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It does not remember then what it saw.
  diff_mode:
    support: none
    details: It changes nothing but its own memory.
  idempotent:
    support: full
    details: What was new is not at the next look.
  platform:
    platforms: posix
    support: full
options:
  table:
    description:
      - The table, with its schema if that is not in the search path. Names of capital letters need double quotes.
    type: str
    default: system_logs
  since:
    description:
      - How far back to look, by the server's clock.
    type: str
    default: 24h
  compare:
    description:
      - How much of the time before to compare with.
    type: str
    default: 7d
  error_levels:
    description:
      - The levels that are errors, in small letters.
    type: list
    elements: str
    default: [error, fatal, critical]
  warning_levels:
    description:
      - The levels that are warnings, in small letters.
    type: list
    elements: str
    default: [warning, warn]
  limit:
    description:
      - How many signatures, workflows and users each are returned. All are counted.
    type: int
    default: 50
  timeout:
    description:
      - For how long the server may work on one question.
    type: str
    default: 60s
  state_file:
    description:
      - The file on the host that remembers the signatures of the last look, at most 5000 of them.
      - By default, it is named after database and table in C(/var/lib/chatbot-ops/log_review).
    type: path
seealso:
  - module: chatbot.ops.container_log_info
"""

EXAMPLES = r"""
- name: See which workflows went wrong since yesterday
  chatbot.ops.system_log_info:
    container: postgres
    project: lottery-chatbot
    dbname: lottery
  register: logs

- name: Insist that there are not three times as many errors as last week
  ansible.builtin.assert:
    that: logs.ratio is none or logs.ratio < 3
"""

RETURN = r"""
database:
  description: The database.
  returned: success
  type: str
  sample: lottery
table:
  description: The table.
  returned: success
  type: str
  sample: system_logs
since:
  description: From when on rows were counted (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-23T03:15:00.000000Z"
until:
  description: Until when.
  returned: success
  type: str
  sample: "2026-11-24T03:15:00.000000Z"
previous_look:
  description: When they were counted the last time; null if never. Then every signature is new.
  returned: success
  type: str
  sample: "2026-11-23T03:15:00.000000Z"
duration_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.21
rows:
  description: How many rows of any level there are of the time.
  returned: success
  type: int
  sample: 18210
oldest:
  description: The time of the oldest row in the table; null if it is empty.
  returned: success
  type: str
  sample: "2026-08-26T03:00:00.000000Z"
newest:
  description: The time of the newest one.
  returned: success
  type: str
  sample: "2026-11-24T03:14:58.000000Z"
error_count:
  description: How many errors there are of the time.
  returned: success
  type: int
  sample: 112
warning_count:
  description: How many warnings.
  returned: success
  type: int
  sample: 420
errors_per_day:
  description: The errors as a rate.
  returned: success
  type: float
  sample: 112.0
errors_per_day_before:
  description: The rate of the time before; null if there are no rows of it.
  returned: success
  type: float
  sample: 98.5
compared_days:
  description: Of how many days before there are rows, at most O(compare).
  returned: success
  type: float
  sample: 7.0
ratio:
  description: RV(errors_per_day) by RV(errors_per_day_before); null if there was no error before.
  returned: success
  type: float
  sample: 1.137
users:
  description: How many users met an error.
  returned: success
  type: int
  sample: 87
users_hit:
  description: Those that met the most.
  returned: success
  type: list
  elements: dict
  contains:
    user:
      description: The telephone number, all but its last two digits masked.
      type: str
      returned: always
      sample: "***78"
    errors:
      description: How many errors this user met.
      type: int
      returned: always
      sample: 4
workflows:
  description: The workflows with an error or a warning, the worst first.
  returned: success
  type: list
  elements: dict
  contains:
    workflow_id:
      description: The workflow; null for rows that name none.
      type: str
      returned: always
      sample: inbound000000001
    error_count:
      description: Its errors.
      type: int
      returned: always
      sample: 60
    warning_count:
      description: Its warnings.
      type: int
      returned: always
      sample: 12
    users:
      description: How many users met an error in it.
      type: int
      returned: always
      sample: 40
    last:
      description: When it logged the last one.
      type: str
      returned: always
      sample: "2026-11-24T03:10:00.000000Z"
    errors_per_day_before:
      description: As RV(errors_per_day_before), of this workflow.
      type: float
      returned: always
      sample: 20.0
    ratio:
      description: As RV(ratio), of this workflow.
      type: float
      returned: always
      sample: 3.0
signatures:
  description: What errors and warnings have in common, new ones first, then errors, then the most frequent ones.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The signature's id, the same at each look.
      type: str
      returned: always
      sample: 0f3a9c1b2d4e5f60
    signature:
      description: The message without what varies.
      type: str
      returned: always
      sample: Pedido <n> rechazado
    severity:
      description: V(error) or V(warning).
      type: str
      returned: always
      sample: error
    count:
      description: How often.
      type: int
      returned: always
      sample: 12
    users:
      description: How many users met it, at least.
      type: int
      returned: always
      sample: 11
    workflows:
      description: How many workflows logged it, at least.
      type: int
      returned: always
      sample: 1
    first:
      description: When first in the time.
      type: str
      returned: always
      sample: "2026-11-24T02:00:00.000000Z"
    last:
      description: When last.
      type: str
      returned: always
      sample: "2026-11-24T03:00:00.000000Z"
    sample:
      description: One of them, masked, at most 300 characters of it.
      type: str
      returned: always
      sample: Pedido 100034 rechazado
    new:
      description: Whether it was not there at the last look.
      type: bool
      returned: always
      sample: true
new_signatures:
  description: How many signatures are new.
  returned: success
  type: int
  sample: 1
more_signatures:
  description: How many more there are than O(limit), at least.
  returned: success
  type: int
  sample: 0
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.system_logs import (
    look_at_table,
    table_login,
    table_look_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS

ARGUMENTS = {
    **CONNECTION_ARGUMENTS,
    "table": {"type": "str", "default": "system_logs"},
    "since": {"type": "str", "default": "24h"},
    "compare": {"type": "str", "default": "7d"},
    "error_levels": {"type": "list", "elements": "str", "default": ["error", "fatal", "critical"]},
    "warning_levels": {"type": "list", "elements": "str", "default": ["warning", "warn"]},
    "limit": {"type": "int", "default": 50},
    "timeout": {"type": "str", "default": "60s"},
    "state_file": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            login = table_login(module.params)
            look = table_look_from(module.params, login, check_mode=module.check_mode)
            result = look_at_table(login, look)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
