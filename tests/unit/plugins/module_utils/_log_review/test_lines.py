# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each format of a log, by lines as the programs write them."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.lines import read_line

ERRORS = {
    "pino 9": (
        '{"level":50,"time":1764034500000,"pid":1,"hostname":"api","err":{"type":"Error","message":"connect ECONNREFUSED '
        '172.18.0.4:5432","stack":"Error: connect"},"msg":"database lost"}',
        "database lost: connect ECONNREFUSED 172.18.0.4:5432",
    ),
    "pino 9, fatal": ('{"level":60,"time":1764034500000,"pid":1,"hostname":"api","msg":"bye"}', "bye"),
    "pino with its own words": ('{"level":"ERROR","timestamp":"2026-11-24T03:15:00Z","message":"x"}', "x"),
    "winston 3, json": (
        '{"level":"error","message":"send failed","service":"api","timestamp":"2026-11-24T03:15:00.000Z"}',
        "send failed",
    ),
    "winston 3, simple": ('error: send failed {"service":"api"}', 'send failed {"service":"api"}'),
    "winston 3, colours": ("\x1b[31merror\x1b[39m: send failed", "send failed"),
    "n8n 2, text": (
        '2026-11-24T03:15:00.123Z | error    | Invalid token {"file":"auth.js","function":"check"}',
        "Invalid token",
    ),
    "n8n 2, json": (
        '{"level":"error","message":"Problem with execution 12","metadata":{"timestamp":"2026-11-24T03:15:00.123Z"}}',
        "Problem with execution 12",
    ),
    "n8n 1": ("2025-11-24T03:15:00.123Z | error    | Request failed with status code 500", None),
    "nginx 1.26, error log": (
        "2026/11/24 03:15:00 [error] 29#29: *41 connect() failed (111: Connection refused) while connecting to upstream, "
        'client: 203.0.113.9, server: bot.test, request: "POST /webhook/x HTTP/1.1", upstream: "http://172.18.0.3:5678"',
        "connect() failed (111: Connection refused) while connecting to upstream",
    ),
    "nginx 1.26, emergency": ("2026/11/24 03:15:00 [emerg] 1#1: host not found in upstream", None),
    "nginx 1.26, combined": (
        '203.0.113.9 - - [24/Nov/2026:03:15:00 +0000] "POST /webhook/x?token=abc HTTP/1.1" 502 157 "-" "curl/8"',
        "HTTP 502: POST /webhook/x",
    ),
    "PostgreSQL 17": (
        '2026-11-24 03:15:00.123 UTC [71] ERROR:  relation "orderz" does not exist at character 15',
        'relation "orderz" does not exist at character 15',
    ),
    "PostgreSQL 17, with a prefix": (
        "2026-11-24 03:15:00.123 UTC [71] app@lottery FATAL:  password authentication failed",
        "password authentication failed",
    ),
    "pino-pretty": ("[03:15:00.123] ERROR (17): send failed", "send failed"),
    "Node, uncaught": ("TypeError: Cannot read properties of undefined (reading 'id')", None),
    "Node, a promise": ("(node:7) UnhandledPromiseRejectionWarning: Error: x", None),
    "an API's own": ("POST /messages 503: Connection terminated due to connection timeout error", None),
    "a level in brackets": ("[2026-11-24 03:15:00] [ERROR] no such number", "no such number"),
}
WARNINGS = {
    "pino 9": ('{"level":40,"time":1764034500000,"msg":"slow"}', "slow"),
    "winston 3": ('{"level":"warn","message":"slow"}', "slow"),
    "n8n 2": ("2026-11-24T03:15:00.123Z | warn     | Permissions 0644 for n8n settings file are too wide.", None),
    "nginx 1.26": ("2026/11/24 03:15:00 [warn] 1#1: conflicting server name", "conflicting server name"),
    "nginx 1.26, a limit of ours": (
        '203.0.113.9 - - [24/Nov/2026:03:15:00 +0000] "POST /webhook/x HTTP/1.1" 413 157 "-" "curl/8"',
        "HTTP 413: POST /webhook/x",
    ),
    "PostgreSQL 17": ("2026-11-24 03:15:00.123 UTC [71] WARNING:  there is no transaction in progress", None),
    "Node": ("(node:7) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.", None),
}
NEITHER = {
    "pino 9": '{"level":30,"time":1764034500000,"msg":"no error here"}',
    "winston 3": '{"level":"info","message":"error page served"}',
    "JSON without a level": '{"event":"start","errors":0}',
    "n8n 2": "2026-11-24T03:15:00.123Z | info     | Error workflow was activated",
    "nginx 1.26, error log": "2026/11/24 03:15:00 [notice] 1#1: start worker process 29",
    "nginx 1.26, combined": '203.0.113.9 - - [24/Nov/2026:03:15:00 +0000] "GET /error HTTP/1.1" 200 15 "-" "curl/8"',
    "nginx 1.26, what nobody has": '203.0.113.9 - - [24/Nov/2026:03:15:00 +0000] "GET /wp.php HTTP/1.1" 404 15 "-" "x"',
    "PostgreSQL 17": "2026-11-24 03:15:00.123 UTC [71] LOG:  checkpoint complete: wrote 5 buffers",
    "PostgreSQL 17, what belongs to an error": "2026-11-24 03:15:00.123 UTC [71] STATEMENT:  SELECT error FROM x",
    "a stack trace": "    at Error.captureStackTrace (node:internal/errors:1:1)",
    "a success": "Done: 12 rows, 0 errors",
    "winston 3, simple": "info: error handler is ready",
    "nothing": "   ",
}


@pytest.mark.parametrize(("line", "message"), ERRORS.values(), ids=ERRORS)
def test_errors(line: str, message: str | None) -> None:
    found = read_line(line)
    assert found is not None
    assert (found.severity, found.message) == ("error", found.message if message is None else message)


@pytest.mark.parametrize(("line", "message"), WARNINGS.values(), ids=WARNINGS)
def test_warnings(line: str, message: str | None) -> None:
    found = read_line(line, stderr=True)
    assert found is not None
    assert (found.severity, found.message) == ("warning", found.message if message is None else message)


@pytest.mark.parametrize("line", NEITHER.values(), ids=NEITHER)
def test_neither(line: str) -> None:
    assert read_line(line) is None


def test_what_went_to_the_standard_error_is_a_warning_at_least() -> None:
    line = "database connection lost"
    assert read_line(line) is None
    found = read_line(line, stderr=True)
    assert found is not None
    assert found.severity == "warning"


def test_a_line_that_docker_cut() -> None:
    found = read_line('{"level":50,"msg":"a very long error that goes on and on')
    assert found is not None
    assert found.severity == "error"
