#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: notification
short_description: Tell the right people once when a check changes its state
version_added: 1.0.0
description:
  - Compares check results with what people know already, and tells what is new by email, Slack, Telegram and a webhook
    of one's own. What is known is kept in a file for each stack.
  - Only a change of state is news. What stays bad is told again after O(reminder_critical) or O(reminder_warning); what is
    critical goes on to the next contacts after O(escalate_after). What is over is told to those who heard of it.
  - A check that was not looked at this time is taken to be as it was. After O(forget_after), that nobody looks any more is
    told.
  - What is critical begins with whom to call. What is too long for one message of Slack or Telegram comes in up to five; the
    last one tells how much is left out.
  - A channel that fails is told by the others. Only if nothing got through by any of them, the module fails, and the next
    run tries again.
  - The state is written after sending. A run that is killed between the two makes the next one send the same again.
  - It is meant to run on the controller.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: The messages are returned, and not sent.
  diff_mode:
    support: none
    details: The messages tell it all.
  idempotent:
    support: full
    details: With the same checks, nothing is sent again before a reminder is due. A test is always sent.
  platform:
    platforms: posix
    support: full
options:
  stack:
    description: The stack's name.
    type: str
    required: true
  state_folder:
    description: The folder that keeps what people know. It is made if it is missing.
    type: path
    required: true
  checks:
    description:
      - Check results, as M(chatbot.ops.uptime_monitor_info) or P(chatbot.ops.log_review#filter) give them.
      - Each has C(id), C(component), C(status) (V(ok), V(warning), V(critical) or V(unknown)) and C(summary), and may have
        C(advice), C(evidence) and more.
    type: list
    elements: dict
    default: []
  contacts:
    description:
      - Whom to call, as in C(chatbot_stack.contacts), each with C(name), C(email), C(phone), C(hours), C(escalation).
      - One with C(alerts) (V(warning), V(unknown) or V(critical)) is written to by O(email) from that state on, within its
        hours, such as C(L-V 9-18) or C(Mon-Fri 9:00-18:00; Sat 9-13), or without any at all times. The others are only
        named as those to call.
      - Those with the smallest C(escalation) come first. If nobody is within hours, what is critical is written to all of
        them.
    type: list
    elements: dict
    default: []
  language:
    description: The language of the messages.
    type: str
    choices: [en, es]
    default: en
  time_zone:
    description: Where hours and days are counted, a name of the IANA database.
    type: str
    default: UTC
  quiet_hours:
    description:
      - When only what is critical is told, such as V(22:00-07:00) or V(L-V 22-7; S-D 0-10). The rest waits until they end,
        and is not told at all if it is over by then.
    type: str
    default: ""
  digest_at:
    description:
      - From when on, each day, the first run tells all that is open, even if that is nothing, such as V(08:00). Empty for no
        digest.
    type: str
    default: ""
  reminder_warning:
    description: After how long what is still a warning, or unknown, is told again. V(0) for never.
    type: str
    default: 24h
  reminder_critical:
    description: After how long what is still critical is told again. V(0) for never.
    type: str
    default: 4h
  escalate_after:
    description: After how long each the next contacts hear of what is still critical. V(0) for never.
    type: str
    default: 30m
  flap_changes:
    description: How many changes of a check's state within O(flap_window) are told as coming and going, once.
    type: int
    default: 5
  flap_window:
    description: For how long such a check must be steady until its changes are told again.
    type: str
    default: 6h
  forget_after:
    description: After how long a check that nobody looks at any more is told as such, and forgotten.
    type: str
    default: 2d
  test:
    description:
      - Send a test by each channel and to each contact with C(alerts), and nothing else. It fails if any of them fails.
    type: bool
    default: false
  email:
    description: A server that takes mail.
    type: dict
    suboptions:
      host:
        description: Its name, as in its certificate.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        default: 587
      encryption:
        description:
          - V(starttls) (port 587) or V(tls) (port 465); the certificate is checked in both. V(none) only for a server on the
            same machine.
        type: str
        choices: [starttls, tls, none]
        default: starttls
      username:
        description: The user to log in as. Without one, nobody logs in.
        type: str
      password:
        description: Its password.
        type: str
      sender:
        description: The sender's address.
        type: str
        required: true
      to:
        description: Who gets all messages, beside the contacts.
        type: list
        elements: str
        default: []
      ca_file:
        description: A file of certificates to trust, in place of the system's.
        type: path
  slack:
    description: A channel of Slack, or of what takes the same messages.
    type: dict
    suboptions:
      webhook_url:
        description: The address of the incoming webhook, a secret.
        type: str
        required: true
  telegram:
    description: A bot of Telegram.
    type: dict
    suboptions:
      token:
        description: Its token.
        type: str
        required: true
      chats:
        description: The ids of the chats that it writes to.
        type: list
        elements: str
        required: true
      api_url:
        description: Where its interface is.
        type: str
        default: https://api.telegram.org
  webhook:
    description: An address that gets each message as JSON, with C(stack), C(kind), C(status), C(subject), C(text) and C(items).
    type: dict
    suboptions:
      url:
        description: The address, a secret.
        type: str
        required: true
      headers:
        description: Headers that it wants, such as an authorization.
        type: dict
        default: {}
      ca_file:
        description: A file of certificates to trust, in place of the system's.
        type: path
seealso:
  - module: chatbot.ops.uptime_monitor_info
"""

EXAMPLES = r"""
- name: Tell what is new of the lottery chatbot
  chatbot.ops.notification:
    stack: lottery-chatbot
    state_folder: ./state
    checks: "{{ log_review_result.checks }}"
    contacts: "{{ chatbot_stack.contacts }}"
    time_zone: America/Mexico_City
    quiet_hours: 22:00-07:00
    digest_at: "08:00"
    email:
      host: smtp.example.com
      username: alerts@example.com
      password: "{{ vault_notify_email_password }}"
      sender: alerts@example.com
    telegram:
      token: "{{ vault_notify_telegram_token }}"
      chats: ["-1001234567890"]
  delegate_to: localhost

- name: See whether messages arrive
  chatbot.ops.notification:
    stack: lottery-chatbot
    state_folder: ./state
    test: true
    slack:
      webhook_url: "{{ vault_notify_slack_webhook_url }}"
  delegate_to: localhost
"""

RETURN = r"""
messages:
  description: What was sent, or in check mode would be.
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: Its first line.
      type: str
      returned: always
      sample: "[lottery-chatbot] CRITICAL: The disk is full in 2 days."
    text:
      description: The rest.
      type: str
      returned: always
      sample: "CRITICAL: The disk is full in 2 days.\nTo do: Prune old backups.\nCheck: disk.root"
    kind:
      description: C(alert), C(digest) or C(test).
      type: str
      returned: always
      sample: alert
    status:
      description: The worst state that it tells of.
      type: str
      returned: always
      sample: critical
    people:
      description: The contacts that it is for. None of them for everybody.
      type: list
      elements: str
      returned: always
      sample: [Ana Ruiz]
    channels:
      description: By which channels it got through.
      type: list
      elements: str
      returned: always
      sample: [email]
checks:
  description: A check result for each channel that was used.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Its name in full.
      type: str
      returned: always
      sample: notify.slack
    component:
      description: The part that it tells of.
      type: str
      returned: always
      sample: notify
    status:
      description: C(ok), C(warning), C(unknown) or C(critical).
      type: str
      returned: always
      sample: ok
    summary:
      description: What was found, in the language.
      type: str
      returned: always
      sample: Notifications by slack arrive.
    evidence:
      description: What was seen.
      type: list
      elements: str
      returned: always
      sample: []
    advice:
      description: What to do next. Empty where all is well.
      type: str
      returned: always
      sample: ""
notes:
  description: What one should know.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._notify.run import notify
from ansible_collections.chatbot.ops.plugins.module_utils._notify.settings import ARGUMENTS, read_job


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = notify(read_job(module.params), now(), check_mode=module.check_mode)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
