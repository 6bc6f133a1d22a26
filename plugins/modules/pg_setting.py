#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_setting
short_description: Read a setting that an application keeps in its database, or keep it at a value
version_added: 1.0.0
description:
  - Asks for one row. With O(statement), it is run if the row does not hold O(values), and the row is read again, in the same
    transaction; if it does not hold them even then, nothing is changed, and the module fails.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  query:
    description:
      - A query that returns one row. V(%(name\)s) in it stands for a value of O(values); a percent sign is written twice.
    type: str
    required: true
  statement:
    description:
      - A statement that makes the row hold O(values), which stand in it as in O(query). Without it, the row is only read.
    type: str
  values:
    description:
      - What the row has to hold, by the names of its columns; and what stands in O(query) and O(statement).
      - Numbers are compared as numbers, whatever type the column has.
    type: dict
    default: {}
  timeout:
    description:
      - For how long the server may work on each of them.
    type: str
    default: 10s
seealso:
  - module: chatbot.ops.system_log_info
"""

EXAMPLES = r"""
- name: Count the conversations that were begun today
  chatbot.ops.pg_setting:
    container: postgres
    project: lottery-chatbot
    dbname: lottery
    query: SELECT count(DISTINCT user_phone) AS sent FROM messages WHERE created_at > now() - interval '24 hours'
  register: sent

- name: Keep the API's rate at 20 messages a second
  chatbot.ops.pg_setting:
    container: postgres
    project: lottery-chatbot
    dbname: lottery
    query: SELECT rate FROM whatsapp_limits WHERE number = 'sales'
    statement: UPDATE whatsapp_limits SET rate = %(rate)s WHERE number = 'sales'
    values:
      rate: 20
"""

RETURN = r"""
row:
  description: The row as it is in the end, by the names of its columns. Null if there was none in check mode.
  returned: success
  type: dict
  sample: {"rate": 20}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.setting import (
    SETTING_ARGUMENTS,
    keep_setting,
    setting_from,
    setting_login,
)


def main() -> None:
    module = AnsibleModule(argument_spec=SETTING_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            setting = setting_from(module.params)
            result = keep_setting(setting_login(module.params), setting, check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
