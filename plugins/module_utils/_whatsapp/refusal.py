# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Meta or 360dialog refused, by its code, in words that say what to do next. Pure.

Meta's advice is to go by the code, not by the HTTP status or the words: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    Refusal,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import mask
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.texts import Words

_KINDS = {
    "token": (0, 104, 190),
    "permission": (3, 10, *range(200, 300)),
    "throttled": (4, 17, 32, 613, 80007, 130429, 131048, 131056, 133016, 131064),
    "blocked": (368, 131031, 130497),
    "billing": (131042,),
    "name": (131037, 131045),
    "request": (33, 100, 131008, 131009),
    "missing": (803, 131030),
    "outage": (1, 2, 131000, 131016, 131057, 133004),
}
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes}
_BY_STATUS = {401: "token", 402: "billing", 403: "permission", 404: "missing", 429: "throttled"}
_EXPIRED = 463


@dataclass(frozen=True)
class Problem:
    """Why a number could not be read. ``kind`` is one of those above, or ``expired`` or ``network``; ``code`` is Meta's."""

    kind: str
    code: int | None = None
    subcode: int | None = None
    message: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"kind": self.kind, "code": self.code, "subcode": self.subcode, "message": self.message}


def problem_of(status: int, body: bytes) -> Problem:
    """Return what an answer with ``status`` and ``body`` says."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    error = said.get("error") if isinstance(said, Mapping) else None
    fallback = "outage" if status >= 500 else _BY_STATUS.get(status, "request")
    if not isinstance(error, Mapping):
        return Problem(fallback, message=_told(said))
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    kind = _BY_CODE.get(-1 if code is None else code, "outage" if error.get("is_transient") is True else fallback)
    if kind == "token" and subcode == _EXPIRED:
        kind = "expired"
    return Problem(kind, code, subcode, _line(error.get("error_user_msg") or error.get("message") or ""))


def refusal(call: Call, answer: Answer) -> Refusal:
    """Return the error for an answer that is no success; its details hold the ``problem``."""
    problem = problem_of(answer.status, answer.body)
    advice = Words("en").advice(problem.kind)
    number = f"HTTP {answer.status}" if problem.code is None else f"error {problem.code}"
    words = f" ({problem.message})" if problem.message else ""
    kind: type[OpsError] = ToolError if problem.kind in ("throttled", "outage") else RefusedError
    error = kind(
        f"Failed to {call.what}: {number}{words}. {advice}", status_code=answer.status, problem=problem.to_document()
    )
    return Refusal(error, {"throttled": THROTTLED, "outage": FAILED}.get(problem.kind, FINAL))


def problem_in(error: OpsError) -> Problem:
    """Return the problem that ``error`` tells of; one of the network, where the interface said nothing."""
    found = error.details.get("problem")
    return Problem("network", message=_line(error.message)) if found is None else Problem(**found)


def _told(said: Any) -> str:
    """Return what 360dialog's own gateway says, which has several shapes."""
    if not isinstance(said, Mapping):
        return ""
    meta = said.get("meta")
    if isinstance(meta, Mapping):
        return _line(meta.get("developer_message") or "")
    return _line(said.get("detail") or said.get("message") or "")


def _line(said: Any) -> str:
    return mask(" ".join(str(said).split()))[:300].rstrip(".")


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None
