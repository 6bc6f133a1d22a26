#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: repository_check
short_description: Find out what can be done to the backups in a repository
version_added: 1.0.0
description:
  - Writes a small object into the repository, reads it back, lists it, overwrites it and tries to delete it. So it tells
    before the first backup whether the repository works, and whether the credentials of this host could destroy the
    backups.
  - The backups themselves are not touched. The object is called C(.probe) and stays where it cannot be deleted.
  - Rights that cannot be tried without changing the repository as a whole, such as those to set a bucket's lifecycle rules
    or policy, are not found out.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It writes nothing then, so that what can be done by writing stays unknown (null).
  diff_mode:
    support: none
    details: It changes nothing but its own object.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  keep_for:
    description:
      - For how long the backups are to be kept, such as V(30d).
      - There is an advice if O(repository.object_lock_days) is shorter.
    type: str
seealso:
  - module: chatbot.ops.backup_info
"""

EXAMPLES = r"""
- name: See that the bucket works
  chatbot.ops.repository_check:
    stack: lottery-chatbot
    repository:
      type: s3
      bucket: backups
      endpoint_url: https://s3.example.org
      access_key: "{{ vault_backup_access_key }}"
      secret_key: "{{ vault_backup_secret_key }}"
  register: repository

- name: Insist that a server that is broken into cannot destroy its own backups
  ansible.builtin.assert:
    that: not repository.can_destroy
    fail_msg: "{{ repository.advice | join(' ') }}"
"""

RETURN = r"""
can_list:
  description: Whether the repository can be listed. The module fails where it cannot.
  returned: success
  type: bool
  sample: true
can_write:
  description: Whether backups can be taken. Null in check mode, like all of the next ones.
  returned: success
  type: bool
  sample: true
can_read:
  description: Whether backups can be restored. The module fails if other bytes come back than were written.
  returned: success
  type: bool
  sample: true
can_overwrite:
  description: Whether an object can be written over.
  returned: success
  type: bool
  sample: true
can_delete:
  description: Whether an object can be deleted. In a bucket that keeps versions, this hides it only.
  returned: success
  type: bool
  sample: false
can_destroy:
  description: Whether the backups could be made unreadable for good, by deleting or by overwriting them.
  returned: success
  type: bool
  sample: false
details:
  description: What only this kind of repository has.
  returned: success
  type: dict
  contains:
    free_bytes:
      description: The space that is left.
      type: int
      returned: for a V(local) repository
      sample: 107374182400
    read_only:
      description: Whether the file system is mounted read-only.
      type: bool
      returned: for a V(local) repository
      sample: false
    versioning:
      description: C(enabled), C(suspended) or C(off), as the bucket says. Null if these credentials may not ask.
      type: str
      returned: for an V(s3) repository
      sample: enabled
    object_lock:
      description: Whether the bucket has Object Lock (C(enabled)), and the C(mode) and C(days) of its own rule, if any.
        Null if these credentials may not ask.
      type: dict
      returned: for an V(s3) repository
      sample:
        enabled: true
        mode: governance
        days: 30
    keeps_versions:
      description: Whether an object that was overwritten or deleted is still there as an older version.
      type: bool
      returned: for an V(s3) repository that can be written to, not in check mode
      sample: true
    can_delete_versions:
      description: Whether such a version can be deleted. Null if none are kept.
      type: bool
      returned: as RV(details.keeps_versions)
      sample: false
    conditional_writes:
      description: Whether the store honours conditional writes, which keep two writers apart.
      type: bool
      returned: as RV(details.keeps_versions)
      sample: true
    checksums:
      description: Whether the store refuses content that does not match its SHA-256.
      type: bool
      returned: as RV(details.keeps_versions)
      sample: true
    locks:
      description: Whether an object was locked as O(repository.object_lock_days) asks. Null if it does not.
      type: bool
      returned: as RV(details.keeps_versions)
      sample: true
advice:
  description: What to do about it, a sentence or two each.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.examine import examine_repository
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={**REPOSITORY_ARGUMENTS, "keep_for": {"type": "str"}},
        supports_check_mode=True,
    )
    params = module.params
    try:
        with stoppable():
            repository = open_repository(params["repository"], module.warn)
            result = examine_repository(repository, params, check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
