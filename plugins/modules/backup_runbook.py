#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_runbook
short_description: Keep the runbook of a stack beside a set of its backups
version_added: 1.0.0
description:
  - Makes sure that pages for people, which say what to do in an emergency and whom to call, lie beside a set of backups,
    in the repository itself. So they outlive the server, and the controller.
  - They lie where the recovery page of the set does, and are removed with it by M(chatbot.ops.backup_prune).
  - Names and telephone numbers are personal data. Give O(recipients) wherever backups have them.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: It names the pages that are written, not their text.
  idempotent:
    support: partial
    details: A page that is there already is not written again, unless it is encrypted. What is encrypted cannot be compared.
  platform:
    platforms: posix
    support: full
options:
  pages:
    description:
      - The text of each page by its name, which is one of C(RUNBOOK.html), C(RUNBOOK.md), C(EMERGENCIA.html) and
        C(EMERGENCIA.md).
      - It must hold no secret. It is kept out of logs for the sake of the people in it.
    type: dict
    required: true
  set_id:
    description:
      - The set, by its id, or V(latest) for the newest one that the repository holds.
    type: str
    default: latest
  recipients:
    description:
      - Who can read the pages. Public keys of age (V(age1...)) or of SSH (V(ssh-ed25519 ...), V(ssh-rsa ...)).
      - The names of encrypted pages end with C(.age). They are not encrypted if this is empty.
      - A repository of restic encrypts by itself, and takes none.
    type: list
    elements: str
    default: []
seealso:
  - module: chatbot.ops.backup_info
"""

EXAMPLES = r"""
- name: Keep the runbook beside the newest set
  chatbot.ops.backup_runbook:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    pages:
      RUNBOOK.md: "{{ lookup('ansible.builtin.file', 'reports/runbook-lottery-chatbot.en.md') }}"
    recipients:
      - age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
"""

RETURN = r"""
set_id:
  description: The set that the pages lie beside.
  returned: success
  type: str
  sample: 20261124T031500Z-set-9c1e
written:
  description: The names of what was written, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [RUNBOOK.md.age]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.runbook import keep_runbook, runbook_request
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    "pages": {"type": "dict", "required": True, "no_log": True},
    "set_id": {"type": "str", "default": LATEST},
    "recipients": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            request = runbook_request(module.params, check_mode=module.check_mode)
            result = keep_runbook(open_repository(module.params["repository"], module.warn), request)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
