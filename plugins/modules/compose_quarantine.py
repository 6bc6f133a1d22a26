#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: compose_quarantine
short_description: Make a compose file by which a stack runs a second time, with no way out
version_added: 1.0.0
description:
  - Takes the compose file of a stack that was restored below a folder, and writes one for a copy of it that can run on the
    same host without touching anybody.
  - All networks of the copy are internal and its own, its volumes are its own, and no port is published. Of the host it
    mounts nothing but restored files. No container is privileged, is restarted by itself or keeps its labels, by which a
    proxy or an updater on the host might find it. Logs stay with the engine.
  - Services that must not run are left out, and variables and secrets that open the way to customers have no value.
  - Of each image the copy runs the very one that ran when the backup was taken. What the host lacks is pulled.
  - It starts nothing. P(chatbot.ops.quarantine#role) does.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It does not look whether the images can be had.
  diff_mode:
    support: none
    details: The file holds secrets of the stack.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  stack:
    description:
      - The stack's name. All of the copy carries it as the label C(chatbot.ops.quarantine).
    type: str
    required: true
  project:
    description:
      - What Docker Compose calls the stack itself.
    type: str
    required: true
  name:
    description:
      - What it is to call the copy.
    type: str
    required: true
  root:
    description:
      - The folder below which the stack's files were restored. See the option O(chatbot.ops.config_restore#module:root).
    type: path
    required: true
  directory:
    description:
      - The stack's folder with the compose file, as it is called on the server that was backed up.
    type: path
    required: true
  dest:
    description:
      - The compose file to write. Nobody but its owner can read it.
    type: path
    required: true
  images:
    description:
      - Which image a service is to run, by service. Either a name, or a dictionary with C(image), C(id) and C(digests), as
        M(chatbot.ops.config_backup) keeps them in its proof.
      - A service that is not named runs what the compose file says.
    type: dict
    default: {}
  never_start:
    description:
      - Services that there are none of in the copy.
    type: list
    elements: str
    default: []
  blank:
    description:
      - Regular expressions. Variables and secrets whose names match one of them have no value in the copy.
    type: list
    elements: str
    default: []
  memory:
    description:
      - How much memory a service may take that has no limit in the compose file, V(512m) for example. Empty for as much as
        there is.
    type: str
    default: ""
requirements:
  - the Python library docker, the program C(docker) with Docker Compose 2.18 or newer, and root
seealso:
  - module: chatbot.ops.config_restore
"""

EXAMPLES = r"""
- name: Restore the stack's files beside
  chatbot.ops.config_restore:
    stack: lottery-chatbot
    repository:
      path: /srv/backups
    root: /var/lib/chatbot-ops/quarantine/trial/files

- name: Make the compose file of a copy with no way out
  chatbot.ops.compose_quarantine:
    stack: lottery-chatbot
    project: lottery-chatbot
    name: lottery-chatbot-trial
    root: /var/lib/chatbot-ops/quarantine/trial/files
    directory: /opt/lottery-chatbot
    dest: /var/lib/chatbot-ops/quarantine/trial/compose.json
    blank: ["(?i)whatsapp"]
"""

RETURN = r"""
services:
  description: The services of the copy.
  returned: success
  type: list
  elements: str
  sample: [api, n8n, nginx, postgres]
containers:
  description: By service, the names of its container in the copy (C(name)) and in the stack (C(was)).
  returned: success
  type: dict
  sample: {n8n: {name: lottery-chatbot-trial-n8n-1, was: lottery-chatbot-n8n-1}}
volumes:
  description: The same of the volumes, by what the compose file calls them.
  returned: success
  type: dict
  sample: {n8n_data: {name: lottery-chatbot-trial_n8n_data, was: n8n_data}}
ports:
  description: What the stack publishes. In the copy, the service answers at its own address alone.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
      returned: always
      sample: nginx
    target:
      description: Its port in the container.
      type: int
      returned: always
      sample: 443
    published:
      description: The port of the host, or a range of them. Empty, if the engine chooses one.
      type: str
      returned: always
      sample: "443"
    host_ip:
      description: The address of the host. Empty for all.
      type: str
      returned: always
      sample: ""
    protocol:
      description: C(tcp) or C(udp).
      type: str
      returned: always
      sample: tcp
may_end:
  description: The services that may come to an end, such as a migration. The stack restarts all others.
  returned: success
  type: list
  elements: str
  sample: [migrate]
images:
  description: The image of each service, as the stack calls it.
  returned: success
  type: dict
  sample: {n8n: "docker.n8n.io/n8nio/n8n:2.41.1"}
told:
  description: What the copy does without, in words.
  returned: success
  type: list
  elements: str
  sample: ["The service api has no value in WHATSAPP_TOKEN."]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.work import Options, make_quarantine

ARGUMENTS = {
    "stack": {"type": "str", "required": True},
    "project": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "root": {"type": "path", "required": True},
    "directory": {"type": "path", "required": True},
    "dest": {"type": "path", "required": True},
    "images": {"type": "dict", "default": {}},
    "never_start": {"type": "list", "elements": "str", "default": []},
    "blank": {"type": "list", "elements": "str", "default": []},
    "memory": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    lists = {name: tuple(module.params[name]) for name in ("never_start", "blank")}
    try:
        with stoppable():
            options = Options(**{**module.params, **lists})
            result = make_quarantine(options, open_engine(), check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
