# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about one number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import Call, Clock, HttpClient, Service
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.answers import (
    Account,
    Number,
    parse_account,
    parse_number,
)
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.refusal import refusal
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.settings import D360, NumberSettings

_LIMIT, _OLD_LIMIT = "whatsapp_business_manager_messaging_limit", "messaging_limit_tier"
_BASIC = ("id", "display_phone_number", "verified_name", "quality_rating")
_FIELDS = (
    *(*_BASIC, "status", "name_status", "code_verification_status", "platform_type", "account_mode", "throughput"),
    "health_status",
)
_ACCOUNT = ("id", "name", "account_review_status")
_ACCOUNT_MORE = (*_ACCOUNT, "business_verification_status", "status", _LIMIT)
_AGENT = "chatbot-ops/1.0.0"  # the form that Meta's document asks for


class Client:
    """One number, as Meta or 360dialog shows it.

    :raises OpsError: whatever method is called, with the detail ``problem`` if the interface said why.
    """

    def __init__(self, settings: NumberSettings, clock: Clock | None = None) -> None:
        authorization = (
            {"D360-API-KEY": settings.token}
            if settings.provider == D360
            else {"Authorization": f"Bearer {settings.token}"}
        )
        service = Service(
            url=settings.url,
            headers={**authorization, "User-Agent": _AGENT},
            secrets=(settings.token,),
            timeout=settings.timeout,
            patience=settings.patience,
            ca_path=settings.ca_path,
        )
        self._http, self._settings = HttpClient(service, refusal, clock), settings

    def number(self) -> Number:
        """Return the number.

        The portfolio's limit is asked for first; where the version of the API has none, the number's own.
        """
        settings = self._settings
        node = "/health_status" if settings.provider == D360 else f"/{settings.version}/{settings.number_id}"
        what = f"read {settings.title}"
        asked = [(*_FIELDS, _LIMIT), (*_FIELDS, _OLD_LIMIT), (*_BASIC, "health_status"), _BASIC]
        if settings.provider == D360:
            asked.append(())  # what its document promises: health_status alone
        number = parse_number(self._first(node, what, asked))
        return number if number.tier.name is not None else self._with_old_limit(number, node, what)

    def account(self) -> Account | None:
        """Return the account that the number belongs to; None if it was not named, or cannot be asked for."""
        settings = self._settings
        if not settings.account_id or settings.provider == D360:
            return None
        what = f"read the WhatsApp Business account of {settings.label}"
        node = f"/{settings.version}/{settings.account_id}"
        return parse_account(self._first(node, what, [_ACCOUNT_MORE, _ACCOUNT]))

    def _with_old_limit(self, number: Number, node: str, what: str) -> Number:
        if self._settings.provider == D360:
            return number
        try:
            return replace(number, tier=parse_number(self._get(node, what, ("id", _OLD_LIMIT))).tier)
        except RefusedError as error:
            if not self._is_about_fields(error):
                raise
            return number

    def _first(self, node: str, what: str, asked: list[tuple[str, ...]]) -> Any:
        """Return the answer to the first of the questions that the interface understands."""
        for fields in asked[:-1]:
            try:
                return self._get(node, what, fields)
            except RefusedError as error:
                if not self._is_about_fields(error):
                    raise
        return self._get(node, what, asked[-1])

    def _get(self, node: str, what: str, fields: tuple[str, ...]) -> Any:
        query = "?" + urlencode({"fields": ",".join(fields)}, safe=",") if fields else ""
        return self._http.json(Call("GET", node + query, what))

    def _is_about_fields(self, error: RefusedError) -> bool:
        problem = error.details.get("problem") or {}
        if problem.get("kind") != "request":
            return False
        # 360dialog does not promise to hand fields on; what it says of them is not documented either.
        return self._settings.provider == D360 or "field" in str(problem.get("message", "")).lower()
