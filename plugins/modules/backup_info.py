#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_info
short_description: List the backups of a stack
version_added: 1.0.0
description:
  - Returns the manifests of the backups that a repository holds, newest first.
  - A damaged backup is listed too, with its problem, and so is one that cannot be looked at just now. Payloads without a
    manifest are no backups and are not listed.
  - A verdict that cannot be read is warned of. The backup then counts as not verified to that level.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  source:
    description:
      - List the backups of this source only.
      - All sources are listed if it is not set.
    type: str
    choices:
      - n8n
      - database
      - config
      - logs
seealso:
  - module: chatbot.ops.backup_verify
"""

EXAMPLES = r"""
- name: List the backups of the lottery chatbot
  chatbot.ops.backup_info:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
  register: catalogue

- name: Fail when the newest good database backup is older than a day
  ansible.builtin.assert:
    that: newest.age_seconds < 86400
  vars:
    newest: >-
      {{ catalogue.backups | selectattr('source', 'equalto', 'database') | selectattr('good')
      | rejectattr('safety_copy_for') | first }}
"""

RETURN = r"""
backups:
  description:
    - One entry per backup, newest first.
    - An entry holds the manifest's fields and the ones below. One whose manifest cannot be read has but
      C(backup_id), C(stack), C(source), C(age_seconds), C(good), C(problem), C(unknown) and C(verified).
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The backup's id. It sorts by time.
      type: str
      returned: always
      sample: 20261124T031500Z-n8n-7f3a
    source:
      description: What was backed up.
      type: str
      returned: always
      sample: n8n
    age_seconds:
      description: How long ago the copy was begun.
      type: int
      returned: always
      sample: 3605
    good:
      description: Whether a restore may rely on it. It is whole, recoverable, and no verification found it bad.
      type: bool
      returned: always
      sample: true
    safety_copy_for:
      description:
        - For a backup of what M(chatbot.ops.pg_restore) replaced in place, the id of the backup that it restored. Else null.
        - Such a safety copy never counts as the newest backup, and belongs to no set. It is restored by its id.
      type: str
      returned: when the manifest can be read
      sample: null
    problem:
      description: What is wrong with it, or why it cannot be looked at just now, or null.
      type: str
      returned: always
      sample: null
    unknown:
      description: Whether it cannot be looked at just now, as a store or a disk does not answer. It may be whole.
      type: bool
      returned: always
      sample: false
    verified:
      description: The verdict that counts, or null if it was never verified.
      type: dict
      returned: always
      contains:
        level:
          description: The level that was reached, C(checksum), C(structure) or C(restore).
          type: str
          returned: always
          sample: restore
        time:
          description: When (UTC, ISO 8601).
          type: str
          returned: always
          sample: "2026-11-24T04:00:12.000000Z"
        result:
          description: C(passed) or C(failed).
          type: str
          returned: always
          sample: passed
sets:
  description:
    - The sets that the listed backups belong to, newest first. A set is what one run backed up.
    - With O(source), a set has but that source's backup.
  returned: success
  type: list
  elements: dict
  contains:
    set_id:
      description: The set's id. It sorts by time.
      type: str
      returned: always
      sample: 20261124T031500Z-set-9c1e
    backups:
      description: The backup's id by source.
      type: dict
      returned: always
      sample: {database: 20261124T031500Z-database-02bb, n8n: 20261124T031502Z-n8n-7f3a}
    good:
      description: Whether all of its backups are good.
      type: bool
      returned: always
      sample: true
    skew_seconds:
      description:
        - How far apart the instants are that its backups show the stack at.
        - What the stack did in between is in one of them and not in another.
      type: float
      returned: always
      sample: 1.482
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.catalogue import catalogue, sets_of
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={**REPOSITORY_ARGUMENTS, "source": {"type": "str", "choices": list(SOURCES)}},
        supports_check_mode=True,
    )
    try:
        sources = [module.params["source"]] if module.params["source"] else SOURCES
        repository = open_repository(module.params["repository"], module.warn)
        backups = catalogue(repository, module.params["stack"], sources, module.warn)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, backups=backups, sets=sets_of(backups))


if __name__ == "__main__":
    main()
