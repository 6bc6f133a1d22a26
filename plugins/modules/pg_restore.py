#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_restore
short_description: Restore a PostgreSQL database from a backup
version_added: 1.0.0
description:
  - Brings a backup of a database back. Everything is checked and decoded first, restored into a new database, and
    compared with the backup's proof, table by table. Then the new database takes the old one's name in one transaction.
  - The database that was there is kept under another name, which the result tells. Its connections are ended in the
    moment of the swap.
  - A missing role or extension, an older server, or a database that is not empty are refused before anything is touched.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.choice
  - chatbot.ops.identity
  - chatbot.ops.postgres
  - chatbot.ops.provider
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The diff tells the rows of each table, now and in the backup.
  idempotent:
    support: full
    details: A database that already holds exactly this backup is left alone.
  platform:
    platforms: posix
    support: full
options:
  method:
    description:
      - V(swap) builds a new database, proves it, and exchanges the names. It needs the right to create databases.
      - V(in_place) replaces the tables in one transaction, which proves them before it commits. It is for databases
        that cannot be renamed, and for Supabase projects (O(provider=supabase)).
      - V(scratch) makes the database O(target_dbname) and leaves the one named O(dbname) alone.
    type: str
    choices:
      - swap
      - in_place
      - scratch
    default: swap
  target_dbname:
    description:
      - The database that O(method=scratch) makes.
    type: str
  replace:
    description:
      - Agree to put the backup in the place of a database that is not empty.
    type: bool
    default: false
  keep_previous:
    description:
      - Keep what was there. With O(method=swap), as C(<dbname>_previous_<time>). With O(method=in_place), as a backup
        of its own in the same repository, taken beforehand.
      - Such a backup is marked as a safety copy, which M(chatbot.ops.backup_info) shows. It is restored if O(backup_id) names
        it, and never as the newest one or by O(before).
    type: bool
    default: true
  create_roles:
    description:
      - Create the roles that the backup needs and the server lacks, from the backup's globals.
      - Roles that exist are left as they are.
    type: bool
    default: false
  maintenance_db:
    description:
      - The database to be connected to while others are created and renamed.
    type: str
    default: postgres
  work_dir:
    description:
      - The folder for the decoded dump. It is removed at the end.
    type: path
    default: /var/tmp
seealso:
  - module: chatbot.ops.pg_dump
"""

EXAMPLES = r"""
- name: Bring the newest backup of the database back
  chatbot.ops.pg_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    host: 127.0.0.1
    user: postgres
    password: "{{ vault_postgres_password }}"
    dbname: lottery
    replace: true

- name: Look at last week's rows beside the live ones
  chatbot.ops.pg_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    dsn: "{{ vault_database_dsn }}"
    before: 2026-11-17T03:00:00Z
    method: scratch
    target_dbname: lottery_last_week

- name: Bring a Supabase project's database back from a dump of it, or of another project
  chatbot.ops.pg_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    provider: supabase
    method: in_place
    dsn: "{{ vault_supabase_dsn }}"
    replace: true
    create_roles: true
"""

RETURN = r"""
backup_id:
  description: The backup that was restored.
  returned: always
  type: str
  sample: 20261124T031500Z-database-51c2
taken:
  description: The instant whose content it holds (UTC, ISO 8601).
  returned: always
  type: str
  sample: "2026-11-24T03:15:00.512345Z"
proof:
  description: What the backup claims to hold, beside what was found in the restored database.
  returned: success, not in check mode unless nothing changes
  type: dict
  contains:
    claimed:
      description: The proof in the manifest.
      type: dict
      returned: always
      sample: {"tables": {"public.orders": {"rows": 12000, "digest": "-193847561023"}}}
    found:
      description: The same, of the restored database.
      type: dict
      returned: always
      sample: {"tables": {"public.orders": {"rows": 12000, "digest": "-193847561023"}}}
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
  description: The database, or with O(method=in_place) the backup, that keeps what was there. Null if nothing was.
  returned: as RV(proof)
  type: str
  sample: lottery_previous_20261124T041502Z
database:
  description: The database that holds the backup now.
  returned: changed, not in check mode
  type: str
  sample: lottery
user:
  description: The user that it was restored as, given or found out.
  returned: changed, not in check mode
  type: str
  sample: postgres
downtime_seconds:
  description: For how long nobody could connect.
  returned: changed, not in check mode
  type: float
  sample: 0.021
notes:
  description: What is not as it was, though the content is, such as a newer version of an extension.
  returned: changed, not in check mode
  type: list
  elements: str
  sample: []
failed_objects:
  description: What could not be restored, all of it provided by Supabase. Anything else that fails takes everything back.
  returned: changed, with O(provider=supabase), not in check mode
  type: list
  elements: dict
  contains:
    type:
      description: What kind of object it is, in pg_restore's words. C(TABLE DATA) are the rows of a table, C(OWNER) is
        who owns one.
      type: str
      returned: always
      sample: DEFAULT ACL
    name:
      description: Its name.
      type: str
      returned: always
      sample: public.DEFAULT PRIVILEGES FOR TABLES
    reason:
      description: Why, in the server's words or ours.
      type: str
      returned: always
      sample: permission denied to change default privileges
failed_objects_count:
  description: How many they are.
  returned: as RV(failed_objects)
  type: int
  sample: 1
left_to_supabase:
  description: What of the backup was not tried, since the project has it already.
  returned: as RV(failed_objects)
  type: list
  elements: str
  sample: ["EVENT TRIGGER pgrst_ddl_watch"]
duration_seconds:
  description: How long it took.
  returned: as RV(proof)
  type: float
  sample: 18.9
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
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import WORK_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.restore import METHODS, restore_target
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import JOBS_ARGUMENTS, MAINTENANCE_DB
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import PROVIDER_ARGUMENTS
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
    **CONNECTION_ARGUMENTS,
    **JOBS_ARGUMENTS,
    **PROVIDER_ARGUMENTS,
    "method": {"type": "str", "choices": list(METHODS), "default": "swap"},
    "target_dbname": {"type": "str"},
    "replace": {"type": "bool", "default": False},
    "keep_previous": {"type": "bool", "default": True},
    "create_roles": {"type": "bool", "default": False},
    "maintenance_db": {"type": "str", "default": MAINTENANCE_DB},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, mutually_exclusive=[IDENTITY_EXCLUSIVE], supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            repository, place = (
                open_repository(params["repository"], module.warn),
                place_of(params["stack"], "database"),
            )
            target = restore_target(params, repository, place, module.warn)
            result = restore_backup(
                repository,
                place,
                backup_choice(params),
                target,
                identities=given_identities(params),
                check_mode=module.check_mode,
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
