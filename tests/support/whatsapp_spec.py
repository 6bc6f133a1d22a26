# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of Meta's OpenAPI document of the WhatsApp Business Platform that this collection uses.

The whole document is public, at https://github.com/facebook/openapi. To take a newer one over:
``python -m tests.support.whatsapp_spec <the document>``, which writes ``whatsapp_openapi.json`` beside this file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

TRIMMED = Path(__file__).with_name("whatsapp_openapi.json")
#: What is kept, and no more.
USED = ("/{Version}/{Phone-Number-ID}", "/{Version}/{WABA-ID}")
_SCHEMAS, _PARAMETERS = "#/components/schemas/", "#/components/parameters/"


def trim(document: dict[str, Any]) -> dict[str, Any]:
    """Return ``document`` with the used questions alone, what they refer to, and without words and examples."""
    paths = {path: {"get": document["paths"][path]["get"]} for path in USED}
    kept: dict[str, dict[str, Any]] = {"schemas": {}, "parameters": {}}
    waiting = list(_references(paths))
    while waiting:
        kind, name = waiting.pop()
        if name not in kept[kind]:
            kept[kind][name] = document["components"][kind][name]
            waiting += _references(kept[kind][name])
    components = {kind: dict(sorted(entries.items())) for kind, entries in kept.items()}
    components["securitySchemes"] = document["components"]["securitySchemes"]
    trimmed = {
        "openapi": document["openapi"],
        "info": {"title": "WhatsApp Business Platform", "version": document["info"]["version"]},
        "servers": [{"url": "https://graph.facebook.com"}],
        "paths": paths,
        "components": components,
    }
    wordless = _wordless(trimmed)
    assert isinstance(wordless, dict)
    return wordless


def load() -> dict[str, Any]:
    """Return the trimmed document."""
    document = json.loads(TRIMMED.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _references(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of what ``node`` refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                kind = "schemas" if value.startswith(_SCHEMAS) else "parameters"
                yield kind, value.removeprefix(_SCHEMAS).removeprefix(_PARAMETERS)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


def _wordless(node: Any, *, named: bool = False) -> Any:
    """Return ``node`` without descriptions (but those that a response must have) and examples.

    :param named: whether its keys are names, not words of OpenAPI.
    """
    if isinstance(node, list):
        return [_wordless(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if not named and key in ("example", "examples", "summary", "tags"):
            continue
        if not named and key == "description":
            if "content" in node:
                kept[key] = ""
            continue
        kept[key] = _wordless(value, named=key in ("properties", "schemas", "parameters", "responses", "paths"))
    return kept


if __name__ == "__main__":
    whole = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TRIMMED.write_text(json.dumps(trim(whole), indent=1) + "\n", encoding="utf-8")
