# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of a log: whether it tells of an error or a warning, and in which words. Pure.

The formats are those of pino (https://github.com/pinojs/pino, levels 40, 50 and 60), winston (JSON and ``simple``),
n8n (``LOG_FORMAT`` text and json), nginx (``error_log``, ``access_log`` in the formats common and combined), PostgreSQL
(``log_line_prefix`` of any kind), Node's own uncaught errors, and lines that begin with their level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ERROR = "error"
WARNING = "warning"

_SEVERITY = {
    **dict.fromkeys(
        ("error", "err", "fatal", "crit", "critical", "alert", "emerg", "emergency", "panic", "severe"), ERROR
    ),
    **dict.fromkeys(("warn", "warning"), WARNING),
}
_LOWER = (
    *("trace", "debug", "verbose", "silly", "http", "info", "notice", "log", "statement", "detail", "hint", "context"),
    *("query", "location", "success", "ok", "data", "input"),
)
# pino's numbers: https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level
_PINO_WARNING, _PINO_ERROR = 40, 50
# What a client may do wrong is its own business, but for what shows that a limit of ours is in its way.
_TELLING_STATUS = (408, 413, 429, 499)

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NGINX_ERROR = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(\w+)\] \d+#\d+: (?:\*\d+ )?(.*)", re.DOTALL)
_NGINX_ACCESS = re.compile(r'^\S+ \S+ \S+ \[[^\]]+\] "([^"]*)" (\d{3}) ')
_N8N = re.compile(r"^\S+ \| (\w+)\s*\| (.*)", re.DOTALL)
# PostgreSQL: whatever log_line_prefix wrote, then the level, a colon and two blanks.
_POSTGRES = re.compile(r"^.{0,120}?\b([A-Z]{3,9}):  (.*)", re.DOTALL)
# The level first, behind nothing but a time, brackets and a process id.
_LEVEL_FIRST = re.compile(
    r"^[\[\](){}<>|\d\s:.,+/TZ-]*(?:UTC[\s\]]*)?(?:\[\d+\]\s*)?"
    rf"({'|'.join((*_SEVERITY, *_LOWER))})\b[\])>|\s]*(?:\(\d+\))?\s*[:|\]-]?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
_NODE_WARNING = re.compile(r"^\(node:\d+\) (.*)", re.DOTALL)
_THROWN = re.compile(r"^(?:Uncaught |Unhandled |\[)?(?:[A-Z]\w*)?(?:Error|Exception)\b")
_FAILURE = re.compile(
    r"error|exception|\bfatal\b|\bpanic\b|\bfail(?:ed|ure|s)?\b|unhandled|uncaught|\brefused\b|\bdenied\b",
    re.IGNORECASE,
)
_NO_FAILURE = re.compile(
    r"\b(?:no|0|without|zero)\s+(?:\w+\s+)?(?:errors?|exceptions?|failures?)\b|errors?\W+0\b", re.IGNORECASE
)
# What follows a line that was counted already: a stack trace, the rest of an object.
_CONTINUED = re.compile(r"^(?:\s|at |[}\])\]]|Caused by|\.\.\. \d+ (?:more|lines))")
_LONGEST = 2000


@dataclass(frozen=True)
class Finding:
    """An error or a warning (``severity``), in the words of the log; they may hold secrets."""

    severity: str
    message: str


def read_line(text: str, *, stderr: bool = False) -> Finding | None:
    """Return what a line tells, or None if that is no error and no warning.

    :param text: the line, without its end.
    :param stderr: whether it was written to the standard error. Where nothing tells its level, it counts as a warning.
    """
    text = _ANSI.sub("", text).rstrip()
    if not text or _CONTINUED.match(text):
        return None
    if text.startswith("{"):
        found = _object(text)
        if found is not None:
            return _json_finding(found)
    return _text_finding(text[:_LONGEST], stderr=stderr)


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None  # the line is one of many of an object, or was cut by Docker after 16 kB
    return found if isinstance(found, dict) else None


def _json_finding(record: Mapping[str, Any]) -> Finding | None:
    error = next((record[each] for each in ("err", "error", "exception") if record.get(each)), None)
    level = next((record[each] for each in ("level", "severity", "lvl", "levelname") if each in record), None)
    severity = _severity(level)
    if level is None and error is not None:
        severity = ERROR
    if severity is None:
        return None
    message = next((record[each] for each in ("msg", "message", "text") if record.get(each)), "")
    words = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    reason = _reason(error)
    if reason and reason not in words:
        words = f"{words}: {reason}" if words else reason
    return Finding(severity, (words or "(no message)")[:_LONGEST])


def _severity(level: Any) -> str | None:
    if isinstance(level, bool):
        return None
    if isinstance(level, (int, float)):
        return ERROR if level >= _PINO_ERROR else WARNING if level >= _PINO_WARNING else None
    return _SEVERITY.get(str(level).strip().lower())


def _reason(error: Any) -> str:
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("code") or error.get("type") or "")
    return error if isinstance(error, str) else ""


def _text_finding(text: str, *, stderr: bool) -> Finding | None:
    for read in (_nginx, _n8n, _postgres, _node, _level_first):
        known, found = read(text)
        if known:
            return found
    if _NO_FAILURE.search(text):
        return None
    if _FAILURE.search(text):
        return Finding(ERROR, text)
    return Finding(WARNING, text) if stderr else None


def _of_level(word: str, message: str) -> tuple[bool, Finding | None]:
    severity = _SEVERITY.get(word.lower())
    return True, Finding(severity, message) if severity else None


def _nginx(text: str) -> tuple[bool, Finding | None]:
    match = _NGINX_ERROR.match(text)
    if match is not None:
        # Who asked for what follows: it differs from line to line, and is nobody's business.
        return _of_level(match.group(1), match.group(2).split(", client: ")[0])
    match = _NGINX_ACCESS.match(text)
    if match is None:
        return False, None
    status = int(match.group(2))
    if status < 500 and status not in _TELLING_STATUS:
        return True, None
    method, _blank, rest = match.group(1).partition(" ")
    path = rest.split(" ")[0].split("?")[0]
    return True, Finding(ERROR if status >= 500 else WARNING, f"HTTP {status}: {method} {path}")


def _n8n(text: str) -> tuple[bool, Finding | None]:
    match = _N8N.match(text)
    if match is None:
        return False, None
    # What n8n writes behind the words is where in its code they come from.
    return _of_level(match.group(1), re.split(r" \{ ?\"?\w+\"?:", match.group(2), maxsplit=1)[0])


def _postgres(text: str) -> tuple[bool, Finding | None]:
    match = _POSTGRES.match(text)
    if match is None or match.group(1).lower() not in (*_SEVERITY, *_LOWER):
        return False, None
    return _of_level(match.group(1), match.group(2))


def _node(text: str) -> tuple[bool, Finding | None]:
    match = _NODE_WARNING.match(text)
    if match is not None:
        return True, Finding(ERROR if "Unhandled" in text else WARNING, match.group(1))
    if _THROWN.match(text):
        return True, Finding(ERROR, text)
    return False, None


def _level_first(text: str) -> tuple[bool, Finding | None]:
    match = _LEVEL_FIRST.match(text)
    if match is None:
        return False, None
    return _of_level(match.group(1), match.group(2) or text)
