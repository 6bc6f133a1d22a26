#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: config_backup
short_description: Back up the files that make a stack what it is
version_added: 1.0.0
description:
  - Makes sure that a good backup of a stack's own files exists. Those are its compose files, its C(.env), what its
    containers mount from the project's folder (nginx, certificates), and whatever else you name.
  - The manifest also tells which images the services run, by their digests, so that the same ones can be had again.
  - The backup holds secrets as they are in C(.env). Keep it where only you can read it.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.repository
  - chatbot.ops.backup
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
  project:
    description:
      - The Docker Compose project. Its files and images are found out from its containers.
      - One of O(project) and O(paths) is required.
    type: str
  paths:
    description:
      - Files and folders to back up besides, such as V(/etc/nginx) and V(/etc/letsencrypt).
      - A symbolic link is kept as a link. Name what it leads to as well, unless that is below another of them.
      - A file that lies behind a link of the backup is kept under the path that the link leads to.
    type: list
    elements: path
    default: []
  exclude:
    description:
      - Files and folders that are left out, with all that is below them.
      - Needed where a container keeps its data in the project's folder, such as V(./volumes/db/data) of Supabase.
        Data has sources of its own, and files of more than 64 MiB in all are refused.
    type: list
    elements: path
    default: []
requirements:
  - with O(project), the Python library docker
seealso:
  - module: chatbot.ops.config_restore
"""

EXAMPLES = r"""
- name: Have a backup of the stack's files that is no older than a day
  chatbot.ops.config_backup:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    project: lottery-chatbot
    paths:
      - /etc/nginx
      - /etc/letsencrypt
    max_age: 24h
"""

RETURN = r"""
backup_id:
  description: The backup that was taken, or the one that is young enough.
  returned: success, not in check mode unless a backup is young enough
  type: str
  sample: 20261124T031500Z-config-7f3a
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
      description: What it holds. C(files), each with its mode and owner, and C(images), by service. What is in the
        files, the payload alone tells, which can be encrypted.
      type: dict
      returned: always
      sample:
        files:
          /opt/lottery-chatbot/compose.yml:
            mode: "0644"
            owner: "0:0"
        images:
          n8n:
            image: docker.n8n.io/n8nio/n8n:stable
downtime_seconds:
  description: For how long the stack was out of use. It never is.
  returned: as RV(backup_id)
  type: float
  sample: 0.0
duration_seconds:
  description: How long it took.
  returned: as RV(backup_id)
  type: float
  sample: 0.4
content_bytes:
  description: The bytes of the payload, decoded.
  returned: as RV(backup_id)
  type: int
  sample: 40960
stored_bytes:
  description: The bytes of the payload, as stored.
  returned: as RV(backup_id)
  type: int
  sample: 9216
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.arguments import BACKUP_ARGUMENTS, backup_request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._config.source import ConfigOptions, ConfigSource
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
)

ARGUMENTS = {
    **REPOSITORY_ARGUMENTS,
    **BACKUP_ARGUMENTS,
    "project": {"type": "str"},
    "paths": {"type": "list", "elements": "path", "default": []},
    "exclude": {"type": "list", "elements": "path", "default": []},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_one_of=[("project", "paths")], supports_check_mode=True)
    params = module.params
    try:
        with stoppable():
            options = ConfigOptions(
                project=params["project"],
                paths=tuple(params["paths"]),
                exclude=tuple(params["exclude"]),
                engine=open_engine() if params["project"] else None,
            )
            request = backup_request(params, "config", check_mode=module.check_mode)
            result = take_backup(
                open_repository(params["repository"], module.warn), ConfigSource(options), request, module.warn
            )
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
