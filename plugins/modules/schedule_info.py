#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule_info
short_description: Tell what became of the jobs that run by themselves
version_added: 1.0.0
description:
  - Reads what the jobs that the role P(chatbot.ops.schedule#role) installed have left on their host, and turns it into check
    results. A run that was missed, failed, was cut off or skipped is seen, and so is a timer that somebody stopped.
  - Run it on the host that the jobs run on.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It changes nothing.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  stack:
    description:
      - The stack's name, as the schedule was installed with.
    type: str
    required: true
  folder:
    description:
      - Where the jobs are described.
    type: path
    default: /etc/chatbot-ops/schedule
  language:
    description:
      - The language of the summaries and the advice.
    type: str
    choices:
      - en
      - es
    default: en
"""

EXAMPLES = r"""
- name: See what runs by itself
  chatbot.ops.schedule_info:
    stack: lottery-chatbot
  become: true
  register: schedule

- name: Fail if a job did
  ansible.builtin.assert:
    that: schedule.checks | selectattr('status', 'in', ['critical', 'unknown']) | length == 0
    fail_msg: "{{ schedule.checks | rejectattr('status', 'eq', 'ok') | map(attribute='summary') | list }}"
"""

RETURN = r"""
jobs:
  description: The jobs, by their names.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The job's name.
      type: str
      returned: always
      sample: backup
    playbook:
      description: What it runs. Null if its description cannot be read, as below.
      type: str
      returned: always
      sample: backup_stack
    backend:
      description: What starts it, V(systemd) or V(cron).
      type: str
      returned: always
      sample: systemd
    calendar:
      description: When, in the words of systemd or the five fields of cron.
      type: str
      returned: always
      sample: "*-*-* 03:30:00"
    unit:
      description: The unit of systemd without its ending, or null.
      type: str
      returned: always
      sample: chatbot-ops-lottery-chatbot@backup
    running:
      description: Whether it is at work now.
      type: bool
      returned: always
      sample: false
    last_run:
      description: When its last run began (UTC), or null.
      type: str
      returned: always
      sample: "2026-11-24T03:30:04Z"
    last_end:
      description: When its last run ended, or null.
      type: str
      returned: always
      sample: "2026-11-24T03:31:22Z"
    last_success:
      description: When it last ended well, or null.
      type: str
      returned: always
      sample: "2026-11-24T03:31:22Z"
    exit_status:
      description: The exit status of its last run. Null if it has not ended, or was cut off.
      type: int
      returned: always
      sample: 0
    skipped:
      description: When it last could not begin since another run was at work, or null.
      type: str
      returned: always
      sample: null
    log:
      description: Where its output is. A file, or the command that shows it.
      type: str
      returned: always
      sample: journalctl --unit=chatbot-ops-lottery-chatbot@backup.service
    problem:
      description: Why nothing is known of it, or empty.
      type: str
      returned: always
      sample: ""
checks:
  description:
    - The check results. V(schedule.<job>.late), V(schedule.<job>.failed), V(schedule.<job>.skipped), and with systemd
      V(schedule.<job>.timer); V(schedule.jobs) if there is no job at all.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The check's name.
      type: str
      returned: always
      sample: schedule.backup.late
    component:
      description: Always V(schedule).
      type: str
      returned: always
      sample: schedule
    status:
      description: V(ok), V(warning), V(critical) or V(unknown).
      type: str
      returned: always
      sample: ok
    summary:
      description: What was found.
      type: str
      returned: always
      sample: backup was last started 2026-11-24 03:30:04Z.
    value:
      description: Always null.
      type: float
      returned: always
      sample: null
    unit:
      description: Always empty.
      type: str
      returned: always
      sample: ""
    warning:
      description: Always null.
      type: float
      returned: always
      sample: null
    critical:
      description: Always null.
      type: float
      returned: always
      sample: null
    since:
      description: When the last run began, or null.
      type: str
      returned: always
      sample: "2026-11-24T03:30:04Z"
    evidence:
      description: Always empty.
      type: list
      elements: str
      returned: always
      sample: []
    advice:
      description: What to do, or empty.
      type: str
      returned: always
      sample: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.look import SCHEDULE_ARGUMENTS, Look, look


def main() -> None:
    module = AnsibleModule(argument_spec=SCHEDULE_ARGUMENTS, supports_check_mode=True)
    try:
        result = look(Look.from_params(module.params))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
