#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: uptime_monitor
short_description: Have a stack watched from outside, by UptimeRobot, Better Stack or healthchecks.io
version_added: 1.0.0
description:
  - Makes, changes, pauses, resumes or removes a monitor, and reads back what became of it.
  - A monitor is found by its name, else by its address. Where several could be meant, nothing is changed. One is removed
    only by its name.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.uptime
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
  name:
    description: The monitor's name.
    type: str
    required: true
  state:
    description:
      - V(present) is one that watches, so that one that is paused is resumed. V(paused) is there, and watches nothing.
    type: str
    choices: [present, absent, paused]
    default: present
  state_only:
    description:
      - Only pause or resume a monitor that is there, and leave its settings as they are.
    type: bool
    default: false
  url:
    description: The address that is visited, such as V(https://bot.example.com/health). Not with V(healthchecks).
    type: str
    default: ""
  keyword:
    description:
      - What must stand in the answer, such as V("status":"ok"). Empty, an answer with a good status is enough.
      - With V(uptimerobot), a monitor with a keyword is of another type than one without. To change that, it is made anew.
    type: str
    default: ""
  interval:
    description: How often it is visited, or how often a call is expected. Services limit it by the plan.
    type: str
    default: 5m
  timeout:
    description: How long the answer may take.
    type: str
    default: 30s
  alert_contacts:
    description:
      - Who is told. Without it, what is set in the dashboard stays.
      - V(uptimerobot) takes the addresses or names of alert contacts and of integrations (such as one with Slack);
        V(healthchecks) the names of integrations. Both take ids, too, and V(*) for all of them. They have to be there already,
        since each must confirm that it wants to be told.
      - V(betterstack) takes V(email), V(sms), V(call), V(push) and V(critical_alert), by which it tells whoever is on call, or
        V(policy:<id>) for an escalation policy, which may tell Slack.
    type: list
    elements: str
  grace:
    description: How late a call may be, with V(healthchecks).
    type: str
    default: 1h
  schedule:
    description: When calls are expected, as a cron expression, in place of O(interval), with V(healthchecks).
    type: str
    default: ""
  time_zone:
    description: The time zone of O(schedule), a name of the IANA database.
    type: str
    default: UTC
seealso:
  - module: chatbot.ops.uptime_monitor_info
  - module: chatbot.ops.heartbeat
"""

EXAMPLES = r"""
- name: Have the API of the lottery chatbot watched
  chatbot.ops.uptime_monitor:
    provider: uptimerobot
    api_key: "{{ vault_uptimerobot_api_key }}"
    name: lottery-chatbot API
    url: https://bot.example.com/health
    keyword: '"status":"ok"'
    alert_contacts: [ops@example.com, "#alerts"]
  delegate_to: localhost

- name: Pause it
  chatbot.ops.uptime_monitor:
    provider: uptimerobot
    api_key: "{{ vault_uptimerobot_api_key }}"
    name: lottery-chatbot API
    state: paused
    state_only: true
  delegate_to: localhost

- name: Have somebody wait for each night's backup
  chatbot.ops.uptime_monitor:
    provider: healthchecks
    api_key: "{{ vault_healthchecks_api_key }}"
    name: lottery-chatbot backup
    schedule: 15 3 * * *
    time_zone: America/Mexico_City
    grace: 2h
    alert_contacts: ["*"]
  delegate_to: localhost
"""

RETURN = r"""
monitor:
  description: The monitor as it is now. Null if there is none.
  returned: success
  type: dict
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
actions:
  description: What was done, or in check mode would be, in this order.
  returned: success
  type: list
  elements: str
  sample: [update]
was_paused:
  description: Whether it was paused before.
  returned: success
  type: bool
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.run import (
    MONITOR_ARGUMENTS,
    manage,
    open_client,
    read_wanted,
)


def main() -> None:
    module = AnsibleModule(argument_spec=MONITOR_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            wanted = read_wanted(module.params)
            result = manage(*open_client(module.params), wanted, check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
