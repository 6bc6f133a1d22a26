#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: supabase_backup_info
short_description: Tell what a Supabase project can be brought back from
version_added: 1.0.0
description:
  - Reads a project's state, the health of its services, its managed backups and the span that point-in-time recovery
    reaches, from Supabase's Management API. Nothing is changed.
  - What is missing is told plainly, in RV(notes), such as what the organization's plan does not include.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.supabase
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
options:
  max_age:
    description:
      - How old the newest recovery point may be, such as V(26h), for RV(fresh).
    type: str
seealso:
  - module: chatbot.ops.supabase_restore
  - module: chatbot.ops.pg_dump
"""

EXAMPLES = r"""
- name: See what the project can be brought back from
  chatbot.ops.supabase_backup_info:
    project_ref: abcdefghijklmnopqrst
    access_token: "{{ vault_supabase_access_token }}"
    max_age: 26h
  register: supabase

- name: Insist that there is something
  ansible.builtin.assert:
    that: supabase.fresh
    fail_msg: "{{ supabase.notes | join(' ') }}"
"""

RETURN = r"""
project:
  description: The project.
  returned: success
  type: dict
  contains:
    ref:
      description: Its reference.
      type: str
      returned: always
      sample: abcdefghijklmnopqrst
    name:
      description: Its name.
      type: str
      returned: always
      sample: lottery
    organization:
      description: The organization that it belongs to.
      type: str
      returned: always
      sample: tsrqponmlkjihgfedcba
    region:
      description: Where it runs.
      type: str
      returned: always
      sample: us-east-1
    status:
      description: Its state in Supabase's words, such as C(ACTIVE_HEALTHY), C(INACTIVE) (paused) or C(RESTORING).
      type: str
      returned: always
      sample: ACTIVE_HEALTHY
    postgres_version:
      description: The version of its database.
      type: str
      returned: always
      sample: 17.6.1.132
services:
  description: The health of its services. None are asked while the project is not C(ACTIVE_HEALTHY).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The service.
      type: str
      returned: always
      sample: db
    status:
      description: C(ACTIVE_HEALTHY), C(COMING_UP) or C(UNHEALTHY).
      type: str
      returned: always
      sample: ACTIVE_HEALTHY
    error:
      description: What is wrong with it. Null if nothing is said.
      type: str
      returned: always
      sample: null
healthy:
  description: Whether the project and all of these services are healthy.
  returned: success
  type: bool
  sample: true
plan:
  description: The organization's plan. Null if the token may not read it.
  returned: success
  type: str
  sample: pro
pitr:
  description: Point-in-time recovery.
  returned: success
  type: dict
  contains:
    enabled:
      description: Whether it is enabled.
      type: bool
      returned: always
      sample: true
    earliest:
      description: The first instant that it reaches (UTC, ISO 8601). Null if Supabase tells none.
      type: str
      returned: always
      sample: "2026-11-17T03:00:00.000000Z"
    latest:
      description: The last one.
      type: str
      returned: always
      sample: "2026-11-24T03:14:00.000000Z"
backups:
  description: The managed backups, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its number.
      type: int
      returned: always
      sample: 4711
    status:
      description: Only a C(COMPLETED) one can be restored.
      type: str
      returned: always
      sample: COMPLETED
    physical:
      description: Whether it is a physical one; others can be restored in the dashboard only.
      type: bool
      returned: always
      sample: true
    taken:
      description: When it was taken (UTC, ISO 8601).
      type: str
      returned: always
      sample: "2026-11-24T03:00:00.000000Z"
    age_seconds:
      description: Its age.
      type: int
      returned: always
      sample: 900
newest:
  description: The newest instant that the project can be brought back to. Null if there is none.
  returned: success
  type: str
  sample: "2026-11-24T03:14:00.000000Z"
age_seconds:
  description: The age of RV(newest).
  returned: success
  type: int
  sample: 60
fresh:
  description: Whether there is one that is no older than O(max_age). Null if that is not set.
  returned: success
  type: bool
  sample: true
notes:
  description: What one should know, a sentence or two each.
  returned: success
  type: list
  elements: str
  sample: ["The pro plan keeps daily backups for 7 days."]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.info import backup_info
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import API_ARGUMENTS, read_settings


def main() -> None:
    module = AnsibleModule(argument_spec={**API_ARGUMENTS, "max_age": {"type": "str"}}, supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            max_age = optional_duration("max_age", params["max_age"])
            result = backup_info(Client(read_settings(params)), max_age)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
