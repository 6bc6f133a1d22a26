#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: container_log_info
short_description: Errors and warnings in the logs of a stack's containers, grouped by what they have in common
version_added: 1.0.0
description:
  - Reads the logs of all containers of a Docker Compose project since a time, and groups the errors and warnings in them by
    their signature, that is their text without numbers, ids, times, UUIDs and hex values. For each it tells how often, when
    first and last, and shows one, with secrets, telephone numbers and addresses masked.
  - Understood are pino, winston, n8n, nginx (its error log, and in its access log the answers 5xx, 408, 413, 429 and 499),
    PostgreSQL, other JSON lines with a level, and lines that begin with their level. Of other lines, those that speak of a
    failure count as errors, and those that went to the standard error as warnings.
  - Signatures that were not there at the last look are marked, and restarts and kills for want of memory are told beside
    them.
  - Logs of the driver V(json-file) are read from the host's files, from the first line of the time on. Those of other
    drivers come through Docker.
  - A log that cannot be read is never taken for one without errors. See RV(containers[].readable).
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
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
    details: What was new is not at the next look.
  platform:
    platforms: posix
    support: full
options:
  project:
    description:
      - The Docker Compose project. C(docker compose ls) tells its name.
    type: str
    required: true
  services:
    description:
      - Look at the containers of these services only.
    type: list
    elements: str
    default: []
  since:
    description:
      - From when on, as a time (ISO 8601, UTC) or as how long ago, V(24h) for example.
    type: str
    default: 24h
  state_file:
    description:
      - The file on the host that remembers the signatures of the last look, at most 5000 of them.
      - By default, it is named after the project in C(/var/lib/chatbot-ops/log_review).
    type: path
  limit:
    description:
      - How many signatures of each container are returned, new ones first, then errors, then the most frequent ones. All
        are counted.
    type: int
    default: 50
  reader:
    description:
      - How to read.
      - V(files) reads the files of the driver V(json-file), V(docker) asks Docker. V(auto) takes the files that it may read.
    type: str
    choices:
      - auto
      - files
      - docker
    default: auto
seealso:
  - module: chatbot.ops.system_log_info
requirements:
  - The Python library docker, as the role P(chatbot.ops.toolchain#role) installs it.
  - GNU grep, and Docker's client for drivers other than V(json-file).
"""

EXAMPLES = r"""
- name: See what went wrong since yesterday
  chatbot.ops.container_log_info:
    project: lottery-chatbot
    since: 24h
  register: logs

- name: Insist that nothing new went wrong
  ansible.builtin.assert:
    that: logs.containers | map(attribute='new_signatures') | sum == 0
"""

RETURN = r"""
project:
  description: The Docker Compose project.
  returned: success
  type: str
  sample: lottery-chatbot
since:
  description: From when on the logs were read (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-23T03:15:00.000000Z"
until:
  description: When they were read.
  returned: success
  type: str
  sample: "2026-11-24T03:15:00.000000Z"
previous_look:
  description: When they were read the last time; null if never. Then every signature is new.
  returned: success
  type: str
  sample: "2026-11-23T03:15:00.000000Z"
duration_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.84
containers:
  description: The containers, by service.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service of Docker Compose.
      type: str
      returned: always
      sample: api
    name:
      description: The container's name.
      type: str
      returned: always
      sample: lottery-chatbot-api-1
    id:
      description: The first 12 characters of its id.
      type: str
      returned: always
      sample: 4f1c2d3e4a5b
    driver:
      description: Its log driver.
      type: str
      returned: always
      sample: json-file
    options:
      description: The driver's options.
      type: dict
      returned: always
      sample: {"max-size": "10m", "max-file": "5"}
    status:
      description: Docker's word for its state.
      type: str
      returned: always
      sample: running
    health:
      description: What its health check says; null if it has none.
      type: str
      returned: always
      sample: healthy
    created:
      description: When it was made. What an earlier one of the service wrote is gone with it.
      type: str
      returned: always
      sample: "2026-11-20T10:00:00.123456789Z"
    started:
      description: When it was last started.
      type: str
      returned: always
      sample: "2026-11-20T10:00:01.123456789Z"
    restarts:
      description: How often Docker restarted it since it was made.
      type: int
      returned: always
      sample: 2
    new_restarts:
      description: How often since the last look, or since it was made if that is later.
      type: int
      returned: always
      sample: 0
    oom_killed:
      description: Whether Docker says that it was killed for want of memory.
      type: bool
      returned: always
      sample: false
    oom_kills:
      description: How many of its processes the kernel killed for want of memory since it was started. Null if unknown.
      type: int
      returned: always
      sample: 0
    exit_code:
      description: With what it ended the last time. 137 is a kill.
      type: int
      returned: always
      sample: 0
    readable:
      description: Whether its log could be read.
      type: bool
      returned: always
      sample: true
    problem:
      description: Why not; null if it could.
      type: str
      returned: always
      sample: "Its log driver is none: whatever it writes is thrown away."
    bytes:
      description: The size of the part of the log that is of the time. Null if it came through Docker.
      type: int
      returned: always
      sample: 52428800
    oldest:
      description: The time of the oldest line that is kept. Null if there is none.
      type: str
      returned: always
      sample: "2026-11-20T10:00:01.123456789Z"
    complete:
      description: Whether the log still holds all of the time. Null if that cannot be known.
      type: bool
      returned: always
      sample: true
    error_count:
      description: How many errors there are.
      type: int
      returned: always
      sample: 12
    warning_count:
      description: How many warnings there are.
      type: int
      returned: always
      sample: 3
    new_signatures:
      description: How many signatures were not there at the last look.
      type: int
      returned: always
      sample: 1
    signatures:
      description: What they have in common.
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: The signature's id, the same at each look.
          type: str
          returned: always
          sample: 0f3a9c1b2d4e5f60
        signature:
          description: The text without what varies.
          type: str
          returned: always
          sample: connect ECONNREFUSED <n>
        severity:
          description: V(error) or V(warning).
          type: str
          returned: always
          sample: error
        count:
          description: How often.
          type: int
          returned: always
          sample: 12
        first:
          description: When first in the time.
          type: str
          returned: always
          sample: "2026-11-24T02:00:00.123456789Z"
        last:
          description: When last.
          type: str
          returned: always
          sample: "2026-11-24T03:00:00.123456789Z"
        sample:
          description: One of them, masked, at most 300 characters of it.
          type: str
          returned: always
          sample: connect ECONNREFUSED <ip>:5432
        new:
          description: Whether it was not there at the last look.
          type: bool
          returned: always
          sample: true
    more_signatures:
      description: How many more there are than O(limit).
      type: int
      returned: always
      sample: 0
    ungrouped:
      description: How many errors and warnings are in no group, since the log has more than 1000 of those.
      type: int
      returned: always
      sample: 0
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.look import READERS, look_at_logs, look_from

ARGUMENTS = {
    "project": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "since": {"type": "str", "default": "24h"},
    "state_file": {"type": "path"},
    "limit": {"type": "int", "default": 50},
    "reader": {"type": "str", "choices": list(READERS), "default": "auto"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            look = look_from(module.params, check_mode=module.check_mode)
            result = look_at_logs(open_engine(), look)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
