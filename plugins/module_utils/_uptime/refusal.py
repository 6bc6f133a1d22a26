# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services refuse, in words that say what to do next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    Refusal,
)

_TOO_MANY = 429
_ADVICE = {
    400: "it takes no such monitor; correct what it names",
    401: "the key is wrong or was revoked; make a new one in the dashboard, and set api_key",
    402: "the plan does not include it",
    403: "the key may not do so, or the plan's number of monitors is used up; see the dashboard",
    404: "there is no such monitor any more, or api_url is wrong",
    409: "something like it is there already; look at the dashboard",
    410: "there is no such monitor any more",
    422: "it takes no such monitor; correct what it names",
}


def refusal_of(title: str) -> Callable[[Call, Answer], Refusal]:
    """Return the function that tells what the service called ``title`` refused."""

    def refusal(call: Call, answer: Answer) -> Refusal:
        said = spoken(answer.document())
        words = f" ({said})" if said else ""
        text = f"Failed to {call.what}: HTTP {answer.status}{words}"
        if answer.status == _TOO_MANY:
            error = ToolError(
                f"{text}: {title}'s limit of requests is used up; run it again later, or less often.", status_code=429
            )
            return Refusal(error, THROTTLED)
        if answer.status >= 500:
            return Refusal(
                ToolError(f"{text}: {title} itself failed; try again later.", status_code=answer.status), FAILED
            )
        advice = _ADVICE.get(answer.status, _ADVICE[400])
        return Refusal(RefusedError(f"{text}: {advice}.", status_code=answer.status), FINAL)

    return refusal


def spoken(document: Any) -> str:
    """Return what the body of an error says, in one line; each service has its own shape for it."""
    return " ".join(_texts(document).split())[:300]


def _texts(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, (_texts(each) for each in value)))
    if not isinstance(value, Mapping):
        return ""
    for name in ("message", "error", "errors", "detail"):
        if value.get(name):
            return _texts(value[name])
    # Better Stack's: the complaints by the names of the fields.
    return "; ".join(f"{name}: {_texts(each)}" for name, each in value.items() if _texts(each))
