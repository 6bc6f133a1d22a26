# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which number, and how its interface is reached: the parameters of the module, checked. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import request_span, service_token, service_url
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds

META, D360 = "meta", "360dialog"
URLS = {META: "https://graph.facebook.com", D360: "https://waba-v2.360dialog.io"}
#: The version of the Graph API that Meta's own examples use. From v24.0 on the limit is that of the portfolio.
API_VERSION = "v25.0"
_VARIABLES = {META: "WHATSAPP_ACCESS_TOKEN", D360: "D360_API_KEY"}
_MAKERS = {
    META: "a system user's token, made in the business settings of Meta, with whatsapp_business_management",
    D360: "the channel's API key, made in 360dialog's hub",
}

NUMBER_ARGUMENTS: dict[str, Any] = {
    "provider": {"type": "str", "choices": [META, D360], "default": META},
    "phone_number_id": {"type": "str"},
    "business_account_id": {"type": "str"},
    "access_token": {"type": "str", "no_log": True},
    "label": {"type": "str"},
    "api_version": {"type": "str", "default": API_VERSION},
    "api_url": {"type": "str"},
    "ca_path": {"type": "path"},
    "request_timeout": {"type": "str", "default": "10s"},
    "retry_limit": {"type": "str", "default": "30s"},
}

# Meta's own patterns (its OpenAPI document).
_ID = re.compile(r"[0-9]+")
_VERSION = re.compile(r"v[0-9]+\.[0-9]+")
_LABEL = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class NumberSettings:
    """A number, and how to ask about it. Both spans are in seconds: of one request, and of all tries of one."""

    provider: str
    number_id: str
    account_id: str
    label: str
    token: str = field(repr=False)
    url: str = URLS[META]
    version: str = API_VERSION
    ca_path: str | None = None
    timeout: float = 10.0
    patience: float = 30.0

    @property
    def title(self) -> str:
        """The number's name for messages."""
        return f"WhatsApp number {self.label}"


def read_settings(params: Mapping[str, Any]) -> NumberSettings:
    """Return what the module parameters describe; the token may come from the environment.

    :raises RefusedError: naming the one that makes no sense.
    """
    provider = params["provider"]
    number_id = _identifier("phone_number_id", params)
    account_id = _identifier("business_account_id", params)
    if provider == META and not number_id:
        raise RefusedError(
            "Parameter phone_number_id is missing. It is the number's ID (not the number itself), in Meta's WhatsApp "
            "Manager under API Setup."
        )
    label = params["label"] or number_id or provider
    if not _LABEL.fullmatch(label):
        raise RefusedError(f"Parameter label: {label!r} is no short name. Letters, digits, _ and - make one.")
    if not _VERSION.fullmatch(params["api_version"]):
        raise RefusedError(
            f"Parameter api_version: {params['api_version']!r} is no version. Write one such as {API_VERSION}."
        )
    variable = _VARIABLES[provider]
    advice = f"Set access_token, or {variable} in the environment: {_MAKERS[provider]}."
    return NumberSettings(
        provider=provider,
        number_id=number_id,
        account_id=account_id,
        label=label,
        token=service_token("access_token", params["access_token"] or os.environ.get(variable, ""), advice),
        url=service_url("api_url", params["api_url"] or URLS[provider], URLS[provider]),
        version=params["api_version"],
        ca_path=params["ca_path"],
        timeout=request_span("request_timeout", params["request_timeout"]),
        patience=duration_seconds("retry_limit", params["retry_limit"]),
    )


def _identifier(name: str, params: Mapping[str, Any]) -> str:
    value = params[name] or ""
    if value and not _ID.fullmatch(value):
        raise RefusedError(f"Parameter {name}: {value!r} is no ID of Meta's: those are digits alone, as text.")
    return value
