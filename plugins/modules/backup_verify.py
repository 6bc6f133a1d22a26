#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_verify
short_description: Verify a backup, to the point of restoring it
version_added: 0.1.0
description:
  - Compares a backup with its manifest, to a level that you choose, and keeps the verdict beside the backup.
  - V(checksum) reads every stored byte. V(structure) decodes everything as a restore would, and writes nothing.
    V(restore) restores into a scratch folder or database, compares the proof, and removes the scratch copy.
  - A backup that fails makes the task fail. P(chatbot.ops.backup_info#module) then no longer calls it good, and
    restores of the latest backup refuse it.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.choice
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
  encryption_key:
    description:
      - n8n's encryption key, if n8n gets it from its environment and not from its data folder.
      - Used to verify a backup of n8n to V(restore).
    type: str
  encryption_key_file:
    description:
      - A file on the managed host that holds n8n's encryption key.
    type: path
  work_dir:
    description:
      - The folder for scratch copies.
    type: path
    default: /var/tmp
notes:
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
  description: The level that was asked for.
  returned: always
  type: str
  sample: restore
verified:
  description: Whether it passed. Null in check mode.
  returned: always
  type: bool
  sample: true
problems:
  description: What is wrong with the backup.
  returned: always
  type: list
  elements: str
  sample: []
duration_seconds:
  description: How long the verification took.
  returned: success, not in check mode
  type: float
  sample: 4.2
"""
