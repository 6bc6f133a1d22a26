#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: n8n_volume_restore
short_description: Restore n8n's data folder from a backup
version_added: 1.0.0
description:
  - Brings a backup of n8n back. Everything is checked and decoded first, into a new folder beside the old one, and
    compared with the backup's proof. Then the two folders are exchanged in one atomic step.
  - The folder that was there is kept beside it, and the result names it.
  - n8n must not run on the folder meanwhile. The containers that use the volume or the folder are stopped
    and started again.
  - A wrong key, an n8n that is older than the backup, or a folder that is not empty are refused before anything is
    touched.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.choice
  - chatbot.ops.identity
  - chatbot.ops.n8n_place
  - chatbot.ops.n8n_key
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details: A folder that already holds exactly this backup is left alone. With O(workflows=inactive) none does.
  platform:
    platforms: posix
    support: full
options:
  volume:
    description:
      - The Docker volume to restore to. One that does not exist is created as Docker Compose would, if O(project) is given
        and O(volume) is what the compose file calls it.
      - One of O(volume) and O(path) is required.
    type: str
  path:
    description:
      - n8n's data folder on the managed host. It need not exist; its parent folder must.
    type: path
  replace:
    description:
      - Agree to put the backup in the place of a folder that is not empty.
    type: bool
    default: false
  keep_previous:
    description:
      - Keep what was there, as C(<path>.previous-<time>). In a volume, that is beside its folder C(_data).
    type: bool
    default: true
  allow_older_n8n:
    description:
      - Restore a backup of a newer n8n under an older one all the same. n8n starts then, and breaks later.
    type: bool
    default: false
  n8n_version:
    description:
      - The version of n8n that will run on the folder. A backup that was made with a newer one is refused.
      - It is found out where a container uses the volume or the folder.
    type: str
  workflows:
    description:
      - With V(inactive), no workflow is active afterwards. For a copy that must not do anything by itself. The proof is
        that of the backup; the workflows are made inactive behind it, before n8n can see the folder.
      - With n8n's data in PostgreSQL, its workflows are not in the folder, and stay as they are.
    type: str
    choices: [as_backed_up, inactive]
    default: as_backed_up
  keep_active:
    description:
      - With O(workflows=inactive), the workflows that stay as they were, by id or name.
    type: list
    elements: str
    default: []
seealso:
  - module: chatbot.ops.n8n_volume_backup
"""

EXAMPLES = r"""
- name: Bring the newest backup of n8n back
  chatbot.ops.n8n_volume_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    path: /home/node/.n8n
    replace: true

- name: The same into a volume; n8n is stopped meanwhile
  chatbot.ops.n8n_volume_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    volume: n8n_data
    project: lottery-chatbot
    replace: true

- name: See what a restore of last week's state would change
  chatbot.ops.n8n_volume_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    path: /home/node/.n8n
    before: 2026-11-17T03:00:00Z
    replace: true
  check_mode: true
  diff: true
"""

RETURN = r"""
backup_id:
  description: The backup that was restored.
  returned: always
  type: str
  sample: 20261124T031500Z-n8n-7f3a
taken:
  description: The instant whose content it holds (UTC, ISO 8601).
  returned: always
  type: str
  sample: "2026-11-24T03:15:00.512345Z"
proof:
  description: What the backup claims to hold, beside what was found in the restored folder.
  returned: success, not in check mode unless nothing changes
  type: dict
  contains:
    claimed:
      description: The proof in the manifest.
      type: dict
      returned: always
      sample: {"key_fingerprint": 9f2c44d1a0b37e5c}
    found:
      description: The same, of the restored folder.
      type: dict
      returned: always
      sample: {"key_fingerprint": 9f2c44d1a0b37e5c}
    equal:
      description: Whether they are equal.
      type: bool
      returned: always
      sample: true
    differences:
      description: What differs, in words.
      type: list
      elements: str
      returned: always
      sample: []
previous:
  description: Where the folder that was there is kept, or null.
  returned: as RV(proof)
  type: str
  sample: /home/node/.n8n.previous-20261124T041502Z
downtime_seconds:
  description: For how long the containers that use it were stopped, up to when they were healthy again.
  returned: changed, not in check mode, into a volume that was there or a folder that containers mount
  type: float
  sample: 14.2
owners_restored:
  description: Whether all files belong to whom they belonged. Only root can see to that.
  returned: changed, not in check mode
  type: bool
  sample: true
workflows:
  description: The ids of the workflows that were active in the backup.
  returned: changed, not in check mode, with O(workflows=inactive)
  type: dict
  contains:
    inactive:
      description: Those that no longer are.
      type: list
      elements: str
      returned: always
      sample: [inbound000000001]
    active:
      description: Those that still are.
      type: list
      elements: str
      returned: always
      sample: []
attributes_lost:
  description: Extended attributes that the file system did not take.
  returned: changed, not in check mode
  type: list
  elements: str
  sample: []
duration_seconds:
  description: How long it took.
  returned: as RV(proof)
  type: float
  sample: 3.1
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
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.place import PLACE_ARGUMENTS, PLACE_EXCLUSIVE
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.restore import restore_target
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import KEY_ARGUMENTS, KEY_EXCLUSIVE
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
    place_of,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **CHOICE_ARGUMENTS,
    **IDENTITY_ARGUMENTS,
    **PLACE_ARGUMENTS,
    **KEY_ARGUMENTS,
    "replace": {"type": "bool", "default": False},
    "keep_previous": {"type": "bool", "default": True},
    "allow_older_n8n": {"type": "bool", "default": False},
    "n8n_version": {"type": "str"},
    "workflows": {"type": "str", "choices": ["as_backed_up", "inactive"], "default": "as_backed_up"},
    "keep_active": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[KEY_EXCLUSIVE, PLACE_EXCLUSIVE, IDENTITY_EXCLUSIVE],
        required_one_of=[PLACE_EXCLUSIVE],
        supports_check_mode=True,
    )
    params = module.params
    try:
        with stoppable():
            result = restore_backup(
                open_repository(params["repository"], module.warn),
                place_of(params["stack"], "n8n"),
                backup_choice(params),
                restore_target(params, check_mode=module.check_mode),
                identities=given_identities(params),
                check_mode=module.check_mode,
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
