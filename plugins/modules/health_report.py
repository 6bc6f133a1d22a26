#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_report
short_description: Write the health report of a stack on the controller
version_added: 1.0.0
description:
  - Takes check results, compares them with those of the last look, and writes a page for people (HTML with plots, and
    Markdown), a document for programs (JSON) and metrics for Prometheus.
  - It judges nothing, the check results are judged already. What nobody knows is never shown as good.
  - Earlier values are kept in a SQLite file for each stack. It cannot make the report fail. One that is damaged is told,
    set aside and begun anew; one that cannot be used for another reason is told. In both cases whatever is not fine is
    RV(new).
  - The JSON document is described by C(docs/health-report.schema.json) of the collection.
  - It runs on the controller, whatever the host of the task.
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
  check_mode:
    support: full
    details: The comparison is made with the history as it is; neither a report nor the history is written.
  diff_mode:
    support: none
    details: Two reports differ in nearly every line.
  idempotent:
    support: full
    details: The same check results with the same O(at) change nothing. Without O(at), each run is another look.
  platform:
    support: full
    platforms: posix
options:
  stack:
    description:
      - The stack's name. The files are called C(health-<stack>), so it must be the only one of that name in O(folder).
    type: str
    required: true
  host:
    description: The host it runs on, as the report names it.
    type: str
    default: ""
  language:
    description: The language of the report. The check results are in the one that they were made in.
    type: str
    choices: [en, es]
    default: en
  checks:
    description:
      - The check results, each with C(id), C(component), C(status) (V(ok), V(warning), V(unknown) or V(critical)) and
        C(summary), and if they are known with C(value), C(unit), C(warning), C(critical), C(since), C(evidence) (a list
        of lines) and C(advice).
      - Of the evidence, 50 lines of 2000 characters are kept.
      - Plots are drawn of C(disk.<mount>.bytes), C(backup.<source>.<repository>.size) and C(.duration),
        C(logs.<service>.errors), C(n8n.failed_executions), C(api.<name>.latency), C(database.connect), C(recovery.rto)
        and C(recovery.rpo). C(disk.<mount>.days_left) tells when a disk is full; without it, its last two weeks do.
    type: list
    elements: dict
    required: true
  at:
    description: When the checks were made (ISO 8601). If it is not set, now.
    type: str
  folder:
    description: The folder on the controller that gets the reports. It is made if it is missing.
    type: path
    required: true
  formats:
    description:
      - What to write. Each look takes the place of the one before.
    type: list
    elements: str
    choices: [json, markdown, html, prometheus]
    default: [json, markdown, html, prometheus]
  history:
    description: The SQLite file with the earlier looks. If it is not set, C(health-<stack>.sqlite) in O(folder).
    type: path
  history_keep:
    description:
      - For how long the history is kept. Of values older than two days one for each hour is kept, and of those older than
        a month one for each day.
    type: str
    default: 400d
  history_rows:
    description: How many looks, and how many values, the history holds at most. The oldest ones go first.
    type: int
    default: 200000
  prometheus_folder:
    description:
      - The folder on the controller that gets the metrics, such as that of the textfile collector of its node_exporter.
        If it is not set, O(folder).
      - The file appears by renaming, so that the collector never reads half of it, and all users may read it.
    type: path
seealso:
  - module: chatbot.ops.health_fleet
"""

EXAMPLES = r"""
- name: Write the health report
  chatbot.ops.health_report:
    stack: lottery-chatbot
    host: "{{ inventory_hostname }}"
    language: es
    checks:
      - id: disk./.bytes
        component: disk
        status: warning
        summary: / is 84 % full.
        value: 84.2
        unit: percent
        warning: 80
        critical: 90
        evidence: [67.4 GB of 80.0 GB used]
        advice: Remove what is not needed.
    folder: ./reports
  register: health

- name: Tell what is new
  ansible.builtin.debug:
    var: health.new
  when: health.new | length > 0

- name: Give the metrics to node_exporter on the managed host
  ansible.builtin.copy:
    src: "{{ health.paths.prometheus }}"
    dest: /var/lib/prometheus/node-exporter/
    mode: "0644"
"""

RETURN = r"""
at:
  description: When the checks were made (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-24T03:15:42.000000Z"
status:
  description: The worst state of all checks, V(critical) before V(unknown) before V(warning) before V(ok).
  returned: success
  type: str
  sample: critical
counts:
  description: How many checks are in each state.
  returned: success
  type: dict
  sample: {critical: 1, unknown: 0, warning: 2, ok: 45}
last_look:
  description: When the look was made that this one is compared with. Null if there is none.
  returned: success
  type: str
  sample: "2026-11-24T03:10:41.000000Z"
new:
  description: The ids of the checks that are not fine, and were fine, or not made, at the last look.
  returned: success
  type: list
  elements: str
  sample: [disk./.bytes]
worse:
  description: The ids of the checks that were not fine at the last look, and are worse now.
  returned: success
  type: list
  elements: str
  sample: [tls.bot.expiry]
recovered:
  description: The ids of the checks that were not fine at the last look, and are fine now.
  returned: success
  type: list
  elements: str
  sample: [server.memory]
gone:
  description: The ids of the checks that were not fine at the last look, and are not made any more. They have not recovered.
  returned: success
  type: list
  elements: str
  sample: []
paths:
  description: Where the report lies, by the names in O(formats).
  returned: success
  type: dict
  sample: {json: reports/health-lottery-chatbot.json, html: reports/health-lottery-chatbot.html}
history:
  description: The SQLite file with the earlier looks.
  returned: success
  type: str
  sample: reports/health-lottery-chatbot.sqlite
"""
