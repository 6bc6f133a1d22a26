#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: uptime_monitor_info
short_description: Tell what the monitors outside see
version_added: 1.0.0
description:
  - Reads the monitors of UptimeRobot, Better Stack or healthchecks.io, and turns them into check results. Nothing is
    changed.
  - One that sees its site down, or that is not there, is critical. One that is paused is a warning, since it watches nothing,
    unless a maintenance window is open.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.uptime
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
  names:
    description: The names of the monitors that there should be. Empty for all that are there.
    type: list
    elements: str
    default: []
  in_window:
    description: Whether a maintenance window is open, in which monitors are meant to be paused.
    type: bool
    default: false
  language:
    description: The language of the check results.
    type: str
    choices: [en, es]
    default: en
seealso:
  - module: chatbot.ops.uptime_monitor
"""

EXAMPLES = r"""
- name: See what the monitors outside see
  chatbot.ops.uptime_monitor_info:
    provider: betterstack
    api_key: "{{ vault_betterstack_api_token }}"
    names: [lottery-chatbot API]
  delegate_to: localhost
  register: outside

- name: Tell who has to know
  ansible.builtin.include_role:
    name: chatbot.ops.notify
  vars:
    notify_checks: "{{ outside.checks }}"
"""

RETURN = r"""
monitors:
  description: The monitors that are there, of those that were asked for.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
      sample: "803161234"
    name:
      description: Its name.
      type: str
      returned: always
      sample: lottery-chatbot API
    url:
      description: The address that it visits. Null with V(healthchecks).
      type: str
      returned: always
      sample: https://bot.example.com/health
    status:
      description: C(up), C(down), C(paused), C(pending) (not looked at yet), C(late), C(maintenance) or C(unknown).
      type: str
      returned: always
      sample: up
checks:
  description: A check result for each of them, called C(monitor.<name>.status).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its name in full.
      type: str
      returned: always
      sample: monitor.lottery-chatbot-api.status
    component:
      description: The part that it tells of.
      type: str
      returned: always
      sample: monitors
    status:
      description: C(ok), C(warning), C(unknown) or C(critical).
      type: str
      returned: always
      sample: ok
    summary:
      description: What was found, in the language.
      type: str
      returned: always
      sample: Better Stack sees that lottery-chatbot API works.
    evidence:
      description: What was seen.
      type: list
      elements: str
      returned: always
      sample: ["https://bot.example.com/health"]
    advice:
      description: What to do next. Empty where all is well.
      type: str
      returned: always
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.info import INFO_ARGUMENTS, tell
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.run import open_client


def main() -> None:
    module = AnsibleModule(argument_spec=INFO_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = tell(*open_client(module.params), module.params)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
