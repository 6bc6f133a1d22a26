# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a provider's refusal most likely means, and what to do about it."""

from __future__ import annotations

import re

# Words of the three providers' errors: Hetzner Cloud's codes (unauthorized, resource_limit_exceeded, not_found), EC2's
# (AuthFailure, InstanceLimitExceeded, InvalidAMIID.NotFound) and DigitalOcean's (unauthorized, unprocessable_entity).
_ADVICE = (
    (
        "authori[sz]ed|authenticat|AuthFailure|token|credential|SignatureDoesNotMatch|forbidden",
        "The provider does not take the key: set server_api_token (for EC2 server_aws_access_key and "
        "server_aws_secret_key) to one that may make servers.",
    ),
    (
        "limit|quota|capacity",
        "The account may have no more such servers, or the provider has none left there: have the limit raised, remove "
        "a server that nobody needs, or set another server_type or server_location.",
    ),
    (
        "not.?found|invalid|not exist|unavailable|unsupported|not supported|deprecated|unprocessable",
        "See that the provider has such a server_type, server_image and server_location, and that they go together.",
    ),
)


def advise(reason: str) -> str:
    """Return what to do about a provider's refusal; empty, if its words tell nothing.

    :param reason: what the provider, or the module that asked it, said.
    """
    for words, advice in _ADVICE:
        if re.search(words, reason, re.IGNORECASE):
            return advice
    return ""
