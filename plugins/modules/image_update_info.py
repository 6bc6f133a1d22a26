#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_update_info
short_description: Whether the images of a stack's services are the newest ones
version_added: 1.0.0
description:
  - Looks at the image of each service of a Docker Compose project. Does the service run what its image's name means here
    (RV(services[].running))? Does the registry have a newer one under that name (RV(services[].registry))? Has the image that
    it is built on become a newer one (RV(services[].base))? And how old is it?
  - The registry is asked for the tag's digest (HEAD), which is no pull.
  - What an image is built on is what the Dockerfile of the service's C(build) names, or the image's labels
    C(org.opencontainers.image.base.name) and C(.digest). Without such a digest, the layers are compared with those that the
    registry has, which Docker Hub counts as a pull of it.
  - Where a registry cannot be asked, the check is V(unknown), never V(ok).
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It changes nothing.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
    details: It changes nothing.
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
      - Look at these services only.
    type: list
    elements: str
    default: []
  ca_bundle:
    description:
      - A file on the host with the certificates of the authorities that the registries' are signed by. By default, it is
        what Docker has for the registry in C(/etc/docker/certs.d), or else what the host trusts.
    type: path
  insecure_registries:
    description:
      - Registries, by host and port, that are asked without TLS.
    type: list
    elements: str
    default: []
  timeout:
    description:
      - How long one answer of a registry may take.
    type: str
    default: 20s
  age_warning:
    description:
      - From how many days on an image is old. A negative number is no limit, here and below.
    type: int
    default: 90
  age_critical:
    description:
      - From how many days on that is critical.
    type: int
    default: -1
  language:
    description:
      - The language of the check results.
    type: str
    choices:
      - en
      - es
    default: en
seealso:
  - module: chatbot.ops.npm_dependency_info
notes:
  - A login that C(docker login) has kept in root's C(config.json) is used. Those in a credential helper are not.
requirements:
  - The Python library docker, as the role P(chatbot.ops.toolchain#role) installs it.
  - Docker Compose, for images that are built on the host.
"""

EXAMPLES = r"""
- name: See whether there are newer images
  chatbot.ops.image_update_info:
    project: lottery-chatbot
  register: images

- name: Tell which services have one
  ansible.builtin.debug:
    msg: "{{ images.checks | rejectattr('status', 'eq', 'ok') | map(attribute='summary') }}"
"""

RETURN = r"""
project:
  description: The Docker Compose project.
  returned: success
  type: str
  sample: lottery-chatbot
at:
  description: When the look was taken (UTC, ISO 8601).
  returned: success
  type: str
  sample: "2026-11-24T03:15:00.000000Z"
services:
  description: The services, by name.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
      returned: always
      sample: n8n
    containers:
      description: Its containers.
      type: list
      elements: str
      returned: always
      sample: [lottery-chatbot-n8n-1]
    image:
      description: The image's name, as the compose file calls it.
      type: str
      returned: always
      sample: docker.n8n.io/n8nio/n8n:2.41.3
    image_id:
      description: The id of the image that it runs.
      type: str
      returned: always
      sample: sha256:0f3a9c1b2d4e5f600f3a9c1b2d4e5f600f3a9c1b2d4e5f600f3a9c1b2d4e5f60
    created:
      description: When that image was made. Null if it is gone.
      type: str
      returned: always
      sample: "2026-11-20T10:00:00.123456789Z"
    age_days:
      description: How many days ago that is. Null if it does not tell.
      type: int
      returned: always
      sample: 4
    digests:
      description: By which digests registries know it.
      type: list
      elements: str
      returned: always
      sample: ["docker.n8n.io/n8nio/n8n@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    running:
      description: Whether it runs what the image's name means on this host.
      type: dict
      returned: always
      contains:
        current:
          description: Whether it is the newest. Null if that is not known.
          type: bool
          returned: always
          sample: true
        image:
          description: The image that this is about.
          type: str
          returned: always
          sample: docker.n8n.io/n8nio/n8n:2.41.3
        problem:
          description: Why it is not known; null if it is.
          type: str
          returned: always
          sample: null
        digest:
          description: The digest that the registry has; null if it was not asked.
          type: str
          returned: always
          sample: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    registry:
      description: Whether it runs what that name means in its registry. Null for an image that was built here.
      type: dict
      returned: always
      contains:
        current:
          description: Whether it is the newest. Null if that is not known.
          type: bool
          returned: always
          sample: true
        image:
          description: The image that this is about.
          type: str
          returned: always
          sample: docker.n8n.io/n8nio/n8n:2.41.3
        problem:
          description: Why it is not known; null if it is.
          type: str
          returned: always
          sample: null
        digest:
          description: The digest that the registry has; null if it was not asked.
          type: str
          returned: always
          sample: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    base:
      description: Whether it is built on what the name of its base means in its registry. Null if it names none.
      type: dict
      returned: always
      contains:
        current:
          description: Whether it is the newest. Null if that is not known.
          type: bool
          returned: always
          sample: true
        image:
          description: The image that this is about.
          type: str
          returned: always
          sample: docker.n8n.io/n8nio/n8n:2.41.3
        problem:
          description: Why it is not known; null if it is.
          type: str
          returned: always
          sample: null
        digest:
          description: The digest that the registry has; null if it was not asked.
          type: str
          returned: always
          sample: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
checks:
  description: The check results, up to four of each service.
  returned: success
  type: list
  elements: dict
  sample:
    - id: image.n8n.registry
      component: n8n
      status: warning
      summary: "n8n: its registry has a newer docker.n8n.io/n8nio/n8n:2.41.3."
      value: null
      unit: ""
      warning: null
      critical: null
      since: null
      evidence: ["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
      advice: "Update it: the handbook says how, under Updates."
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._images.look import look_at_images, look_from

ARGUMENTS = {
    "project": {"type": "str", "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "ca_bundle": {"type": "path"},
    "insecure_registries": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "str", "default": "20s"},
    "age_warning": {"type": "int", "default": 90},
    "age_critical": {"type": "int", "default": -1},
    "language": {"type": "str", "choices": ["en", "es"], "default": "en"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            look = look_from(module.params)
            result = look_at_images(open_engine(), look)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
