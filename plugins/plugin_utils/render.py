# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes pages from templates. On the controller alone, which has Jinja; the style is that of the other pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).resolve().parent
#: Our templates, and the layers of style that all pages share.
_FOLDERS = (_HERE / "pages", _HERE.parents[1] / "roles" / "rehearsal" / "templates")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(name: str, values: Mapping[str, Any]) -> str:
    """Return the template ``name`` with ``values``, of which no text becomes markup."""
    return _environment().get_template(name).render(page=values)
