#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_fleet
short_description: Write one page about the health of all stacks
version_added: 1.0.0
description:
  - Reads the last report that M(chatbot.ops.health_report) wrote of each stack, and writes one page of all of them, the
    worst ones first. Each leads to its own page.
  - A stack without a report, with one that cannot be read, or with one older than O(max_age) is V(unknown). Nobody knows
    how it is.
  - The page needs no JavaScript, and lies beside the reports.
  - It runs on the controller, once for all hosts.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
  - action_common_attributes.flow
attributes:
  action:
    support: full
  async:
    support: none
  bypass_host_loop:
    support: none
    details: Run it with C(run_once).
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Two pages differ in nearly every line.
  idempotent:
    support: full
    details: The same reports with the same O(at) change nothing.
  platform:
    support: full
    platforms: posix
options:
  folder:
    description: The folder on the controller that has the reports, and gets C(fleet.html) and C(fleet.json).
    type: path
    required: true
  stacks:
    description:
      - The names of the stacks that there should be, no others are shown. If there are none, all that have a report are.
    type: list
    elements: str
    default: []
  language:
    description: The language of the page. What the checks say is in the language of each report.
    type: str
    choices: [en, es]
    default: en
  at:
    description: The time that the reports' age is told from (ISO 8601). If it is not set, now.
    type: str
  max_age:
    description: From which age on a report is not relied on.
    type: str
    default: 26h
  formats:
    description: What to write.
    type: list
    elements: str
    choices: [json, html]
    default: [json, html]
seealso:
  - module: chatbot.ops.health_report
"""

EXAMPLES = r"""
- name: Write the page of all stacks
  chatbot.ops.health_fleet:
    folder: ./reports
    stacks: "{{ groups['chatbot_stacks'] | map('extract', hostvars, ['chatbot_stack', 'name']) | list }}"
    language: es
  run_once: true
"""

RETURN = r"""
at:
  description: The time that the reports' age is told from (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-24T03:15:42.000000Z"
status:
  description: The worst state of all stacks.
  returned: success
  type: str
  sample: critical
counts:
  description: How many stacks are in each state.
  returned: success
  type: dict
  sample: {critical: 1, unknown: 0, warning: 2, ok: 45}
stacks:
  description: The stacks, the worst ones first.
  returned: success
  type: list
  elements: dict
  contains:
    stack:
      description: The stack's name.
      type: str
      returned: always
      sample: lottery-chatbot
    host:
      description: The host it runs on. Empty if nobody knows.
      type: str
      returned: always
      sample: bot.example.org
    status:
      description: Its worst state.
      type: str
      returned: always
      sample: critical
    at:
      description: When it was looked at (UTC, ISO 8601). Null if nobody knows.
      type: str
      returned: always
      sample: "2026-11-24T03:10:41.000000Z"
    counts:
      description: How many of its checks are in each state.
      type: dict
      returned: always
      sample: {critical: 1, unknown: 0, warning: 2, ok: 45}
paths:
  description: Where the page lies, by the names in O(formats).
  returned: success
  type: dict
  sample: {json: reports/fleet.json, html: reports/fleet.html}
"""
