# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing secret gets into a report, and what differs by numbers alone is one signature."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import fold, mask, mask_phone

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
SECRET = {
    "a URL's password": ("postgres://app:hunter22@db:5432/lottery", "hunter22"),
    "a header": ("Authorization: Bearer abcdef.ghijkl-1", "abcdef.ghijkl-1"),
    "a field": ("password=hunter22 user=app", "hunter22"),
    "a field with blanks": ('"api_key": "k-1 2 3"', "k-1"),
    "an escaped field": ('{\\"access_token\\":\\"hunter22\\"}', "hunter22"),
    "a JWT": (f"token rejected {JWT}", JWT[10:40]),
    "Meta": ("EAAGm0PX4ZCpsBAKtZBbqvZAZC9ZBKZA1234567890 expired", "PX4ZC"),
    "Supabase": ("key sbp_0123456789abcdef0123456789abcdef01234567", "0123456789abcdef"),
    "a key of no name": ("got 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "9f86d081"),
    "age": ("AGE-SECRET-KEY-1QQQQQQQ", "1QQQQQQQ"),
    "a number": ("to +34 612 345 678 failed", "612"),
    "WhatsApp's": ("5215512345678@s.whatsapp.net is gone", "5512345678"),
    "a bare number": ("wa_id 5215512345678", "5512345678"),
    "mail": ("no such user ana.perez@example.org", "ana"),
    "an address": ("connect ECONNREFUSED 203.0.113.9:5432", "203.0.113"),
}


@pytest.mark.parametrize(("text", "secret"), SECRET.values(), ids=SECRET)
def test_masked(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in mask(text)
    assert secret not in fold(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T03:15:00.123Z Problem with execution 12",
        'relation "orderz" does not exist at character 15',
        "workflow 4f1c2d3e-1111-2222-3333-444455556666 failed",
        "GET /webhook/inbound 502",
    ],
)
def test_what_an_operator_needs_stays(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Problem with execution 12", "Problem with execution 98765"),
        (
            "workflow 4f1c2d3e-1111-2222-3333-444455556666 failed",
            "workflow 00000000-1111-2222-3333-444455556667 failed",
        ),
        ("at 2026-11-24T03:15:00.123Z: lost", "at 2026-11-25 04:00:00: lost"),
        ("connect ECONNREFUSED 172.18.0.3:5432", "connect ECONNREFUSED 10.0.0.200:5432"),
        ("block 0xdeadbeef is bad", "block 0xcafe12 is bad"),
        ("object 9f86d081 is gone", "object 00aa22ff is gone"),
        ("to +34 612 345 678 failed", "to +5215512345678 failed"),
        ("took 12.5 ms", "took 3 ms"),
        ("id V1StGXR8Z5jdHi6B failed", "id aB3dE6gH9jK2mN5p failed"),
    ],
)
def test_one_signature(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_two_signatures() -> None:
    assert fold("Problem with execution 12") != fold("Problem with workflow 12")
    assert fold("HTTP 502: GET /orders/17") == "HTTP 502: GET /orders/<n>"
    assert fold("n8n took 12ms") == "n8n took <n>ms"


def test_it_is_bounded() -> None:
    assert len(mask("x y " * 10_000)) <= 600
    assert len(fold("wort " * 10_000)) <= 200


def test_a_telephone_number() -> None:
    assert mask_phone("+34 612 345 678") == "***78"
    assert mask_phone("12") == "***"
