# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which project, and how Supabase's Management API is reached: the parameters of the modules, checked. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import request_span, service_token, service_url
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds

API_URL = "https://api.supabase.com"
TOKEN_VARIABLE = "SUPABASE_ACCESS_TOKEN"

#: What every module that talks to the Management API takes (documented in the fragment ``supabase``).
API_ARGUMENTS: dict[str, Any] = {
    "project_ref": {"type": "str", "required": True},
    "access_token": {"type": "str", "no_log": True},
    "api_url": {"type": "str", "default": API_URL},
    "request_timeout": {"type": "str", "default": "30s"},
    "retry_limit": {"type": "str", "default": "3m"},
}

# The API's own pattern (its OpenAPI document, parameter ``ref``).
_REF = re.compile(r"^[a-z]{20}$")
_TOKEN_ADVICE = f"Set access_token, or {TOKEN_VARIABLE} in the environment; make one at https://supabase.com/dashboard/account/tokens."


@dataclass(frozen=True)
class ApiSettings:
    """A project, and how to ask about it. Both spans are in seconds: of one request, and of all tries of one."""

    project_ref: str
    token: str = field(repr=False)
    url: str = API_URL
    timeout: float = 30.0
    patience: float = 180.0


def read_settings(params: Mapping[str, Any]) -> ApiSettings:
    """Return what the module parameters describe; the token may come from the environment.

    :raises RefusedError: naming the one that makes no sense.
    """
    ref = params["project_ref"]
    if not _REF.match(ref):
        raise RefusedError(
            f"Parameter project_ref: {ref!r} is no reference of a Supabase project. It is the 20 small letters in the "
            "project's address, https://supabase.com/dashboard/project/<ref>."
        )
    return ApiSettings(
        project_ref=ref,
        token=service_token(
            "access_token", params["access_token"] or os.environ.get(TOKEN_VARIABLE, ""), _TOKEN_ADVICE
        ),
        url=service_url("api_url", params["api_url"], API_URL),
        timeout=request_span("request_timeout", params["request_timeout"]),
        patience=duration_seconds("retry_limit", params["retry_limit"]),
    )
