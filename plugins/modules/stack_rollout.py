#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_rollout
short_description: Bring the services of a Docker Compose stack to new images, one after the other, and back
version_added: 1.0.0
description:
  - Pins the very images that run, has the new ones, brings the services up one after the other in the order of their
    dependencies, watches them, and goes back to the pinned images. The role P(chatbot.ops.stack_update#role) is what uses it;
    it takes the backups that belong to it.
  - What ran before, and what is under way, is remembered in a file on the managed host. So a run that was cut off can go on
    or go back, from whichever controller.
  - Of a service with more than one replica, a new container serves before an old one goes. One that has a container name
    or a published port is replaced.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is pulled, so that only images that are there already count as new.
  diff_mode:
    support: none
    details: The result tells which services change.
  idempotent:
    support: partial
    details: With V(pull), V(cancel), V(up) and V(prune) as the O(action), a second run has nothing to do. V(back) by hand a
      second time goes forward again.
  platform:
    platforms: posix
    support: full
options:
  stack:
    description:
      - The stack's name.
    type: str
    required: true
  project:
    description:
      - The Docker Compose project. C(docker compose ls) tells its name.
    type: str
    required: true
  directory:
    description:
      - The folder on the managed host with its compose file.
    type: path
    required: true
  action:
    description:
      - V(look) only looks.
      - V(pull) pins what runs, and pulls the new images, or builds them on the newest of what they build on. No container is
        touched. When it fails, the names of the images stand for what they stood for before.
      - V(cancel) gives the names back after V(pull), if nothing was touched since.
      - V(quarantine) makes a copy of the stack with the new images and no data, on networks of its own that lead nowhere, and
        starts the services of O(keep), that data is restored through. Files of the host can only be read in it, and its
        engine's socket is not there. V(rehearse) makes all workflows of n8n in it inactive,
        and starts the rest. V(clear) removes it.
      - V(up) brings the services to the new images, each healthy before the next one's turn, and watches them for O(soak).
      - V(halt) stops the services that run other images than the pinned ones, and brings those of O(keep) back to theirs, so
        that data can be restored.
      - V(back) brings all services back to the images that ran before the update that is under way, or else before the last
        one.
      - V(settle) ends an update. What ran before can be gone back to from then on.
      - V(prune) removes the images that ran before the current ones, if those have served for O(keep_days) and are healthy.
    type: str
    choices: [look, pull, cancel, quarantine, rehearse, clear, up, halt, back, settle, prune]
    required: true
  services:
    description:
      - Only these services. None means all.
    type: list
    elements: str
    default: []
  n8n_service:
    description:
      - Which of the services is n8n. An image of it that does not tell its version is asked for it, without a network.
    type: str
    default: n8n
  keep:
    description:
      - With V(halt) or V(quarantine) as the O(action), the services that the data is restored through.
    type: list
    elements: str
    default: []
  facts:
    description:
      - What to remember of the update while it is under way. No secrets.
    type: dict
    default: {}
  backups:
    description:
      - With V(settle) as the O(action), the backups by source that were taken before the update.
    type: dict
    default: {}
  migrated:
    description:
      - With V(settle) as the O(action), whether the update changed the data so that the old images cannot read it.
    type: bool
    default: false
  wait_limit:
    description:
      - For how long a service may take to get healthy.
    type: str
    default: 5m
  soak:
    description:
      - For how long all services are watched when they are up.
    type: str
    default: 60s
  drain:
    description:
      - For how long a new replica serves beside an old one before that is stopped.
    type: str
    default: 5s
  keep_days:
    description:
      - For how many days the current images must have served before older ones are removed.
    type: float
    default: 14.0
  state_dir:
    description:
      - The folder on the managed host that remembers.
    type: path
    default: /var/lib/chatbot-ops/updates
seealso:
  - module: chatbot.ops.pg_schema_info
requirements:
  - Docker Compose 2.18 or newer.
  - The Python library docker, as the role P(chatbot.ops.toolchain#role) installs it.
"""

EXAMPLES = r"""
- name: Look what the lottery chatbot runs
  chatbot.ops.stack_rollout:
    stack: lottery-chatbot
    project: lottery-chatbot
    directory: /opt/lottery-chatbot
    action: look
  register: looked

- name: Have the new images
  chatbot.ops.stack_rollout:
    stack: lottery-chatbot
    project: lottery-chatbot
    directory: /opt/lottery-chatbot
    action: pull
  register: pulled

- name: Bring the services to them
  chatbot.ops.stack_rollout:
    stack: lottery-chatbot
    project: lottery-chatbot
    directory: /opt/lottery-chatbot
    action: up
  when: pulled is changed
"""

RETURN = r"""
services:
  description: With V(look) as the O(action), the services by name, in the order of their dependencies.
  returned: success
  type: dict
  sample:
    api: {image: "registry.example.com/api:1", image_ids: ["sha256:9f86d0"], replicas: 2, how: roll, is_built: false}
unwell:
  description: With V(look) as the O(action), what is not healthy.
  returned: success
  type: list
  elements: str
  sample: [lottery-chatbot-api-1 is unhealthy]
attempt:
  description: With V(look) as the O(action), the update that is under way or was cut off, or null.
  returned: success
  type: dict
  sample: {id: 20261124T031500Z-7f3a, begun: "2026-11-24T03:15:00.000000Z", phase: up, facts: {}}
current:
  description: With V(look) as the O(action), the images that serve since the last update, or null.
  returned: success
  type: dict
  sample: {id: 20261124T031500Z-7f3a, since: "2026-11-24T03:15:00.000000Z", services: {}, backups: {}, migrated: false}
previous:
  description: With V(look) as the O(action), those that served before, or null.
  returned: success
  type: dict
  sample: {id: 20261024T031500Z-0c1d, since: "2026-10-24T03:15:00.000000Z", services: {}, backups: {}, migrated: true}
data_folder:
  description: With V(look) as the O(action), the folder of Docker's images.
  returned: success
  type: str
  sample: /var/lib/docker
free_bytes:
  description: With V(look) as the O(action), how much room there is.
  returned: success
  type: int
  sample: 21474836480
image_bytes:
  description: With V(look) as the O(action), how much the images that run take, at most.
  returned: success
  type: int
  sample: 1610612736
new_images:
  description: With V(pull) as the O(action), the services that have a new image, with the versions that the images tell.
  returned: success
  type: dict
  sample: {n8n: {image: "n8nio/n8n:stable", old: 2.40.7, new: 2.41.0}}
crosses_major:
  description:
    - With V(pull) as the O(action), whether n8n's new image is of another major version. One that does not tell its version
      counts as such.
  returned: success
  type: bool
  sample: false
steps:
  description: With V(up) as the O(action), what was done, in its order.
  returned: success
  type: list
  elements: dict
  sample: [{service: api, how: roll, image: "registry.example.com/api:1", image_id: "sha256:9f86d0", replicas: 2}]
seconds:
  description: With V(up) or V(rehearse) as the O(action), how long each service took until it was healthy.
  returned: success
  type: dict
  sample: {api: 9.4}
containers:
  description: With V(quarantine) as the O(action), the copy's containers that data is restored through, by service.
  returned: success
  type: dict
  sample: {postgres: lottery-chatbot-rehearsal-postgres-1}
volumes:
  description: With V(quarantine) as the O(action), the copy's volumes, by the names of the originals.
  returned: success
  type: dict
  sample: {n8n_data: lottery-chatbot-rehearsal_n8n_data}
halted:
  description: With V(halt) as the O(action), the services that were stopped.
  returned: success
  type: list
  elements: str
  sample: [n8n]
returned:
  description: With V(back) as the O(action), the services that were brought back.
  returned: success
  type: list
  elements: str
  sample: [n8n]
renamed:
  description: With V(back) as the O(action), the services whose image the compose file calls by another name now.
  returned: success
  type: list
  elements: str
  sample: []
pins:
  description: With V(back) and V(settle) as the O(action), the images that serve.
  returned: success
  type: dict
  sample: {id: 20261124T031500Z-7f3a, since: "2026-11-24T03:15:00.000000Z", services: {}, backups: {}, migrated: false}
removed:
  description: With V(prune) as the O(action), the images that were removed, by the names that they had.
  returned: success
  type: list
  elements: str
  sample: ["n8nio/n8n:stable"]
service:
  description: The service that did not get healthy, or did not stay so.
  returned: when one did not
  type: str
  sample: api
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.doors import (
    ROLLOUT_ARGUMENTS,
    roll_out,
    rollout_options,
)


def main() -> None:
    module = AnsibleModule(argument_spec=ROLLOUT_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = roll_out(rollout_options(module.params), check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
