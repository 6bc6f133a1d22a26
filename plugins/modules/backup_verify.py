#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_verify
short_description: Verify a backup, to the point of restoring it
version_added: 1.0.0
description:
  - Compares a backup with its manifest, to a level that you choose, and keeps the verdict beside the backup.
  - V(checksum) reads every stored byte. V(structure) decodes everything as a restore would, and writes nothing.
    V(restore) restores into a scratch folder or database, compares the proof, and removes the scratch copy.
  - A backup that fails makes the task fail. P(chatbot.ops.backup_info#module) then no longer calls it good, and
    restores of the latest backup refuse it.
  - A backup that cannot be looked at just now makes the task fail as well, and no verdict is kept.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.choice
  - chatbot.ops.identity
  - chatbot.ops.n8n_key
  - chatbot.ops.postgres
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(max_age), a verdict that is younger is accepted. Without it, every run verifies.
  platform:
    platforms: posix
    support: full
options:
  source:
    description:
      - The source whose backup is verified.
    type: str
    choices:
      - n8n
      - database
      - config
      - logs
    required: true
  level:
    description:
      - How far to go.
    type: str
    choices:
      - checksum
      - structure
      - restore
    default: structure
  max_age:
    description:
      - Accept a verdict of at least this level that is no older than this, such as V(7d).
    type: str
  work_dir:
    description:
      - The folder for scratch copies.
    type: path
    default: /var/tmp
notes:
  - n8n's encryption key is used to verify a backup of n8n to V(restore), if the backup does not hold it.
  - The connection options name the server for the scratch database. They are used to verify a database to V(restore).
seealso:
  - module: chatbot.ops.backup_info
"""

EXAMPLES = r"""
- name: Prove that the newest n8n backup can be restored
  chatbot.ops.backup_verify:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    source: n8n
    level: restore

- name: Prove the newest database backup once a week, on the server itself
  chatbot.ops.backup_verify:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    source: database
    level: restore
    max_age: 7d
    host: 127.0.0.1
    user: postgres
    password: "{{ vault_postgres_password }}"
"""

RETURN = r"""
backup_id:
  description: The backup that was verified.
  returned: always
  type: str
  sample: 20261124T031500Z-database-51c2
level:
  description: The level that was reached. A lower one than asked for, if more is not possible here.
  returned: always
  type: str
  sample: restore
verified:
  description: Whether it passed. Null in check mode.
  returned: always
  type: bool
  sample: true
limitation:
  description: Why it was not verified to the level asked for, or null. An encrypted backup needs an identity for that.
  returned: success
  type: str
  sample: null
problems:
  description: What is wrong with the backup.
  returned: always
  type: list
  elements: str
  sample: []
proof:
  description: What the backup claims to hold, beside what was found in the scratch place.
  returned: changed, with O(level=restore), not in check mode
  type: dict
  sample: {"equal": true, "differences": []}
duration_seconds:
  description: How long the verification took.
  returned: success, not in check mode
  type: float
  sample: 4.2
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import (
    CHOICE_ARGUMENTS,
    IDENTITY_ARGUMENTS,
    IDENTITY_EXCLUSIVE,
    backup_choice,
    given_identities,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier, Wanted, verify_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import WORK_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import KEY_ARGUMENTS, KEY_EXCLUSIVE, given_key
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import JOBS_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
    place_of,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **CHOICE_ARGUMENTS,
    **IDENTITY_ARGUMENTS,
    **WORK_ARGUMENTS,
    **KEY_ARGUMENTS,
    **CONNECTION_ARGUMENTS,
    **JOBS_ARGUMENTS,
    "source": {"type": "str", "choices": list(SOURCES), "required": True},
    "level": {"type": "str", "choices": list(LEVELS), "default": "structure"},
    "max_age": {"type": "str"},
}


def _verifier(params: dict[str, Any]) -> Verifier:
    # Not above: Ansible compiles what a module imports anew each time, and here that is all that knows any source.
    if params["source"] == "n8n":
        from ansible_collections.chatbot.ops.plugins.module_utils._n8n.verify import N8nVerifier

        return N8nVerifier(params["work_dir"], given_key(params))
    if params["source"] == "logs":
        from ansible_collections.chatbot.ops.plugins.module_utils._logs.doors.verify import rows_verifier

        return rows_verifier(params)
    if params["source"] == "config":
        from ansible_collections.chatbot.ops.plugins.module_utils._config.target import ConfigVerifier

        return ConfigVerifier()
    from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.verify import verifier_from

    return verifier_from(params)


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, mutually_exclusive=[KEY_EXCLUSIVE, IDENTITY_EXCLUSIVE], supports_check_mode=True
    )
    params = module.params
    try:
        with stoppable():
            max_age = optional_duration("max_age", params["max_age"])
            wanted = Wanted(
                backup_choice(params), params["level"], max_age, module.check_mode, given_identities(params)
            )
            repository, place = (
                open_repository(params["repository"], module.warn),
                place_of(params["stack"], params["source"]),
            )
            result = verify_backup(repository, place, wanted, _verifier(params))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        if result["limitation"]:
            module.warn(result["limitation"])
        module.exit_json(**result)


if __name__ == "__main__":
    main()
