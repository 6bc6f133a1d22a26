#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: recovery_journal
short_description: Keep the journal of a recovery on the controller
version_added: 1.0.0
description:
  - Keeps which phases of a recovery are done, and what they learnt, so that a run that failed goes on where it stopped.
  - The journal is a file on the controller, since the managed host may be the one that was lost. The role
    P(chatbot.ops.rebuild#role) is what uses it.
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
  diff_mode:
    support: none
    details: The journal is about the run; it changes nothing of the managed host.
  idempotent:
    support: partial
    details: Each mark is one more line.
  platform:
    support: full
    platforms: posix
options:
  folder:
    description: The folder on the controller that holds the journals. It is made if it is missing.
    type: path
    required: true
  stack:
    description: The stack that is recovered.
    type: str
    required: true
  kind:
    description: What kind of recovery begins. It is a part of the journal's id.
    type: str
    default: rebuild
  action:
    description:
      - V(read) only reads. V(open) goes on with the journal that is there, or begins one. V(mark) writes down what became
        of a phase. V(finish) ends it.
      - All but V(read) are refused while another process of the same controller is at this recovery.
    type: str
    choices: [read, open, mark, finish]
    required: true
  fresh:
    description: Begin a new journal even if there is one. The old one is kept beside.
    type: bool
    default: false
  phase:
    description: The phase to mark.
    type: str
  outcome:
    description: What became of it.
    type: str
    choices: [begun, done, failed]
  facts:
    description: What the phase learnt, for the ones behind it. No secrets.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Go on with the rebuild of the lottery chatbot, or begin one
  chatbot.ops.recovery_journal:
    folder: ./recoveries
    stack: lottery-chatbot
    action: open
  register: opened

- name: Write down that the old server is fenced
  chatbot.ops.recovery_journal:
    folder: ./recoveries
    stack: lottery-chatbot
    action: mark
    phase: fence
    outcome: done
"""

RETURN = r"""
journal:
  description: The journal, or null if there is none.
  returned: success
  type: dict
  sample: {id: 20261124T031500Z-rebuild-7f3a, begun: "2026-11-24T03:15:00.000000Z", finished: null, facts: {}, phases: []}
done:
  description: The phases that are done, in their order.
  returned: success
  type: list
  elements: str
  sample: [choose, fence]
record:
  description: The figures of a finished recovery, or null.
  returned: success
  type: dict
  sample: {rto_seconds: 184.2, rpo_seconds: 3605.1, phases: {choose: 1.2, fence: 3.4}}
"""
