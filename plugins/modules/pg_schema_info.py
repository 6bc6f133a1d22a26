#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_schema_info
short_description: Tell whether the schema of a PostgreSQL database is still what it was
version_added: 1.0.0
description:
  - Returns a digest of what programs that use the database count on, that is tables, views, constraints, indexes, triggers,
    functions and enumerations, and of how many migrations their tools have noted down.
  - Two looks with the same digest have no migration between them. Rows do not count, and neither do partitions.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
seealso:
  - module: chatbot.ops.stack_rollout
requirements:
  - The Python library psycopg2, as the role P(chatbot.ops.toolchain#role) installs it.
"""

EXAMPLES = r"""
- name: Look at the schema before the new version of the API runs
  chatbot.ops.pg_schema_info:
    container: postgres
    dbname: lottery
  register: before
"""

RETURN = r"""
digest:
  description: A digest of all of it.
  returned: success
  type: str
  sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
objects:
  description: A digest of each table, view, function and enumeration, and the number of rows of tables of migrations.
  returned: success
  type: dict
  sample: {public.orders: 0cc175b9c0f1b6a831c399e269772661, rows of public.migrations: "17"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import login_for
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.shape import look_at_shape


def main() -> None:
    module = AnsibleModule(argument_spec=CONNECTION_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = look_at_shape(login_for(module.params).require_dbname())
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
