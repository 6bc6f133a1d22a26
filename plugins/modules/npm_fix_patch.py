#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: npm_fix_patch
short_description: Propose a fix for vulnerable npm packages, as a tested patch file
version_added: 1.0.0
description:
  - Makes a patch of C(package.json) and C(package-lock.json) that rids a project of what C(npm audit fix) can fix.
  - It is made in a scratch copy of the project, installed there (C(npm ci)) and tested with the project's own test
    (C(npm test)), if it has one. The project itself is left as it is, and nothing is pushed anywhere.
  - With a fix that the project's test does not pass, the module fails, and writes no patch.
  - C(git apply) or C(patch -p1) in the project's folder applies it.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
  - chatbot.ops.npm
attributes:
  check_mode:
    support: full
    details: The patch is made and tested, and not written.
  diff_mode:
    support: full
    details: The diff is the patch.
  idempotent:
    support: partial
    details: A patch that is there already is not written again, as long as the registry has nothing newer.
  platform:
    platforms: posix
    support: full
options:
  folder:
    description:
      - The project's folder, with C(package.json) and C(package-lock.json).
    type: path
    required: true
  patch:
    description:
      - The file on the host that gets the patch.
    type: path
    required: true
  major:
    description:
      - Also take new major versions (C(npm audit fix --force)), which may break what worked.
    type: bool
    default: false
  test:
    description:
      - Install the packages in the scratch copy, and run the project's test there.
    type: bool
    default: true
  scripts:
    description:
      - Let the packages run their scripts while they are installed. Only for packages that you trust, and best in a
        container.
    type: bool
    default: false
  work_dir:
    description:
      - The folder in which the scratch copy is made.
    type: path
    default: /var/tmp
seealso:
  - module: chatbot.ops.npm_dependency_info
"""

EXAMPLES = r"""
- name: Propose a fix for the API
  chatbot.ops.npm_fix_patch:
    folder: /opt/lottery-chatbot/api
    patch: /root/api-fix.patch
  register: fix
"""

RETURN = r"""
patch:
  description: The file with the patch; null if nothing can be fixed.
  returned: success
  type: str
  sample: /root/api-fix.patch
fixed:
  description: The packages that are not vulnerable any more with it.
  returned: success
  type: list
  elements: str
  sample: [lodash]
remaining:
  description: The packages that still are.
  returned: success
  type: list
  elements: str
  sample: [minimist]
tested:
  description: V(passed), or V(none) if the project has no test, or V(skipped) if there was nothing to test.
  returned: success
  type: str
  sample: passed
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import DEFAULT_WORK_DIR
from ansible_collections.chatbot.ops.plugins.module_utils._npm.fix import propose_fix, request_from
from ansible_collections.chatbot.ops.plugins.module_utils._npm.look import PLACE_ARGUMENTS

ARGUMENTS = {
    "folder": {"type": "path", "required": True},
    "patch": {"type": "path", "required": True},
    "major": {"type": "bool", "default": False},
    "test": {"type": "bool", "default": True},
    "scripts": {"type": "bool", "default": False},
    "work_dir": {"type": "path", "default": DEFAULT_WORK_DIR},
    **PLACE_ARGUMENTS,
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = propose_fix(request_from(module.params, check_mode=module.check_mode))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
