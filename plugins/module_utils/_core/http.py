# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a vendor's HTTP interface that speaks JSON, tried again where that is safe.

What a refusal means is the vendor's own: whoever makes a :class:`HttpClient` gives it the function that tells.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds

#: What becomes of a refused request. It is of no use to send it again; it had no effect, and may be sent again later;
#: the server failed, and nobody knows whether it took effect.
FINAL, THROTTLED, FAILED = "final", "throttled", "failed"

_MOST_BYTES = 4 * 1024 * 1024
_LONGEST_PAUSE = 60.0
_NETWORK = (URLError, HTTPException, OSError, UrlsConnectionError)
_TOKEN = re.compile(r"[\x21-\x7e]+")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Seconds from now are fewer than this, those since 1970 more.
_INSTANT = 1_000_000_000


class UnansweredError(ToolError):
    """A request was sent, and nobody knows whether it took effect."""


@dataclass(frozen=True)
class Clock:
    """The time that passes (``monotonic``, in seconds) and how it is waited for; the tests' own runs faster."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Service:
    """Whom one talks to. Both spans are in seconds: of one request, and of all tries of one.

    :param headers: what each request carries, such as ``Authorization``.
    :param secrets: what no message may hold, even if the server repeats it.
    :param ca_path: a file of certificates to trust, in place of the system's.
    :param option: the module's option that holds ``url``, for advice.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    timeout: float = 30.0
    patience: float = 180.0
    ca_path: str | None = None
    option: str = "api_url"

    @property
    def origin(self) -> str:
        """The address without its path, which may be a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


@dataclass(frozen=True)
class Call:
    """One request.

    :param path: is put behind the service's address.
    :param what: what is being done, to what, as it stands behind ``Failed to``.
    :param body: is sent as JSON; None: no body.
    :param repeatable: whether it may be sent again when nobody knows what became of it; None: if it is a GET.
    :param permission: the one that it needs, for advice.
    """

    method: str
    path: str
    what: str
    body: Any = None
    repeatable: bool | None = None
    permission: str = ""

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
        return self.method in ("GET", "HEAD") if self.repeatable is None else self.repeatable


@dataclass(frozen=True)
class Answer:
    """What came back; the names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """Return the body's JSON value; None if it has none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Refusal:
    """What an answer that is no success means: the error to raise, and ``FINAL``, ``THROTTLED`` or ``FAILED``."""

    error: OpsError
    fate: str = FINAL


class HttpClient:
    """Sends requests to one service.

    :param refusal: tells what an answer that is no success means; the call's ``what`` stands in the error's message.
    """

    def __init__(
        self, service: Service, refusal: Callable[[Call, Answer], Refusal], clock: Clock | None = None
    ) -> None:
        self.service, self.clock = service, clock or Clock()
        self._refusal = refusal

    def json(self, call: Call) -> Any:
        """Return the JSON value that is answered.

        :raises OpsError: as :meth:`send` does; a ``ToolError`` if the answer is none.
        """
        answer = self.send(call)
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise ToolError(f"Failed to {call.what}: the answer is no JSON. Check {self.service.option}.") from error

    def send(self, call: Call) -> Answer:
        """Return the answer; the request is sent again and again while that is safe and the patience lasts.

        :raises OpsError: what the service's refusal means; a ``ToolError`` if it cannot be reached, an ``UnansweredError``
            for a change whose answer was lost.
        """
        begun, attempt = self.clock.monotonic(), 0
        while True:
            try:
                return self._once(call)
            except _RetryableError as retry:
                pause = retry.pause(attempt)
                if self.clock.monotonic() - begun + pause > self.service.patience:
                    raise retry.error from retry
                self.clock.sleep(pause)
                attempt += 1

    def _once(self, call: Call) -> Answer:
        service = self.service
        try:
            with open_url(
                service.url + call.path,
                method=call.method,
                data=None if call.body is None else json.dumps(call.body).encode("ascii"),
                headers={
                    **service.headers,
                    "Accept": "application/json",
                    **({} if call.body is None else {"Content-Type": "application/json"}),
                },
                http_agent="chatbot.ops",
                timeout=service.timeout,
                ca_path=service.ca_path,
                follow_redirects="none",  # the token is for this address alone
            ) as response:
                return Answer(response.getcode(), _lowered(response.headers), bytes(response.read(_MOST_BYTES)))
        except HTTPError as error:
            raise self._answered(call, error) from error
        except SSLValidationError as error:
            raise ToolError(f"Failed to {call.what}: {self._scrubbed(str(error))}") from error
        except _NETWORK as error:
            raise self._lost(call, error) from error

    def _answered(self, call: Call, error: HTTPError) -> Exception:
        answer = Answer(error.code, _lowered(error.headers), self._scrubbed_bytes(error.read(_MOST_BYTES)))
        found = self._refusal(call, answer)
        if found.fate == FINAL:
            return found.error
        if found.fate == THROTTLED or call.may_repeat:
            return _RetryableError(found.error, asked_pause(answer.headers, datetime.now(timezone.utc)))
        return UnansweredError(found.error.message, **found.error.details)

    def _lost(self, call: Call, error: Exception) -> Exception:
        reason = getattr(error, "reason", None) or error
        said = (
            f"Failed to {call.what}: {self.service.origin} cannot be reached ({self._scrubbed(str(reason))}). "
            f"Check the network and {self.service.option}."
        )
        if call.may_repeat or isinstance(reason, ConnectionRefusedError):
            return _RetryableError(ToolError(said))
        return UnansweredError(said)

    def _scrubbed(self, text: str) -> str:
        for secret in filter(None, self.service.secrets):
            text = text.replace(secret, "***")
        return text

    def _scrubbed_bytes(self, body: bytes) -> bytes:
        for secret in filter(None, self.service.secrets):
            body = body.replace(secret.encode(), b"***")
        return body


class _RetryableError(Exception):
    """The request may be sent again; ``error`` is what to say when the patience ends."""

    def __init__(self, error: OpsError, asked: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self._asked = error, asked

    def pause(self, attempt: int) -> float:
        """Return for how many seconds to wait: as the server asks, else longer each time."""
        if self._asked is not None:
            return self._asked
        return float(min(2.0**attempt, _LONGEST_PAUSE)) * random.uniform(0.5, 1.0)  # spread, not secrecy


def asked_pause(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds for which the answer's headers ask to wait; None if they ask for nothing.

    ``Retry-After`` holds seconds or a date (RFC 9110, 10.2.3), ``X-RateLimit-Reset`` seconds (Supabase) or the instant,
    in seconds since 1970 (UptimeRobot).
    """
    known = _lowered(headers)
    for name in ("retry-after", "x-ratelimit-reset"):
        value = known.get(name, "")
        if value.replace(".", "", 1).isdigit():
            seconds = float(value)
            return max(0.0, seconds - now.timestamp()) if seconds > _INSTANT else seconds
        try:
            return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
        except (TypeError, ValueError, IndexError):
            continue
    return None


def service_url(name: str, url: str, example: str) -> str:
    """Return ``url`` without a slash at its end; a token must not cross a network in the clear.

    :raises RefusedError: naming the parameter ``name``, if it is no address of a server, or sends secrets unencrypted.
    """
    parts = _address(url)
    if parts is None:
        raise RefusedError(f"Parameter {name}: {url!r} is no address of a server. Write it as {example}.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise RefusedError(f"Parameter {name}: {url!r} would send the token unencrypted. Use https.")
    return url.rstrip("/")


def service_token(name: str, token: str, advice: str) -> str:
    """Return ``token``, which can stand in a header.

    :param advice: where it is to be set and had, if there is none.
    :raises RefusedError: naming the parameter ``name``, if it is none.
    """
    words = name.replace("_", " ")
    if not token:
        raise RefusedError(f"No {words} is given. {advice}")
    if not _TOKEN.fullmatch(token):
        raise RefusedError(
            f"Parameter {name} holds a blank, a line break or a letter that no token has. Copy it again."
        )
    return token


def request_span(name: str, value: Any) -> float:
    """Return a duration in seconds that leaves time for something.

    :raises RefusedError: naming the parameter ``name``, if it does not.
    """
    seconds = duration_seconds(name, value)
    if seconds <= 0:
        raise RefusedError(f"Parameter {name}: {value!r} leaves no time. Write a span such as 30s.")
    return seconds


def _address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        strange = parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query
        return None if strange or parts.port == 0 else parts
    except ValueError:  # a port that is no number, half an IPv6 address
        return None


def _lowered(headers: Mapping[str, str] | Message) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in headers.items()}
