#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_prune
short_description: Remove the backups of a stack that are not needed any more
version_added: 1.0.0
description:
  - Keeps as many backups of each source as the rules say, and removes the others, of all sources of the stack at once.
  - Only good backups count. One that is damaged, unrecoverable or was found bad by a verification never pushes a good one
    out. It goes once a newer good one is there.
  - A set stays whole. If the rules keep one of its backups, all of them stay.
  - O(keep_verified) verified backups of each source stay in any case. Where no backup of a source was ever verified, to
    whatever level, none of its good ones is removed.
  - What is kept is counted in backups, and in days, weeks, months and years that have one, never in age. Where no backup is
    taken any more, no more of them go.
  - What cannot be removed, since it is locked or for want of a right, is returned as RV(retained). That is no failure.
  - Nothing is removed if what there is looks suspicious. This is if the newest backup holds much less than those before
    (see O(max_shrinkage)), or if a backup is from the future, which tells that a clock is wrong.
  - A safety copy, which M(chatbot.ops.pg_restore) takes before it replaces a database in place, counts for no rule. It stays
    until there is a good backup of the database that is 30 days younger.
  - A backup whose manifest cannot be read, and whatever else lies beside the backups, is not touched. Nor is a backup that
    cannot be looked at just now, or a verdict on which cannot be read. Neither pushes another one out.
  - Payloads without a manifest, which killed runs leave, are removed once they are older than a day, and so are the
    recovery pages of sets none of whose backups is left.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: Whether the rights suffice to delete in a bucket cannot be known without trying.
  diff_mode:
    support: full
  idempotent:
    support: full
    details: What is retained is tried again by every run, and is no change.
  platform:
    platforms: posix
    support: full
options:
  keep_last:
    description:
      - Keep so many of the newest good backups of each source.
      - At least one of O(keep_last), O(keep_daily), O(keep_weekly), O(keep_monthly) and O(keep_yearly) must not be V(0).
    type: int
    default: 0
  keep_daily:
    description:
      - Keep the newest good backup of each of the newest so many days that have one.
    type: int
    default: 0
  keep_weekly:
    description:
      - As O(keep_daily), for ISO weeks, which begin on Monday.
    type: int
    default: 0
  keep_monthly:
    description:
      - As O(keep_daily), for months.
    type: int
    default: 0
  keep_yearly:
    description:
      - As O(keep_daily), for years.
    type: int
    default: 0
  keep_verified:
    description:
      - Keep so many of the newest verified good backups of each source, whatever the other rules say. At least V(1).
    type: int
    default: 1
  keep_logs_days:
    description:
      - Keep archived rows (the source V(logs)) for so many days after they were archived. V(0) keeps them for ever.
      - The days are counted up to the newest backup of the stack, of whatever source. Where no backup is taken any more, or a
        clock runs ahead, no more of them go.
      - None of them holds what another one does, so that no other rule applies to them.
    type: int
    default: 0
  time_zone:
    description:
      - Where days, weeks, months and years begin, by its name in the IANA database, such as V(America/Mexico_City).
    type: str
    default: UTC
  max_shrinkage:
    description:
      - By how many percent less the newest good backup of a source may hold than the one before it, and than each good one
        that is to go.
      - Compared are the bytes of the content, and what the proofs count. These are the rows of a database, the workflows,
        credentials and files of n8n, and the files of the configuration.
    type: int
    default: 50
  accept_shrinkage:
    description:
      - Prune even if the newest backups hold that much less, as they do after data was moved away on purpose.
    type: bool
    default: false
notes:
  - Nobody can write a backup of the stack while one is being removed.
  - In a bucket that keeps versions, what is removed is hidden only. The versions stay, and cost storage, until a lifecycle
    rule of the bucket takes them. See O(repository.as_of) for how to get them back until then. Locked objects are left as
    they are.
  - The credentials of an V(s3) repository need s3:DeleteObject beside what it takes to back up.
seealso:
  - module: chatbot.ops.backup_info
  - module: chatbot.ops.backup_verify
  - module: chatbot.ops.repository_check
"""

EXAMPLES = r"""
- name: See what would go
  chatbot.ops.backup_prune:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    keep_daily: 7
    keep_weekly: 4
    keep_monthly: 12
    time_zone: America/Mexico_City
  check_mode: true
  diff: true

- name: Keep a week of days, and half a year of months
  chatbot.ops.backup_prune:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    keep_daily: 7
    keep_monthly: 6
"""

RETURN = r"""
kept:
  description: The backups that stay, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The backup's id.
      type: str
      returned: always
      sample: 20261124T031500Z-n8n-7f3a
    source:
      description: What was backed up.
      type: str
      returned: always
      sample: n8n
    set_id:
      description: The set that it belongs to. Null if its manifest cannot be read.
      type: str
      returned: always
      sample: 20261124T031500Z-set-9c1e
    reasons:
      description:
        - Why. C(last), C(daily), C(weekly), C(monthly), C(yearly) and C(verified) are the rules.
        - C(set of) a backup tells which one keeps the whole set.
        - C(none was verified), C(no newer good one), C(manifest cannot be read) and C(cannot be judged just now) say
          themselves.
      type: list
      elements: str
      returned: always
      sample: [last, daily, verified]
removed:
  description: The backups that were removed, or would be in check mode, oldest first.
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The backup's id.
      type: str
      returned: always
      sample: 20261012T031500Z-n8n-02bb
    source:
      description: What was backed up.
      type: str
      returned: always
      sample: n8n
    set_id:
      description: The set that it belonged to.
      type: str
      returned: always
      sample: 20261012T031500Z-set-51c2
    reason:
      description: Why. C(superseded) or C(not good).
      type: str
      returned: always
      sample: superseded
retained:
  description: What should have been removed and could not be, backups first and then orphans.
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The id of the backup or orphan.
      type: str
      returned: always
      sample: 20261012T031500Z-n8n-02bb
    source:
      description: What was backed up.
      type: str
      returned: always
      sample: n8n
    set_id:
      description: The set that it belongs to. Null for an orphan.
      type: str
      returned: always
      sample: 20261012T031500Z-set-51c2
    reason:
      description: What holds it.
      type: str
      returned: always
      sample: It is locked until 2026-12-24T03:15:00.000000Z.
orphans:
  description: The payloads without a manifest that were removed, or would be in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    backup_id:
      description: The id of the backup that they were to become, or were.
      type: str
      returned: always
      sample: 20261012T031500Z-n8n-02bb
    source:
      description: What they belong to.
      type: str
      returned: always
      sample: n8n
pages:
  description: The sets whose recovery pages were removed, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample: [20261012T031500Z-set-51c2]
foreign:
  description: What lies beside the backups and is not of this collection. It is not touched.
  returned: success
  type: list
  elements: str
  sample: [n8n/notes.txt]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import (
    RULE_ARGUMENTS,
    prune_backups,
    read_wanted,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)


def main() -> None:
    module = AnsibleModule(argument_spec={**REPOSITORY_ARGUMENTS, **RULE_ARGUMENTS}, supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            wanted = read_wanted(params, check_mode=module.check_mode)
            repository = open_repository(params["repository"], module.warn)
            result = prune_backups(repository, params["stack"], wanted, module.warn)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
