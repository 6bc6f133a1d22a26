#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: apt_upgrade
short_description: Upgrade the packages of Debian or Ubuntu, all or those with security updates
version_added: 1.0.0
description:
  - Tells which packages an upgrade would change, and from where, upgrades them, and sees in dpkg's database that they are what
    was planned.
  - What an interrupted run of dpkg has left half done is finished first (C(dpkg --configure -a)). RV(recovered) tells it.
  - Packages on hold (C(apt-mark hold)) stay as they are. Settings that somebody has changed are kept.
  - Nothing is restarted by needrestart meanwhile. See M(chatbot.ops.system_restart_info).
  - Another apt that works is waited for. A disk that is too full is told before anything is changed.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: By the package lists that the host has. It does not fetch newer ones then, nor finish what was interrupted.
  diff_mode:
    support: full
    details: The packages that change, with their versions.
  idempotent:
    support: full
    details: As long as there is nothing newer.
  platform:
    platforms: posix
    support: full
options:
  upgrade:
    description:
      - V(full) upgrades all packages, with new ones that they need (C(apt-get dist-upgrade)).
      - V(security) upgrades those whose newest version comes from the distribution's security archive (the label
        C(Debian-Security), or an archive of Ubuntu that ends with C(-security)), and what these need.
      - V(none) upgrades nothing, and only finishes what was interrupted.
    type: str
    choices:
      - full
      - security
      - none
    default: full
  hold:
    description:
      - Packages that will be on hold by then, which check mode leaves out. To hold them is for C(apt-mark hold).
    type: list
    elements: str
    default: []
  update_cache:
    description:
      - Fetch the package lists first.
    type: bool
    default: true
  allow_remove:
    description:
      - Go on if packages would be removed.
    type: bool
    default: false
  lock_timeout:
    description:
      - How long to wait for another apt.
    type: str
    default: 5m
  min_free_mb:
    description:
      - How many MiB must stay free on the disks, beside what the upgrade takes.
    type: int
    default: 512
seealso:
  - module: chatbot.ops.system_restart_info
  - module: ansible.builtin.apt
"""

EXAMPLES = r"""
- name: Have all security updates
  chatbot.ops.apt_upgrade:
    upgrade: security
  become: true
"""

RETURN = r"""
changes:
  description: The packages that change, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The package.
      type: str
      returned: always
      sample: openssl
    action:
      description: V(upgrade), V(install) or V(remove).
      type: str
      returned: always
      sample: upgrade
    old:
      description: Its version before; empty if there was none.
      type: str
      returned: always
      sample: 3.0.19-1~deb12u1
    new:
      description: Its version afterwards; empty if there is none.
      type: str
      returned: always
      sample: 3.0.20-1~deb12u2
    origins:
      description: Where the new one comes from, as apt calls it.
      type: list
      elements: str
      returned: always
      sample: ["Debian-Security:12/oldstable-security"]
    security:
      description: Whether it is a security update.
      type: bool
      returned: always
      sample: true
held:
  description: The packages on hold.
  returned: success
  type: list
  elements: str
  sample: [docker.io]
recovered:
  description: The packages that an interrupted run of dpkg had left half done, and that were finished first.
  returned: success
  type: list
  elements: str
  sample: []
download_bytes:
  description: How much there was to be fetched.
  returned: success
  type: int
  sample: 1490652
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._apt.upgrade import UPGRADES, request_from, upgrade_system
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError

ARGUMENTS = {
    "upgrade": {"type": "str", "choices": list(UPGRADES), "default": "full"},
    "hold": {"type": "list", "elements": "str", "default": []},
    "update_cache": {"type": "bool", "default": True},
    "allow_remove": {"type": "bool", "default": False},
    "lock_timeout": {"type": "str", "default": "5m"},
    "min_free_mb": {"type": "int", "default": 512},
}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        # To end apt in the midst of its work is worse than to wait for it: no signal is made an error here.
        result = upgrade_system(request_from(module.params, check_mode=module.check_mode))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
