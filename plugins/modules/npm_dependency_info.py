#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: npm_dependency_info
short_description: Outdated and vulnerable npm packages of a stack's projects
version_added: 1.0.0
description:
  - Asks npm in each of several folders which packages are outdated (C(npm outdated)) and which are vulnerable
    (C(npm audit)), and returns what it told, and check results about it.
  - A report is told from an error by what is in it, never by the exit status of npm, which is 1 for both. Where there is no
    lock file, no C(package.json) or no answer from the registry, the check is V(unknown), never V(ok).
  - Versions are those that are installed, or in the lock file where nothing is, as where the project runs in a container.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
  - chatbot.ops.npm
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
  folders:
    description:
      - The folders, each with a C(package.json).
    type: list
    elements: path
    required: true
  omit:
    description:
      - Kinds of dependencies that are left out. V(dev) for what runs in production.
    type: list
    elements: str
    choices:
      - dev
      - optional
      - peer
    default: []
  severity_warning:
    description:
      - From which severity of a vulnerability on there is a warning.
    type: str
    choices:
      - info
      - low
      - moderate
      - high
      - critical
      - never
    default: moderate
  severity_critical:
    description:
      - From which severity of a vulnerability on it is critical.
    type: str
    choices:
      - info
      - low
      - moderate
      - high
      - critical
      - never
    default: critical
  outdated_warning:
    description:
      - From how many outdated packages of a folder on there is a warning. A negative number is no limit, here and below.
    type: int
    default: 1
  outdated_critical:
    description:
      - From how many outdated packages of a folder on it is critical.
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
  - module: chatbot.ops.npm_fix_patch
  - module: chatbot.ops.image_update_info
"""

EXAMPLES = r"""
- name: See which packages are outdated or vulnerable
  chatbot.ops.npm_dependency_info:
    folders:
      - /opt/lottery-chatbot/api
      - /opt/lottery-chatbot/scripts
    omit: [dev]
  register: packages

- name: Ask the npm of the API's image, since the host has none
  chatbot.ops.npm_dependency_info:
    folders: [/opt/lottery-chatbot/api]
    where: container
    image: registry.example.org/lottery/api:1
"""

RETURN = r"""
npm:
  description: Where npm ran; null if there was none.
  returned: success
  type: str
  sample: a container of registry.example.org/lottery/api:1
folders:
  description: The folders, in the order of O(folders).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The folder's name in the ids of the checks.
      type: str
      returned: always
      sample: api
    path:
      description: Its path.
      type: str
      returned: always
      sample: /opt/lottery-chatbot/api
    outdated:
      description: The outdated packages. Null if npm gave no report.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The package.
          type: str
          returned: always
          sample: express
        current:
          description: The version that is installed, or else in the lock file. Null if there is none.
          type: str
          returned: always
          sample: 4.17.1
        wanted:
          description: The newest version that C(package.json) allows.
          type: str
          returned: always
          sample: 4.17.1
        latest:
          description: The newest version of all.
          type: str
          returned: always
          sample: 5.3.0
        kind:
          description: The part of C(package.json) that names it.
          type: str
          returned: always
          sample: dependencies
        major:
          description: Whether the newest is another major version, or another minor one of 0.x.
          type: bool
          returned: always
          sample: true
    outdated_problem:
      description: Why there is no report; null if there is one.
      type: str
      returned: always
      sample: There is no package.json in /opt/lottery-chatbot/api.
    vulnerable:
      description: The vulnerable packages, the worst first. Null if npm gave no report.
      type: list
      elements: dict
      returned: always
      contains:
        name:
          description: The package.
          type: str
          returned: always
          sample: lodash
        severity:
          description: V(info), V(low), V(moderate), V(high) or V(critical).
          type: str
          returned: always
          sample: high
        direct:
          description: Whether the project itself asks for it.
          type: bool
          returned: always
          sample: true
        range:
          description: The versions that are vulnerable.
          type: str
          returned: always
          sample: <=4.17.20
        advisories:
          description: What is known of its own vulnerabilities.
          type: list
          elements: dict
          returned: always
          contains:
            title:
              description: What it is.
              type: str
              returned: always
              sample: Command Injection in lodash
            url:
              description: Where to read about it.
              type: str
              returned: always
              sample: https://advisories.example.org/1106913
            severity:
              description: How bad it is.
              type: str
              returned: always
              sample: high
            range:
              description: The versions that have it.
              type: str
              returned: always
              sample: <4.17.21
        through:
          description: The packages that it depends on and that make it vulnerable.
          type: list
          elements: str
          returned: always
          sample: []
        fix:
          description: What would fix it; null if there is no fix.
          type: dict
          returned: always
          contains:
            name:
              description: The package to update; empty if any update within the ranges does it.
              type: str
              returned: always
              sample: lodash
            version:
              description: Its version.
              type: str
              returned: always
              sample: 4.18.1
            major:
              description: Whether that is a new major version.
              type: bool
              returned: always
              sample: false
    vulnerable_problem:
      description: Why there is no report; null if there is one.
      type: str
      returned: always
      sample: "npm audit gave no report: ENOLOCK."
    dependencies:
      description: How many packages were looked at. Null if npm gave no report.
      type: int
      returned: always
      sample: 52
checks:
  description: The check results, two of each folder.
  returned: success
  type: list
  elements: dict
  sample:
    - id: dependencies.api.vulnerable
      component: dependencies
      status: warning
      summary: "api: 4 vulnerable packages of moderate severity or worse."
      value: 4
      unit: packages
      warning: null
      critical: null
      since: null
      evidence: ["lodash (high, direct, fixed by lodash 4.18.1): Command Injection in lodash"]
      advice: npm_fix_patch makes a tested patch of what can be fixed within the ranges.
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._npm.look import PLACE_ARGUMENTS, look_at_packages, look_from
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import SEVERITIES

ARGUMENTS = {
    "folders": {"type": "list", "elements": "path", "required": True},
    "omit": {"type": "list", "elements": "str", "choices": ["dev", "optional", "peer"], "default": []},
    "severity_warning": {"type": "str", "choices": [*SEVERITIES, "never"], "default": "moderate"},
    "severity_critical": {"type": "str", "choices": [*SEVERITIES, "never"], "default": "critical"},
    "outdated_warning": {"type": "int", "default": 1},
    "outdated_critical": {"type": "int", "default": -1},
    "language": {"type": "str", "choices": ["en", "es"], "default": "en"},
    **PLACE_ARGUMENTS,
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = look_at_packages(look_from(module.params))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
