# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project on the double of the Management API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.plan import (
    RESTORE_ARGUMENTS,
    patience_from,
    wanted_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.restore import Request, restore_project
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.settings import API_ARGUMENTS, read_settings

from tests.support.fast_clock import FastClock
from tests.support.supabase_api import REF, SupabaseApi


class Site:
    """The double, and what can be asked of it."""

    def __init__(self, api: SupabaseApi) -> None:
        self.api, self.time, self.warnings = api, FastClock(), list[str]()

    def params(self, **more: Any) -> dict[str, Any]:
        specs = {**API_ARGUMENTS, **RESTORE_ARGUMENTS}
        return {**{name: spec.get("default") for name, spec in specs.items()}, **self.api.params(), **more}

    def client(self, **more: Any) -> Client:
        return Client(read_settings(self.params(**more)), self.time.clock())

    def restore(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        params = self.params(**{"confirm": REF, **more})
        request = Request(wanted_from(params), patience_from(params), params["confirm"])
        return restore_project(self.client(**more), request, self.warnings.append, check_mode=check_mode)


@pytest.fixture
def site() -> Iterator[Site]:
    with SupabaseApi() as api:
        yield Site(api)
        assert api.violations == []
