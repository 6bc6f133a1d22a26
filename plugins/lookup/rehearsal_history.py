# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup chatbot.ops.rehearsal_history."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rehearsal_history
author:
  - chatbot.ops contributors (@chatbot-ops)
version_added: 1.0.0
short_description: List the past rehearsals of a stack
description:
  - Reads the records that P(chatbot.ops.rehearsal#role) left in a folder of the controller, and returns the newest ones,
    oldest first.
  - A record that cannot be read is left out, with a warning.
options:
  _terms:
    description: The folder. If there is none, there were no rehearsals.
    type: list
    elements: str
    required: true
  stack:
    description: The stack's name.
    type: str
    required: true
  limit:
    description: How many rehearsals to return at most.
    type: int
    default: 24
seealso:
  - plugin: chatbot.ops.rehearsal_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Tell how long the last recovery took
  ansible.builtin.debug:
    msg: "{{ rehearsals[-1].rto_seconds }}"
  vars:
    rehearsals: "{{ query('chatbot.ops.rehearsal_history', 'reports', stack='lottery-chatbot') }}"
  when: rehearsals | length > 0
"""

RETURN = r"""
_list:
  description: The rehearsals, oldest first.
  type: list
  elements: dict
  contains:
    ended:
      description: When it ended (UTC, ISO 8601).
      type: str
    mode:
      description: C(scratch), C(isolated) or C(disaster).
      type: str
    state:
      description:
        - V(proven) if everything came back and nothing is wrong, V(flawed) if everything came back but something beside is
          not as it should be, and V(failed) otherwise.
      type: str
    rto_seconds:
      description: How long the recovery took. V(null) if there was none.
      type: float
    rpo_seconds:
      description: How old the newest copy was when it was needed. V(null) if that is not known.
      type: float
    rto_objective_seconds:
      description: How long it may take, or V(null).
      type: float
    rpo_objective_seconds:
      description: How old the copy may be, or V(null).
      type: float
    met:
      description: Whether everything came back, and both objectives were met. V(null) if there is no objective.
      type: bool
    phases:
      description: The seconds of each phase by its name. V(null) if it did not come to its end.
      type: dict
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.chatbot.ops.plugins.module_utils._report.history import read_history


class LookupModule(LookupBase):  # type: ignore[misc]
    """Gives the lookup to Ansible."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """Return the rehearsals recorded in the folders ``terms``; see :func:`read_history`."""
        self.set_options(var_options=variables, direct=kwargs)
        stack, limit = self.get_option("stack"), self.get_option("limit")
        if limit < 1:
            raise AnsibleLookupError(f"rehearsal_history: limit is {limit}. Give a number from 1 on.")
        warn = Display().warning
        return [row for folder in terms for row in read_history(folder, stack, limit, warn)]
