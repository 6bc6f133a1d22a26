#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: whatsapp_number_info
short_description: Tell how a WhatsApp Business number stands
version_added: 1.0.0
description:
  - Asks Meta's Cloud API, or 360dialog, whether a number is connected, how its quality is rated, how many conversations
    may be begun within 24 hours, and what else stands in the way of its messages. Nothing is changed.
  - Words that Meta adds are returned as they are; what they mean is V(unknown) then, and no failure.
  - When the number cannot be read, the module fails, and its result still has RV(checks), which say so, beside RV(problem).
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  provider:
    description:
      - Whose interface is asked. V(360dialog) promises no more than the health of the number; its other fields are asked
        for all the same.
    type: str
    choices: [meta, 360dialog]
    default: meta
  phone_number_id:
    description:
      - The ID that Meta gave the number, as text; not the number itself. Required with O(provider=meta).
    type: str
  business_account_id:
    description:
      - The ID of the WhatsApp Business account, for RV(account). Only with O(provider=meta).
    type: str
  access_token:
    description:
      - The token of a system user with C(whatsapp_business_management), or the API key of the channel at 360dialog.
      - Without it, the environment variable E(WHATSAPP_ACCESS_TOKEN), or E(D360_API_KEY), is used.
    type: str
  label:
    description:
      - A short name for the number, in the ids of RV(checks) and in messages. By default, O(phone_number_id), or V(360dialog).
    type: str
  api_version:
    description:
      - The version of Meta's Graph API. Before V(v24.0), it tells the number's old limit in place of the portfolio's.
    type: str
    default: v25.0
  api_url:
    description:
      - Where the interface is, if not at U(https://graph.facebook.com) or U(https://waba-v2.360dialog.io). Without TLS,
        only on the host itself.
    type: str
  ca_path:
    description:
      - A file with the certificates to trust, in place of the system's.
    type: path
  request_timeout:
    description:
      - How long one request may take.
    type: str
    default: 10s
  retry_limit:
    description:
      - For how long a request is tried again where the network or Meta fails, or where Meta asks for fewer requests.
    type: str
    default: 30s
  sent_24h:
    description:
      - How many conversations were begun in the last 24 hours, by your own count, for RV(usage). The limit is that of the
        business portfolio, so count those of all its numbers.
    type: int
  usage_warning:
    description:
      - From how many percent of the limit on there is a warning. A negative number is no limit.
    type: int
    default: 80
  usage_critical:
    description:
      - From how many percent of it on it is critical. A negative number is no limit.
    type: int
    default: 95
  language:
    description:
      - The language of RV(checks).
    type: str
    choices: [en, es]
    default: en
seealso:
  - module: chatbot.ops.supabase_backup_info
"""

EXAMPLES = r"""
- name: See how the number stands
  chatbot.ops.whatsapp_number_info:
    phone_number_id: "106540352242922"
    access_token: "{{ vault_whatsapp_token }}"
    label: sales
  register: whatsapp

- name: Insist that its quality is good
  ansible.builtin.assert:
    that: whatsapp.number.quality_rating == 'GREEN'

- name: See how one at 360dialog stands, with the key of the environment
  chatbot.ops.whatsapp_number_info:
    provider: 360dialog
  environment:
    D360_API_KEY: "{{ vault_d360_api_key }}"
"""

RETURN = r"""
label: {description: The number's short name., returned: always, type: str, sample: sales}
provider: {description: Whose interface was asked., returned: success, type: str, sample: meta}
number:
  description: The number, in Meta's words. What was not told is null.
  returned: success
  type: dict
  contains:
    id: {description: Its ID., type: str, returned: always, sample: '106540352242922'}
    display_phone_number: {description: The number itself., type: str, returned: always, sample: +1 631-555-5555}
    verified_name: {description: The name that people see., type: str, returned: always, sample: Lottery}
    status: {description: Only a C(CONNECTED) one sends., type: str, returned: always, sample: CONNECTED}
    quality_rating:
      description: C(GREEN), C(YELLOW) or C(RED); C(UNKNOWN) or C(NA) where Meta has not rated it.
      type: str
      returned: always
      sample: GREEN
    name_status:
      description: What the review of the name came to, such as C(APPROVED).
      type: str
      returned: always
      sample: APPROVED
    code_verification_status:
      {description: Whether the number is verified., type: str, returned: always, sample: VERIFIED}
    platform_type: {description: Where it runs., type: str, returned: always, sample: CLOUD_API}
    account_mode: {description: 'C(LIVE), or C(SANDBOX).', type: str, returned: always, sample: LIVE}
    throughput: {description: 'C(STANDARD), or C(HIGH).', type: str, returned: always, sample: STANDARD}
    messages_per_second: {description: What that is in messages a second., type: int, returned: always, sample: 80}
    can_send:
      description:
        - C(AVAILABLE), C(LIMITED) or C(BLOCKED), the worst of RV(number.entities). That calls cannot be made, which
          Meta counts in, is no matter here.
      type: str
      returned: always
      sample: AVAILABLE
    sendable:
      {description: Whether messages go out. Null if nobody knows., type: bool, returned: always, sample: true}
    entities:
      description: What a message depends on.
      type: list
      elements: dict
      returned: always
      contains:
        type:
          description: C(PHONE_NUMBER), C(WABA), C(BUSINESS), C(APP) and others.
          type: str
          returned: always
          sample: WABA
        can_send: {description: As RV(number.can_send)., type: str, returned: always, sample: AVAILABLE}
        problems:
          description: What stands in the way.
          type: list
          elements: str
          returned: always
          sample: [141006 There is an error with the payment method.]
account:
  description: The account. Null if O(business_account_id) is not set, or it could not be read.
  returned: success
  type: dict
  contains:
    id: {description: Its ID., type: str, returned: always, sample: '102290129340398'}
    name: {description: Its name., type: str, returned: always, sample: Lottery}
    review_status: {description: What Meta's review of it came to., type: str, returned: always, sample: APPROVED}
    verification_status:
      {description: Whether the business is verified., type: str, returned: always, sample: verified}
    status: {description: Its state., type: str, returned: always, sample: ACTIVE}
limit:
  description: How many conversations the business portfolio may begin within 24 hours, by all its numbers together.
  returned: success
  type: dict
  contains:
    tier: {description: Meta's name of it. Null if it was not told., type: str, returned: always, sample: TIER_2K}
    conversations:
      description: The number. Null if there is no limit, or its name is not known.
      type: int
      returned: always
      sample: 2000
    unlimited: {description: Whether there is none., type: bool, returned: always, sample: false}
    known: {description: Whether it is known., type: bool, returned: always, sample: true}
usage:
  description: How much of the limit is used up.
  returned: success
  type: dict
  contains:
    sent_24h: {description: O(sent_24h)., type: int, returned: always, sample: 420}
    percent:
      description: That in percent of the limit. Null if one of them is not known.
      type: float
      returned: always
      sample: 21.0
checks:
  description: Check results, C(whatsapp.<label>.token), C(.status), C(.quality), C(.limit) and, with
    O(business_account_id), C(.account).
  returned: always, but when an option makes no sense
  type: list
  elements: dict
  contains:
    id: {description: 'Its name, the same at each run.', type: str, returned: always, sample: whatsapp.sales.quality}
    component: {description: The part of the stack., type: str, returned: always, sample: whatsapp}
    status: {description: 'V(ok), V(warning), V(critical) or V(unknown).', type: str, returned: always, sample: ok}
    summary: {description: What was found., type: str, returned: always, sample: 'sales: quality green.'}
    value: {description: 'A number, if it is about one.', type: float, returned: always, sample: 21.0}
    unit: {description: Its unit., type: str, returned: always, sample: percent}
    warning: {description: From where on it is a warning., type: float, returned: always, sample: 80.0}
    critical: {description: From where on it is critical., type: float, returned: always, sample: 95.0}
    since: {description: 'Since when (UTC, ISO 8601).', type: str, returned: always, sample: null}
    evidence:
      {description: What was seen., type: list, elements: str, returned: always, sample: ['quality_rating: GREEN']}
    advice: {description: What to do next., type: str, returned: always, sample: ''}
notes:
  {description: What could not be read beside the number., returned: success, type: list, elements: str, sample: []}
problem:
  description: Why the number could not be read.
  returned: failure, but when an option makes no sense
  type: dict
  contains:
    kind:
      description: C(token), C(expired), C(permission), C(throttled), C(blocked), C(billing), C(name), C(request),
        C(missing), C(outage) or C(network).
      type: str
      returned: always
      sample: expired
    code: {description: Meta's code., type: int, returned: always, sample: 190}
    subcode: {description: Meta's subcode., type: int, returned: always, sample: 463}
    message:
      description: What was said.
      type: str
      returned: always
      sample: 'Error validating access token: Session has expired'
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.info import (
    JUDGE_ARGUMENTS,
    judging_from,
    number_info,
)
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.settings import NUMBER_ARGUMENTS, read_settings


def main() -> None:
    module = AnsibleModule(argument_spec={**NUMBER_ARGUMENTS, **JUDGE_ARGUMENTS}, supports_check_mode=True)
    try:
        with stoppable():
            settings, judging = read_settings(module.params), judging_from(module.params)
            result = number_info(Client(settings), settings, judging)
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(**result)


if __name__ == "__main__":
    main()
