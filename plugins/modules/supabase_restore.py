#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_restore
short_description: Have Supabase bring a project back to an earlier time
version_added: 1.0.0
description:
  - Asks Supabase to bring the whole database of a project back, to a point in time or to a managed backup, and waits
    until the project and its database are healthy again.
  - What was written since is lost for good, and the project is out of use meanwhile. Take a dump first
    (M(chatbot.ops.pg_dump)) if it may be wanted.
  - The project's state, what there is to restore and the times are checked before anything is asked for. A paused
    project, one that is busy otherwise, a time that is out of reach, and a backup that is not complete are refused.
  - A project that is being restored already is waited for, and no second restore is begun. So a run that was cut off can
    be repeated while the restore goes on. Supabase does not tell to which instant such a restore goes.
  - Supabase cannot prove what a restore brought back. Look at the newest rows, or compare with a dump.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.supabase
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It tells what would be restored, and how much would be lost.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: A restore that is under way is waited for. Once it has ended, another run begins another one.
  platform:
    platforms: posix
    support: full
options:
  method:
    description:
      - V(point_in_time) goes to any second that point-in-time recovery (an add-on of the paid plans) reaches.
      - V(managed_backup) goes to one of the daily backups. Supabase's API restores physical ones only.
    type: str
    required: true
    choices:
      - point_in_time
      - managed_backup
  recovery_time:
    description:
      - With O(method=point_in_time), the second to go back to (ISO 8601; without a time zone, UTC).
    type: str
  before:
    description:
      - With O(method=point_in_time), go back to the last second before this time.
      - With O(method=managed_backup), go back to the newest backup that was taken before it.
    type: str
  backup_id:
    description:
      - With O(method=managed_backup), the number of the backup, or V(latest).
    type: str
    default: latest
  confirm:
    description:
      - O(project_ref), typed again by whoever wants the database replaced. Not needed in check mode.
    type: str
  time_limit:
    description:
      - How long to wait until the project is healthy again. The restore goes on if that is too short.
    type: str
    default: 2h
  start_limit:
    description:
      - How long to wait until the project begins to restore.
    type: str
    default: 10m
  poll_interval:
    description:
      - How long to wait between two looks at the project.
    type: str
    default: 10s
seealso:
  - module: chatbot.ops.supabase_backup_info
  - module: chatbot.ops.pg_restore
"""

EXAMPLES = r"""
- name: Go back to the second before the accident
  chatbot.ops.supabase_restore:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_access_token }}"
    method: point_in_time
    before: 2026-11-24T03:15:00Z
    confirm: abcdefghijklmnopqrst

- name: Go back to the newest daily backup
  chatbot.ops.supabase_restore:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_access_token }}"
    method: managed_backup
    confirm: abcdefghijklmnopqrst
"""

RETURN = r"""
project_ref:
  description: The project.
  returned: success
  type: str
  sample: abcdefghijklmnopqrst
joined:
  description: Whether the project was being restored already, so that this run waited only.
  returned: success
  type: bool
  sample: false
method:
  description: The method asked for.
  returned: success
  type: str
  sample: point_in_time
recovery_time:
  description: The instant that the project goes back to (UTC, ISO 8601). Null if RV(joined), since nobody tells.
  returned: success
  type: str
  sample: "2026-11-24T03:14:59.000000Z"
backup_id:
  description: The managed backup. Null if RV(joined), or if there is none to it.
  returned: success
  type: int
  sample: 4711
lost_seconds:
  description: How long before the present RV(recovery_time) is. What was written in that time is lost. Null if RV(joined).
  returned: success
  type: int
  sample: 1260
status:
  description: The project's state, at the end or, in check mode, now.
  returned: success
  type: str
  sample: ACTIVE_HEALTHY
duration_seconds:
  description: How long it took until the project was healthy.
  returned: success, not in check mode
  type: float
  sample: 312.5
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.plan import (
    RESTORE_ARGUMENTS,
    patience_from,
    wanted_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.restore import Request, restore_project
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import API_ARGUMENTS, read_settings


def main() -> None:
    module = AnsibleModule(argument_spec={**API_ARGUMENTS, **RESTORE_ARGUMENTS}, supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            request = Request(wanted_from(params), patience_from(params), params["confirm"])
            client = Client(read_settings(params))
            result = restore_project(client, request, module.warn, check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
