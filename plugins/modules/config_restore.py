#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_restore
short_description: Restore the files that make a stack what it is
version_added: 1.0.0
description:
  - Puts the files of a backup back to where they were, with their owners and modes. All are decoded and compared with
    the manifest first. Each is then replaced in one step, and those that are as they should be are left alone.
  - Files that the backup does not know are left alone, too.
  - What is replaced is kept in a tar archive, which the result names.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.choice
  - chatbot.ops.identity
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: It tells the files, their modes and owners, and whether their content is another. That itself may be secret.
  idempotent:
    support: full
    details: Files that are as the backup has them are left alone.
  platform:
    platforms: posix
    support: full
options:
  root:
    description:
      - The folder that the files go below, in place of the root folder.
      - A symbolic link there that leads out of it is not followed. The restore is refused.
    type: path
    default: /
  replace:
    description:
      - Agree to put the backup's files in the place of others.
    type: bool
    default: false
  keep_previous:
    description:
      - Keep what was there, in a tar archive below C(/var/lib/chatbot-ops/previous).
    type: bool
    default: true
seealso:
  - module: chatbot.ops.config_backup
"""

EXAMPLES = r"""
- name: Bring the newest backup of the stack's files back
  chatbot.ops.config_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    replace: true

- name: Look at last week's files in a folder of their own
  chatbot.ops.config_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    before: 2026-11-17T03:00:00Z
    root: /tmp/last-week
"""

RETURN = r"""
backup_id:
  description: The backup that was restored.
  returned: always
  type: str
  sample: 20261124T031500Z-config-7f3a
taken:
  description: The instant whose content it holds (UTC, ISO 8601).
  returned: always
  type: str
  sample: "2026-11-24T03:15:00.512345Z"
proof:
  description: What the backup claims to hold, beside what is there now.
  returned: success, not in check mode unless nothing changes
  type: dict
  sample: {"equal": true, "differences": []}
previous:
  description: The archive that keeps what was there, or null.
  returned: as RV(proof)
  type: str
  sample: /var/lib/chatbot-ops/previous/config-20261124T041502000000Z.tar
files:
  description: The files that were written.
  returned: changed, not in check mode
  type: list
  elements: str
  sample: [/opt/lottery-chatbot/.env]
duration_seconds:
  description: How long it took.
  returned: as RV(proof)
  type: float
  sample: 0.3
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import (
    CHOICE_ARGUMENTS,
    IDENTITY_ARGUMENTS,
    IDENTITY_EXCLUSIVE,
    backup_choice,
    given_identities,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._config.target import ConfigTarget, RestoreOptions
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
    place_of,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **CHOICE_ARGUMENTS,
    **IDENTITY_ARGUMENTS,
    "root": {"type": "path", "default": "/"},
    "replace": {"type": "bool", "default": False},
    "keep_previous": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, mutually_exclusive=[IDENTITY_EXCLUSIVE], supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            options = RestoreOptions(params["root"].rstrip("/"), params["replace"], params["keep_previous"])
            result = restore_backup(
                open_repository(params["repository"], module.warn),
                place_of(params["stack"], "config"),
                backup_choice(params),
                ConfigTarget(options),
                identities=given_identities(params),
                check_mode=module.check_mode,
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
