#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: heartbeat
short_description: Tell somebody outside that a job begins, succeeded or failed
version_added: 1.0.0
description:
  - Calls a check of healthchecks.io, a push monitor of Uptime Kuma, or a job of Cronitor. If no call comes, that service
    raises the alarm, also when this machine is gone.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: Nobody is called.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: none
    details: Each call is one more.
  platform:
    platforms: posix
    support: full
options:
  type:
    description: The service. V(healthchecks) may also be a server of one's own.
    type: str
    choices: [healthchecks, uptime_kuma, cronitor]
    required: true
  url:
    description:
      - The address to call, a secret, such as V(https://hc-ping.com/<ping key>/<slug>),
        V(https://kuma.example.com/api/push/<token>) or V(https://cronitor.link/p/<API key>/<monitor>). Without TLS, only on the
        host itself.
    type: str
    required: true
  event:
    description: What happened. Uptime Kuma has no word for V(start), and is not called then.
    type: str
    choices: [start, success, fail]
    required: true
  run_id:
    description: What is the same at the beginning and at the end of a run, so that the service measures its time.
    type: str
    default: ""
  summary:
    description: What to tell of the run. No secrets.
    type: str
    default: ""
  request_timeout:
    description: How long one request may take.
    type: str
    default: 10s
  retry_limit:
    description: For how long it is tried again.
    type: str
    default: 30s
seealso:
  - module: chatbot.ops.uptime_monitor
"""

EXAMPLES = r"""
- name: Tell that the backup is there
  chatbot.ops.heartbeat:
    type: healthchecks
    url: "{{ vault_heartbeat_backup_url }}"
    event: success
    run_id: 20261124T031500Z-set-9c1e
    summary: 3 backups, 182 MB
  delegate_to: localhost
"""

RETURN = r"""
sent:
  description: Whether somebody was called.
  returned: success
  type: bool
  sample: true
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._heartbeat.send import ARGUMENTS, read_heartbeat, send


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = send(read_heartbeat(module.params), check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
