#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: system_restart_info
short_description: What has to be restarted after an upgrade, and whether the host itself
version_added: 1.0.0
description:
  - Asks needrestart which services still run with files that an upgrade has replaced, and whether the kernel that runs is
    the newest one that is installed.
  - Also looks whether the distribution asks for a reboot (C(/run/reboot-required)). Debian itself never writes that file.
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
options: {}
seealso:
  - module: chatbot.ops.apt_upgrade
requirements:
  - needrestart 3 or newer.
"""

EXAMPLES = r"""
- name: See what has to be restarted
  chatbot.ops.system_restart_info:
  become: true
  register: restarts
"""

RETURN = r"""
services:
  description: The units of the services that run with old files.
  returned: success
  type: list
  elements: str
  sample: [cron.service, ssh.service]
kernel:
  description: The kernel.
  returned: success
  type: dict
  contains:
    status:
      description:
        - V(current), V(compatible_upgrade) or V(upgrade) if a newer one is installed, or V(unknown), as in a container.
      type: str
      returned: always
      sample: current
    running:
      description: The version that runs.
      type: str
      returned: always
      sample: 6.1.0-41-amd64
    expected:
      description: The newest version that is installed; null if that is not known.
      type: str
      returned: always
      sample: 6.1.0-41-amd64
reboot_required:
  description: Whether the host has to be rebooted.
  returned: success
  type: bool
  sample: false
reboot_reasons:
  description: Why.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._apt.restarts import look_at_restarts
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        result = look_at_restarts()
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
