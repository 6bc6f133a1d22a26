# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check results and looks for the tests of the health report, made in short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Health, Look, compare

AT = datetime(2026, 11, 24, 3, 15, 42, tzinfo=UTC)
#: Texts that would be markup, or more than one line, or no text at all, wherever they stood unescaped.
HOSTILE = {
    "markup": "</style></script><script>alert(1)</script><img src=x onerror=\"a\" 'b'>",
    "templates": "{{ 7 * 7 }}{% raw %}{# #}",
    "markdown": "# a | `b` [x](y) **c** <b>\n- d\n```\n",
    "labels": 'a"} 1\nchatbot_health_state{x="\\',
    "lines": "a\r\nb\nc\u2028d\x0be",
    "unfit": "a\x00b\x1b[31mc\ud800d\ufffee",
    "long": "x" * 100_000,
    "longer": "é<&>\"' " * 20_000,
}


def document(check_id: str = "api.bot.status", status: str = "ok", **more: Any) -> dict[str, Any]:
    return {"id": check_id, "component": "api", "status": status, "summary": f"{check_id} is {status}.", **more}


def check(check_id: str, status: str = "ok", **more: Any) -> Check:
    return Check(**{**document(check_id, status), **more})


def health(*checks: Check, before: Look | None = None, language: str = "en", **more: Any) -> Health:
    given = {"stack": "lottery-chatbot", "host": "bot.example.org", **more}
    return Health(language=language, at=AT, checks=checks, changes=compare(checks, before, AT), **given)


def look(minutes: int = 5, **states: str) -> Look:
    """Return the look so many minutes before; names of checks have __ for a point."""
    since = "2026-11-20T00:00:00.000000Z"
    return Look(
        AT - timedelta(minutes=minutes),
        {name.replace("__", "."): (state, since) for name, state in states.items()},
    )


def daily(*values: float) -> Sequence[tuple[datetime, float]]:
    """Return a series of one value a day, which ends at ``AT``."""
    return [(AT - timedelta(days=len(values) - 1 - number), value) for number, value in enumerate(values)]
