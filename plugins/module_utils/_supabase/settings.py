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
from urllib.parse import urlsplit

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
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
_TOKEN = re.compile(r"^[\x21-\x7e]+$")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


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
        token=_token(params["access_token"] or os.environ.get(TOKEN_VARIABLE, "")),
        url=_url(params["api_url"]),
        timeout=_span("request_timeout", params),
        patience=duration_seconds("retry_limit", params["retry_limit"]),
    )


def _token(token: str) -> str:
    if not token:
        raise RefusedError(
            f"No access token is given. Set access_token, or {TOKEN_VARIABLE} in the environment; make one at "
            "https://supabase.com/dashboard/account/tokens."
        )
    if not _TOKEN.match(token):
        raise RefusedError(
            "Parameter access_token holds a blank, a line break or a letter that no token has. Copy it again."
        )
    return token


def _url(url: str) -> str:
    """Return ``url`` without a slash at its end; the token must not cross a network in the clear."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise RefusedError(f"Parameter api_url: {url!r} is no address of a server. Write it as {API_URL}.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise RefusedError(f"Parameter api_url: {url!r} would send the token unencrypted. Use https.")
    return url.rstrip("/")


def _span(name: str, params: Mapping[str, Any]) -> float:
    seconds = duration_seconds(name, params[name])
    if seconds <= 0:
        raise RefusedError(f"Parameter {name}: {params[name]!r} leaves no time. Write a span such as 30s.")
    return seconds
