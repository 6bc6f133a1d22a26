#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_record_info
short_description: Ask every name server of a zone where names point
version_added: 1.0.0
description:
  - Asks each authoritative name server of a zone for the addresses of names, not a resolver that keeps old answers. So it
    tells whether DNS points to a server, and whether a change has reached every name server.
  - With O(wait_limit), it asks again until all of them answer what is wanted, and fails if they do not in time.
author:
  - chatbot.ops contributors (@chatbot-ops)
requirements:
  - dnspython >= 2.0
extends_documentation_fragment:
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It changes nothing. A playbook that has changed nothing in check mode should not wait for the change.
  diff_mode:
    support: none
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    platforms: posix
    support: full
options:
  zone:
    description:
      - The zone, such as V(example.org).
    type: str
    required: true
  names:
    description:
      - The names, relative to the zone (V(bot), V(@) for the zone itself) or whole (V(bot.example.org)).
      - Names that are not in O(zone) are refused.
    type: list
    elements: str
    required: true
  address:
    description:
      - The IPv4 address that each name should have, and no other one.
    type: str
  address_v6:
    description:
      - The IPv6 address that each name should have, and no other one.
      - With O(address) alone, a name that has an IPv6 address does not point there, as part of its users go elsewhere. The
        same holds the other way round.
    type: str
  ttl:
    description:
      - The time to live that the answers should have, in seconds.
    type: int
  wait_limit:
    description:
      - For how long to ask again while not every server answers O(address), O(address_v6) and O(ttl), such as V(5m).
      - If it is not set, the servers are asked once, and whatever they answer is returned.
    type: str
  servers:
    description:
      - The name servers to ask, as V(192.0.2.1), V(192.0.2.1:5353), V(2001:db8::1) or V([2001:db8::1]:5353).
      - If there are none, they are those that the zone names, each at each of its addresses.
    type: list
    elements: str
    default: []
  port:
    description:
      - The port of the name servers.
    type: int
    default: 53
  resolvers:
    description:
      - Whom to ask for the zone's name servers, written as O(servers) are. If there are none, the host's own resolver.
    type: list
    elements: str
    default: []
  transport:
    description:
      - How to ask. TCP gets through where answers by UDP are lost or forged.
    type: str
    choices:
      - tcp
      - udp
    default: tcp
  timeout:
    description:
      - How long a server may take for one answer.
    type: str
    default: 5s
notes:
  - A server that cannot be asked, or answers without authority, counts as one that does not answer what is wanted. An
    address that the host has no way to (IPv6 without a route) is left out if the same server answers at another one.
"""

EXAMPLES = r"""
- name: See whether DNS points to this server
  chatbot.ops.dns_record_info:
    zone: example.org
    names: [bot, api]
    address: 192.0.2.10
  delegate_to: localhost
  register: dns

- name: Ask for a certificate only if it does
  ansible.builtin.assert:
    that: dns.points_here
    fail_msg: "{{ dns.records | map(attribute='answers') | flatten }}"

- name: Wait until every name server has the change
  chatbot.ops.dns_record_info:
    zone: example.org
    names: [bot]
    address: 192.0.2.20
    wait_limit: 5m
  delegate_to: localhost
"""

RETURN = r"""
zone:
  description: The zone, in small letters.
  returned: success
  type: str
  sample: example.org
servers:
  description: The servers that were asked.
  returned: success
  type: list
  elements: str
  sample: [ns1.example.net (192.0.2.53), ns2.example.net (198.51.100.53)]
points_here:
  description: Whether every server answers for every name with the wanted addresses alone. Null if none is wanted.
  returned: success
  type: bool
  sample: true
settled:
  description: Whether every server answers for every name all that is wanted, the time to live included.
  returned: success
  type: bool
  sample: true
waited_seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 3.214
behind:
  description: Which server still answers what, for which name.
  returned: when the time of O(wait_limit) is over
  type: list
  elements: str
  sample: [ns2.example.net (198.51.100.53) answers 192.0.2.10 (TTL 300) for bot.example.org]
records:
  description: What is answered for each name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The whole name, without a dot at its end.
      type: str
      returned: always
      sample: bot.example.org
    addresses:
      description: The IPv4 addresses that any server answers.
      type: list
      elements: str
      returned: always
      sample: [192.0.2.10]
    addresses_v6:
      description: The IPv6 addresses that any server answers.
      type: list
      elements: str
      returned: always
      sample: []
    ttl:
      description:
        - The longest time to live of the IPv4 addresses, in seconds. So long may others keep what they were answered now.
        - Null if there are none.
      type: int
      returned: always
      sample: 300
    ttl_v6:
      description: The same of the IPv6 addresses.
      type: int
      returned: always
      sample: null
    cname:
      description: The name that this one is an alias of, or null.
      type: str
      returned: always
      sample: null
    other_zone:
      description: The zone below RV(zone) that the name is in, or null.
      type: str
      returned: always
      sample: null
    problems:
      description: The servers that do not say, and why.
      type: list
      elements: str
      returned: always
      sample: [ns2.example.net (198.51.100.53) does not answer within 5 s]
    points_here:
      description: As RV(points_here), of this name.
      type: bool
      returned: always
      sample: true
    settled:
      description: As RV(settled), of this name.
      type: bool
      returned: always
      sample: true
    answers:
      description: What each server answers.
      type: list
      elements: dict
      returned: always
      contains:
        server:
          description: The server.
          type: str
          returned: always
          sample: ns1.example.net (192.0.2.53)
        addresses:
          description: The IPv4 addresses.
          type: list
          elements: str
          returned: always
          sample: [192.0.2.10]
        addresses_v6:
          description: The IPv6 addresses.
          type: list
          elements: str
          returned: always
          sample: []
        ttl:
          description: The time to live of the IPv4 addresses, in seconds, or null.
          type: int
          returned: always
          sample: 300
        ttl_v6:
          description: The time to live of the IPv6 addresses, in seconds, or null.
          type: int
          returned: always
          sample: null
        cname:
          description: The name that this one is an alias of, or null.
          type: str
          returned: always
          sample: null
        problem:
          description: Why the server does not say, or null.
          type: str
          returned: always
          sample: null
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._dns.look import DNS_ARGUMENTS, Request, look


def main() -> None:
    module = AnsibleModule(argument_spec=DNS_ARGUMENTS, supports_check_mode=True)
    try:
        result = look(Request.from_params(module.params))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
