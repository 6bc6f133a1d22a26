#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_health_info
short_description: How a chatbot stack and its host are, as far as only the host knows
version_added: 0.1.0
description:
  - Looks at endpoints and their certificates, n8n, the database, the containers, the host, its disks, its clock and the
    updates that wait, all at the same time, and returns what it found. The filter P(chatbot.ops.health_checks#filter) judges
    it.
  - Each section has a O(timeout). One that fails or hangs tells so in its C(problem), and the others are looked at all the
    same. The module itself fails only if its parameters make no sense.
  - It changes nothing, and reads no row of a table but to count n8n's executions.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It does not remember then what it saw.
  diff_mode:
    support: none
    details: It changes nothing but its own memory.
  idempotent:
    support: full
    details: It only looks.
  platform:
    platforms: posix
    support: full
options:
  project:
    description:
      - The Docker Compose project whose containers are looked at. Without it, none are.
    type: str
  endpoints:
    description:
      - Addresses to ask, as the host reaches them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - What it is called in the checks.
        type: str
        required: true
      url:
        description:
          - The address. It is asked with GET, and no redirection is followed.
        type: str
        required: true
      status:
        description:
          - The HTTP statuses that are well.
        type: list
        elements: int
        default: [200]
      keyword:
        description:
          - What the answer has to contain, if anything.
        type: str
      timeout:
        description:
          - How long to wait for it.
        type: str
        default: 5s
      ca:
        description:
          - A file on the host with the certificates of the authorities to trust. Without it, those that the host trusts.
        type: path
      connect_to:
        description:
          - Where to connect, V(127.0.0.1) or V(127.0.0.1:8443) for example, in place of the host that the URL names. The
            certificate has to be that of the URL's host all the same.
        type: str
  n8n:
    description:
      - Where n8n is. Without it, n8n is not looked at.
    type: dict
    suboptions:
      container:
        description:
          - n8n's container, or its service of Docker Compose. Its address, its kind of database and its data folder are found
            out from it.
        type: str
      url:
        description:
          - Where n8n answers, V(http://127.0.0.1:5678) for example, in place of the container's address.
        type: str
      volume:
        description:
          - The volume with n8n's data, if the container does not tell it.
        type: str
      path:
        description:
          - n8n's data folder, where it lies in no volume.
        type: path
      table_prefix:
        description:
          - What the names of n8n's tables begin with, if the container does not tell it.
        type: str
      since:
        description:
          - How far back to count its executions.
        type: str
        default: 24h
  services:
    description:
      - The services that must have a container. Those that have one are looked at in any case.
    type: list
    elements: str
    default: []
  mounts:
    description:
      - The mount points to look at. Without any, all disks of this host are, each once.
    type: list
    elements: path
    default: []
  sections:
    description:
      - What to look at, of what there is.
    type: list
    elements: str
    choices: [endpoints, n8n, database, containers, server, disks, time, updates]
    default: [endpoints, n8n, database, containers, server, disks, time, updates]
  timeout:
    description:
      - How long each section may take, and so all of them together.
    type: str
    default: 15s
  state_file:
    description:
      - The file on the host that remembers how full the disks were, and what restarted or was killed for want of memory.
    type: path
    default: /var/lib/chatbot-ops/health/looks.json
seealso:
  - plugin: chatbot.ops.health_checks
    plugin_type: filter
requirements:
  - Linux
  - The Python libraries docker, psycopg2 and cryptography, as the role P(chatbot.ops.toolchain#role) installs them, for the
    sections that need them.
"""

EXAMPLES = r"""
- name: Look at a stack
  chatbot.ops.stack_health_info:
    project: lottery-chatbot
    container: postgres
    dbname: lottery
    n8n:
      container: n8n
    endpoints:
      - name: api
        url: https://bot.example.org/health
        keyword: ok
  register: health

- name: Insist that no disk is nearly full
  ansible.builtin.assert:
    that: health.sections.disks.disks | selectattr('bytes_percent', 'gt', 90) | length == 0
"""

RETURN = r"""
looked:
  description: When it began (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-24T03:15:00.000000Z"
duration_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 1.42
memory_problem:
  description: Why past looks could not be read or remembered, or null. Without them, nothing is known of trends and restarts.
  returned: success
  type: str
  sample: null
sections:
  description:
    - What was found, by section. Of a section whose C(problem) is not null, there is nothing else.
    - Shown is each one's beginning. The filter P(chatbot.ops.health_checks#filter) knows all of it.
  returned: success
  type: dict
  contains:
    endpoints:
      description: The endpoints.
      returned: when there are any
      type: dict
      contains: &section
        problem:
          description: Why nothing could be found out, or null.
          returned: always
          type: str
          sample: null
        seconds:
          description: How long it took.
          returned: always
          type: float
          sample: 0.12
    n8n:
      description: Whether n8n is ready, and its executions.
      returned: when O(n8n) is given
      type: dict
      contains: *section
    database:
      description: The database.
      returned: when a server or a database is given
      type: dict
      contains: *section
    containers:
      description: The containers.
      returned: when O(project) is given
      type: dict
      contains: *section
    server:
      description: Processors, memory and swap of the host.
      returned: always
      type: dict
      contains: *section
    disks:
      description: The disks.
      returned: always
      type: dict
      contains: *section
    time:
      description: The host's clock.
      returned: always
      type: dict
      contains: *section
    updates:
      description: Packages that wait to be updated, and whether the host wants to be started anew.
      returned: always
      type: dict
      contains: *section
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._health.gather import HEALTH_ARGUMENTS, gather, request_from


def main() -> None:
    module = AnsibleModule(argument_spec=HEALTH_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = gather(request_from(module.params, check_mode=module.check_mode))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
