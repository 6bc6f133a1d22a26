# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A number on the double of Meta's Cloud API and 360dialog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.info import (
    JUDGE_ARGUMENTS,
    judging_from,
    number_info,
)
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.settings import NUMBER_ARGUMENTS, read_settings

from tests.support.fast_clock import FastClock
from tests.support.whatsapp_api import WhatsAppApi


class Site:
    """The double, and what can be asked of it."""

    def __init__(self, api: WhatsAppApi) -> None:
        self.api, self.time = api, FastClock()

    def params(self, *, d360: bool = False, **more: Any) -> dict[str, Any]:
        specs = {**NUMBER_ARGUMENTS, **JUDGE_ARGUMENTS}
        given = self.api.d360_params(**more) if d360 else self.api.params(**more)
        return {**{name: spec.get("default") for name, spec in specs.items()}, **given}

    def client(self, **more: Any) -> Client:
        return Client(read_settings(self.params(**more)), self.time.clock())

    def info(self, **more: Any) -> dict[str, Any]:
        params = self.params(**more)
        return number_info(self.client(**more), read_settings(params), judging_from(params))

    def checks(self, **more: Any) -> dict[str, dict[str, Any]]:
        return {each["id"].rpartition(".")[2]: each for each in self.info(**more)["checks"]}


@pytest.fixture
def site() -> Iterator[Site]:
    with WhatsAppApi() as api:
        yield Site(api)
        assert api.violations == []
