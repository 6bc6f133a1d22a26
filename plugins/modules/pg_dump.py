#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pg_dump
short_description: Back up a PostgreSQL database with an exact proof
version_added: 1.0.0
description:
  - Makes sure that a good backup of a database exists. It is taken with C(pg_dump) in its custom format, compressed by
    zstd in one stream, with the roles and tablespaces (C(pg_dumpall --globals-only)) beside it.
  - One exported snapshot serves the dump and the proof, so that both see the same instant while others write.
  - The proof holds the number of rows and a content digest of each table, computed in the server, the sequences, the
    large objects, and the objects of each kind.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.backup
  - chatbot.ops.postgres
  - chatbot.ops.provider
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
  schemas:
    description:
      - Back up these schemas only. What belongs to no schema (extensions, large objects) is then left out.
    type: list
    elements: str
    default: []
  exclude_schemas:
    description:
      - Leave these schemas out.
    type: list
    elements: str
    default: []
  exclude_table_data:
    description:
      - Back up the definitions of these tables without their rows. Patterns such as V(public.*_cache) are allowed.
      - They come back empty, and the manifest names them.
    type: list
    elements: str
    default: []
  globals:
    description:
      - Save the server's roles and tablespaces too. Passwords are saved if the user may read them.
    type: bool
    default: true
seealso:
  - module: chatbot.ops.pg_restore
  - module: chatbot.ops.backup_verify
"""

EXAMPLES = r"""
- name: Have a backup of the database that is no older than a day
  chatbot.ops.pg_dump:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    host: 127.0.0.1
    user: postgres
    password: "{{ vault_postgres_password }}"
    dbname: lottery
    max_age: 24h

- name: Take one now, without the rows of a cache
  chatbot.ops.pg_dump:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    dsn: "{{ vault_database_dsn }}"
    exclude_table_data: [public.web_cache]

- name: Back up the database of a Supabase project by its session pooler
  chatbot.ops.pg_dump:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    provider: supabase
    host: aws-0-us-east-1.pooler.supabase.com
    user: postgres.abcdefghijklmnopqrst
    password: "{{ vault_supabase_password }}"
    dbname: postgres
    sslmode: require
"""

RETURN = r"""
backup_id:
  description: The backup that was taken, or the one that is young enough.
  returned: success, not in check mode unless a backup is young enough
  type: str
  sample: 20261124T031500Z-database-51c2
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
    proof:
      description: What it holds. C(tables) maps each table to its C(rows) and C(digest).
      type: dict
      returned: always
      sample: {"tables": {"public.orders": {"rows": 12000, "digest": "-193847561023"}}}
    versions:
      description: The versions of the server and the programs.
      type: dict
      returned: always
      sample: {"postgresql": "17.10", "pg_dump": "17.10"}
downtime_seconds:
  description: For how long the database was out of use. It never is.
  returned: as RV(backup_id)
  type: float
  sample: 0.0
duration_seconds:
  description: How long it took.
  returned: as RV(backup_id)
  type: float
  sample: 12.4
content_bytes:
  description: The bytes of the payloads, decoded.
  returned: as RV(backup_id)
  type: int
  sample: 94371840
stored_bytes:
  description: The bytes of the payloads, as stored.
  returned: as RV(backup_id)
  type: int
  sample: 12582912
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.arguments import BACKUP_ARGUMENTS, backup_request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.dump import dump_source
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import JOBS_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import PROVIDER_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **BACKUP_ARGUMENTS,
    **CONNECTION_ARGUMENTS,
    **JOBS_ARGUMENTS,
    **PROVIDER_ARGUMENTS,
    "schemas": {"type": "list", "elements": "str", "default": []},
    "exclude_schemas": {"type": "list", "elements": "str", "default": []},
    "exclude_table_data": {"type": "list", "elements": "str", "default": []},
    "globals": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            request = backup_request(params, "database", check_mode=module.check_mode)
            result = take_backup(
                open_repository(params["repository"], module.warn), dump_source(params), request, module.warn
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
