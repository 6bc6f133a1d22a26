#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: n8n_volume_backup
short_description: Back up n8n's data folder while n8n runs
version_added: 1.0.0
description:
  - Makes sure that a good backup of n8n's data folder exists. It holds the workflows, the credentials, the executions,
    the binary files, the community nodes, and the encryption key if n8n keeps it there.
  - By default, n8n goes on meanwhile. Its SQLite database is copied in one step, as the database's own user, and
    checked. The rest of the folder follows in one stream through GNU tar and zstd, without a temporary copy of the whole.
  - Each backup carries a proof. It counts workflows, executions and files, and it tells that the key opens every
    credential. A key that does not is refused.
  - An n8n that keeps its data in PostgreSQL still has its key and files in this folder. Back up both, this folder here
    and the database by P(chatbot.ops.pg_dump#module).
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.backup
  - chatbot.ops.n8n_place
  - chatbot.ops.n8n_key
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(max_age), a good backup that is younger is enough. Without it, every run takes a new one.
  platform:
    platforms: posix
    support: full
options:
  consistency:
    description:
      - V(online) stops nothing. It is safe, and the right choice unless you have a reason.
      - V(pause) freezes the containers that use the data meanwhile, V(stop) stops them. They run again afterwards,
        whichever way this module ends, also when it is killed or the host reboots.
      - On a network file system, where SQLite's locks cannot be relied on, n8n in a container is stopped in any case, and
        the manifest says why.
    type: str
    choices:
      - online
      - pause
      - stop
    default: online
  database_file:
    description:
      - The database's file in the folder, if n8n runs with E(DB_SQLITE_DATABASE).
    type: str
    default: database.sqlite
  table_prefix:
    description:
      - The prefix of n8n's tables, if n8n runs with E(DB_TABLE_PREFIX).
    type: str
    default: ""
  unrecoverable:
    description:
      - What to do about a backup that could not serve alone, since no key is at hand or the key does not open every
        credential.
      - V(refuse) takes none. V(allow) takes it and marks it, so that nobody mistakes it for a good one.
    type: str
    choices:
      - refuse
      - allow
    default: refuse
  n8n_version:
    description:
      - The version of n8n that runs, to be kept in the manifest. A restore under an older one is then refused.
      - It is found out where a container uses the volume or the folder.
    type: str
seealso:
  - module: chatbot.ops.n8n_volume_restore
  - module: chatbot.ops.backup_verify
"""

EXAMPLES = r"""
- name: Have a backup of n8n that is no older than a day
  chatbot.ops.n8n_volume_backup:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    path: /home/node/.n8n
    max_age: 24h

- name: The same of an n8n in Docker Compose
  chatbot.ops.n8n_volume_backup:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    volume: n8n_data
    project: lottery-chatbot
    max_age: 24h

- name: Take one now; n8n has its key from its environment
  chatbot.ops.n8n_volume_backup:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    path: /home/node/.n8n
    encryption_key: "{{ vault_n8n_encryption_key }}"
"""

RETURN = r"""
backup_id:
  description: The backup that was taken, or the one that is young enough.
  returned: success, not in check mode unless a backup is young enough
  type: str
  sample: 20261124T031500Z-n8n-7f3a
manifest:
  description: The backup's manifest.
  returned: as RV(backup_id)
  type: dict
  contains:
    taken:
      description: The instant whose content it holds (UTC, ISO 8601).
      type: str
      returned: always
      sample: "2026-11-24T03:15:00.512345Z"
    set_id:
      description: The set that it belongs to.
      type: str
      returned: always
      sample: 20261124T031500Z-set-1c9e
    objects:
      description: The payloads, each with C(name), sizes in bytes and SHA-256 digests, as stored and decoded.
      type: list
      elements: dict
      returned: always
      sample:
        - name: data.tar.zst
          stored_bytes: 1048576
          content_bytes: 4194304
    proof:
      description: What it holds. C(database) (workflows, credentials, executions, last migration), C(files), and the
        fingerprint of the encryption key.
      type: dict
      returned: always
      sample:
        key_fingerprint: 9f2c44d1a0b37e5c
    tolerated:
      description: Files that changed harmlessly while they were read, such as logs.
      type: list
      elements: str
      returned: always
      sample: [n8nEventLog.log]
    unrecoverable:
      description: Why the backup could not serve alone, or null.
      type: str
      returned: always
      sample: null
downtime_seconds:
  description: For how long n8n was stopped or paused, up to when it was healthy again.
  returned: as RV(backup_id)
  type: float
  sample: 0.0
duration_seconds:
  description: How long it took.
  returned: as RV(backup_id)
  type: float
  sample: 2.4
content_bytes:
  description: The bytes of the payloads, decoded.
  returned: as RV(backup_id)
  type: int
  sample: 4194304
stored_bytes:
  description: The bytes of the payloads, as stored.
  returned: as RV(backup_id)
  type: int
  sample: 1048576
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.arguments import BACKUP_ARGUMENTS, backup_request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.backup import backup_source
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.place import PLACE_ARGUMENTS, PLACE_EXCLUSIVE
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import KEY_ARGUMENTS, KEY_EXCLUSIVE
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **BACKUP_ARGUMENTS,
    **PLACE_ARGUMENTS,
    **KEY_ARGUMENTS,
    "consistency": {"type": "str", "choices": ["online", "pause", "stop"], "default": "online"},
    "database_file": {"type": "str", "default": "database.sqlite"},
    "table_prefix": {"type": "str", "default": ""},
    "unrecoverable": {"type": "str", "choices": ["refuse", "allow"], "default": "refuse"},
    "n8n_version": {"type": "str"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[KEY_EXCLUSIVE, PLACE_EXCLUSIVE],
        required_one_of=[PLACE_EXCLUSIVE],
        supports_check_mode=True,
    )
    params = module.params
    try:
        with stoppable():
            request = backup_request(params, "n8n", check_mode=module.check_mode)
            result = take_backup(
                open_repository(params["repository"], module.warn), backup_source(params), request, module.warn
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
