# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that talks to a service of monitors."""

from __future__ import annotations


class ModuleDocFragment:
    """Which service, and how it is reached."""

    DOCUMENTATION: str = r"""
options:
  provider:
    description:
      - The service. V(uptimerobot) (API v3) and V(betterstack) (API v2) visit an address; V(healthchecks) (API v3, also on
        a server of one's own) waits to be called.
    type: str
    choices: [uptimerobot, betterstack, healthchecks]
    required: true
  api_key:
    description:
      - Its key. It may also come from the environment, as E(UPTIMEROBOT_API_KEY), E(BETTERSTACK_API_TOKEN) or
        E(HEALTHCHECKS_API_KEY) (a read-write key of the project).
    type: str
  api_url:
    description:
      - Where its interface is, if elsewhere than usual, such as V(https://checks.example.com/api/v3). Without TLS, only on
        the host itself.
    type: str
  request_timeout:
    description:
      - How long one request may take.
    type: str
    default: 30s
  retry_limit:
    description:
      - For how long a request is tried again where the network or the service fails, or where it asks for fewer requests.
        The request that makes a monitor is sent again only if it surely had no effect.
    type: str
    default: 3m
"""
