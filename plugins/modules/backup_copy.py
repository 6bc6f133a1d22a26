#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_copy
short_description: Copy backups to another repository
version_added: 1.0.0
description:
  - Makes sure that the backups of one repository are in another one, too, byte for byte, under the same ids.
  - What is encrypted stays encrypted, and no private key is needed.
  - What is read is compared with the manifest before it becomes a backup there, and what was written is read back.
  - A damaged copy is replaced, once all of the backup was read that takes its place. So is one that a verification found
    bad, unless its bytes are those that were stored. Then the backup itself is what is wrong, and a warning says so.
  - A copy that cannot be looked at just now is left as it is, and the module fails in the end. A backup to copy that cannot
    be looked at just now is warned of.
  - Each backup is a step of its own. What could be copied stays when another one fails, and the module then fails in the
    end.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.repository.to
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details: What is there already is not copied again.
  platform:
    platforms: posix
    support: full
options:
  source:
    description:
      - Copy the backups of this source only.
      - Those of all sources are copied if it is not set.
    type: str
    choices:
      - n8n
      - database
      - config
      - logs
  backup_id:
    description:
      - The backup to copy, by its id, or V(latest) for the newest good one of each source.
      - Mutually exclusive with O(newer_than), unless it is V(latest).
    type: str
    default: latest
  newer_than:
    description:
      - Copy every good backup that is no older than this, such as V(7d). So copies are made up for that failed while a
        repository could not be reached.
    type: str
seealso:
  - module: chatbot.ops.backup_info
"""

EXAMPLES = r"""
- name: Keep the newest backups in a bucket as well
  chatbot.ops.backup_copy:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    to:
      type: s3
      bucket: backups
      endpoint_url: https://s3.example.org
      access_key: "{{ vault_backup_access_key }}"
      secret_key: "{{ vault_backup_secret_key }}"

- name: Make up for copies that failed during the last week
  chatbot.ops.backup_copy:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    to:
      path: /mnt/nas/backups
    newer_than: 7d
"""

RETURN = r"""
copied:
  description: The backups that were copied, oldest first. In check mode, those that would be.
  returned: success, and when some could not be copied
  type: list
  elements: dict
  contains:
    backup_id:
      description: The backup's id, the same in both repositories.
      type: str
      returned: always
      sample: 20261124T031500Z-n8n-7f3a
    set_id:
      description: The set that it belongs to.
      type: str
      returned: always
      sample: 20261124T031500Z-set-9c1e
    stack:
      description: The stack that it belongs to.
      type: str
      returned: always
      sample: lottery-chatbot
    source:
      description: What it is a backup of.
      type: str
      returned: always
      sample: n8n
    stored_bytes:
      description: How large it is, as stored.
      type: int
      returned: always
      sample: 81264640
present:
  description: The ids of those that were there already.
  returned: success, and when some could not be copied
  type: list
  elements: str
  sample: [20261123T031500Z-n8n-02bb]
failed_copies:
  description: Why a backup could not be copied, by its id.
  returned: when some could not be copied
  type: dict
  sample: {}
duration_seconds:
  description: How long it took.
  returned: success, and when some could not be copied
  type: float
  sample: 3.2
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import copy_backups
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy_arguments import copy_request
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    "to": REPOSITORY_ARGUMENTS["repository"],
    "source": {"type": "str", "choices": list(SOURCES)},
    "backup_id": {"type": "str", "default": LATEST},
    "newer_than": {"type": "str"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            request = copy_request(params, check_mode=module.check_mode)
            origin = open_repository(params["repository"], module.warn)
            target = open_repository(params["to"], module.warn)
            result = copy_backups(origin, target, request, module.warn)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
