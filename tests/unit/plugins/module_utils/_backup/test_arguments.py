# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters that all doors share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.arguments import backup_request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import backup_choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

GIVEN: dict[str, Any] = {
    "stack": "lottery-chatbot",
    "max_age": "24h",
    "set_id": None,
    "compression_level": 1,
    "recipients": [" age1x", "age1y", "age1x"],
    "accept_loss": False,
}


def test_a_request() -> None:
    request = backup_request(GIVEN, "n8n", check_mode=True)
    assert (str(request.place), request.max_age, request.set_id, request.check_mode) == (
        "lottery-chatbot/n8n",
        86400,
        None,
        True,
    )
    assert request.encoding == Encoding(1, ("age1x", "age1y"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("compression_level", 0), ("compression_level", 20), ("set_id", "mine"), ("max_age", "soon"), ("stack", "../x")],
)
def test_what_makes_no_sense_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(RefusedError, match=f"Parameter {name}"):
        backup_request({**GIVEN, name: value}, "n8n", check_mode=False)


def test_a_choice() -> None:
    choice = backup_choice({"backup_id": "latest", "before": "2026-11-24T03:00:00Z"})
    assert choice.before == datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert backup_choice({"backup_id": "20261124T031500Z-n8n-7f3a", "before": None}).before is None


@pytest.mark.parametrize(
    ("backup_id", "before"),
    [("newest", None), ("../../etc", None), ("20261124T031500Z-n8n-7f3a", "2026-11-24T03:00:00Z")],
)
def test_a_choice_that_makes_no_sense(backup_id: str, before: str | None) -> None:
    with pytest.raises(RefusedError, match="backup_id"):
        backup_choice({"backup_id": backup_id, "before": before})
