# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Free text made fit to be shown and compared: secrets and people's data masked, what varies folded. Pure."""

from __future__ import annotations

import re

_HIDDEN = "***"
_SECRET_NAMES = "|".join(
    (
        *("pass(?:word|wd|phrase)?", "pwd", "secret", "token", "api[_-]?key", "access[_-]?key", "private[_-]?key"),
        *("auth(?:orization)?", "cookie", "session(?:id)?", "credential", "signature", "sig"),
    )
)
_MASKS = (
    # Secrets by the company they keep.
    (re.compile(r"(?i)(\w+://[^\s:/@]*:)[^\s@]+@"), rf"\1{_HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {_HIDDEN}"),
    (
        re.compile(
            rf"(?i)([\w-]*(?:{_SECRET_NAMES})[\w-]*[\"'\\]*\s*[:=]\s*)(\\?\"(?:[^\"\\]|\\.)*?\\?\"|'[^']*'|[^\s,;&\"'}}]+)"
        ),
        rf"\1{_HIDDEN}",
    ),
    # Secrets by their looks: JWT, Meta, Supabase, AWS, age, keys of providers.
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), _HIDDEN),
    (
        re.compile(
            r"\b(?:EAA[A-Za-z0-9]{20,}|sbp_\w{20,}|sk[-_]\w[\w-]{15,}|AKIA[A-Z0-9]{12,}|gh[pousr]_\w{20,}|xox\w-[\w-]{10,})"
        ),
        _HIDDEN,
    ),
    (re.compile(r"\bAGE-SECRET-KEY-\w+"), _HIDDEN),
    # Long words of letters and digits that no language has; a UUID is shorter between its hyphens.
    (
        re.compile(r"(?<![\w/.-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])(?!\w{8}-\w{4}-\w{4}-)[\w+=-]{32,}(?![\w.])"),
        _HIDDEN,
    ),
    # People.
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"), "<email>"),
    (re.compile(r"(?<![\w.:-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "<ip>"),
    (re.compile(r"(?<![\w.-])\+?\d(?:[ ().-]{0,2}\d){6,14}(?![\w-])"), "<phone>"),
)
# A date would pass for a telephone number.
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?")
_UUID = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])")
_FOLDS = (
    (_UUID, "<uuid>"),
    (_DATE, "<time>"),
    (re.compile(r"(?i)(?<![\w])(?:0x[0-9a-f]+|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,})(?!\w)"), "<hex>"),
    (re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[A-Za-z])\w{12,}(?!\w)"), "<id>"),
    # Not that in a name, such as n8n, and not an HTTP status, which says what went wrong.
    (re.compile(r"<(?:phone|ip)>|(?<![A-Za-z_\d])(?<!HTTP )\+?\d+(?:[.,:]\d+)*"), "<n>"),
    (re.compile(r"<n>(?:[ .,:/-]?<n>)+"), "<n>"),
    (re.compile(r"\s+"), " "),
)
_LONGEST = 600
_SIGNATURE = 200


def mask(text: str) -> str:
    """Return ``text`` without secrets, telephone numbers, addresses of mail and of the Internet, as far as they can be told.

    What is longer than 600 characters is cut.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(0))
        return f"\x00{chr(0xE000 + len(kept) - 1)}\x00"

    text = _UUID.sub(keep, _DATE.sub(keep, text[:_LONGEST].replace("\x00", "")))
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return re.sub("\x00(.)\x00", lambda match: kept[ord(match.group(1)) - 0xE000], text)


def mask_phone(phone: str) -> str:
    """Return a telephone number of which only the last two digits can be told."""
    digits = re.sub(r"\D", "", phone)
    return f"{_HIDDEN}{digits[-2:]}" if len(digits) > 4 else _HIDDEN


def fold(text: str) -> str:
    """Return the signature of ``text``: masked, and with a placeholder for each number, id, time, UUID and hex value.

    Texts that differ in these alone have the same one. It has at most 200 characters.
    """
    text = mask(text)
    for pattern, replacement in _FOLDS:
        text = pattern.sub(replacement, text)
    return text.strip()[:_SIGNATURE]
