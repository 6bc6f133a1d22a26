# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of healthchecks.io, Uptime Kuma and Cronitor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    Clock,
    HttpClient,
    Refusal,
    Service,
    request_span,
    service_url,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds

EVENTS = ("start", "success", "fail")
TYPES = ("healthchecks", "uptime_kuma", "cronitor")
ARGUMENTS: dict[str, Any] = {
    "type": {"type": "str", "required": True, "choices": list(TYPES)},
    "url": {"type": "str", "required": True, "no_log": True},
    "event": {"type": "str", "required": True, "choices": list(EVENTS)},
    "run_id": {"type": "str", "default": ""},
    "summary": {"type": "str", "default": ""},
    "request_timeout": {"type": "str", "default": "10s"},
    "retry_limit": {"type": "str", "default": "30s"},
}
_EXAMPLES = {
    "healthchecks": "https://hc-ping.com/<ping key>/<slug>",
    "uptime_kuma": "https://kuma.example.com/api/push/<token>",
    "cronitor": "https://cronitor.link/p/<API key>/<monitor>",
}
_CRONITOR_STATES = {"start": "run", "success": "complete", "fail": "fail"}
# What is kept: 10 kB of healthchecks.io's own server, 2,000 characters of Cronitor, a line of Uptime Kuma.
_LONGEST = {"healthchecks": 9000, "uptime_kuma": 250, "cronitor": 1900}
_TOO_MANY = 429


@dataclass(frozen=True)
class Heartbeat:
    """One call. ``url`` is what the service shows, a secret; ``run_id`` is the same at the beginning and the end of a run."""

    type: str
    url: str = field(repr=False)
    event: str
    run_id: str = ""
    summary: str = ""
    timeout: float = 10.0
    patience: float = 30.0


def read_heartbeat(params: Mapping[str, Any]) -> Heartbeat:
    """Return the call that the parameters describe.

    :raises RefusedError: naming the one that makes no sense; never with the address.
    """
    # Uptime Kuma shows its address with ?status=up&msg=OK&ping= behind it.
    bare = urlunsplit((*urlsplit(params["url"])[:3], "", ""))
    try:
        url = service_url("url", bare, _EXAMPLES[params["type"]])
    except RefusedError as error:
        raise RefusedError(
            f"Parameter url is no address of {params['type']}, or sends its secret unencrypted. Write it as "
            f"{_EXAMPLES[params['type']]}."
        ) from error
    return Heartbeat(
        type=params["type"],
        url=url,
        event=params["event"],
        run_id=params["run_id"],
        summary=params["summary"],
        timeout=request_span("request_timeout", params["request_timeout"]),
        patience=duration_seconds("retry_limit", params["retry_limit"]),
    )


def call_of(beat: Heartbeat) -> Call | None:
    """Return the request; None where the service has no word for the event. Pure."""
    what = f"tell {beat.type} of the {beat.event}"
    summary = beat.summary[: _LONGEST[beat.type]]
    if beat.type == "healthchecks":
        query = f"?rid={uuid.uuid5(uuid.NAMESPACE_URL, beat.run_id)}" if beat.run_id else ""
        path = {"start": "/start", "success": "", "fail": "/fail"}[beat.event]
        body = {"event": beat.event, "run_id": beat.run_id, "summary": summary}
        return Call("POST", f"{path}{query}", what, body, repeatable=True)
    if beat.type == "cronitor":
        given = {"state": _CRONITOR_STATES[beat.event], "series": beat.run_id, "message": summary}
        return Call("GET", f"?{urlencode({name: value for name, value in given.items() if value})}", what)
    if beat.event == "start":
        return None  # Uptime Kuma knows up and down alone: a beginning would count as a success
    status = "up" if beat.event == "success" else "down"
    return Call("GET", f"?{urlencode({'status': status, 'msg': summary or beat.event})}", what)


def send(beat: Heartbeat, *, check_mode: bool, clock: Clock | None = None) -> dict[str, Any]:
    """Send the call, and return the module's result.

    :raises OpsError: if nobody heard it.
    """
    call = call_of(beat)
    if call is None or check_mode:
        return {"changed": False, "sent": False}
    # The path is the secret.
    secrets = tuple(each for each in urlsplit(beat.url).path.split("/") if len(each) > 5)
    service = Service(beat.url, secrets=secrets, timeout=beat.timeout, patience=beat.patience, option="url")
    answer = HttpClient(service, _refusal, clock).send(call)
    document = answer.document()
    if beat.type == "uptime_kuma" and not (isinstance(document, Mapping) and document.get("ok") is True):
        raise ToolError(f"Failed to {call.what}: the answer is none of Uptime Kuma's. Check url.")
    return {"changed": False, "sent": True}


def _refusal(call: Call, answer: Answer) -> Refusal:
    said = " ".join(answer.body[:300].decode("utf-8", "replace").split())
    text = f"Failed to {call.what}: HTTP {answer.status}{f' ({said})' if said else ''}"
    if answer.status == _TOO_MANY:
        return Refusal(ToolError(f"{text}: too many calls.", status_code=answer.status), THROTTLED)
    if answer.status >= 500:
        return Refusal(ToolError(f"{text}: the service itself failed.", status_code=answer.status), FAILED)
    advice = "there is no such check any more, or it is not active; see its dashboard, and correct url"
    return Refusal(RefusedError(f"{text}: {advice}.", status_code=answer.status), FINAL)
