# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the OpenAPI document of Supabase's Management API that this collection uses.

The whole document is public, at https://api.supabase.com/api/v1-json. To take a newer one over:
``python -m tests.support.supabase_spec <the document>``, which writes ``supabase_openapi.json`` beside this file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TRIMMED = Path(__file__).with_name("supabase_openapi.json")

#: What is kept, and no more.
USED = {
    "/v1/projects/{ref}": ("get",),
    "/v1/projects/{ref}/health": ("get",),
    "/v1/projects/{ref}/database/backups": ("get",),
    "/v1/projects/{ref}/database/backups/restore-pitr": ("post",),
    "/v1/projects/{ref}/database/backups/restore": ("post",),
    "/v1/organizations/{slug}": ("get",),
}
_SCHEMAS = "#/components/schemas/"


def trim(document: dict[str, Any]) -> dict[str, Any]:
    """Return ``document`` with the used operations alone, and the schemas that they name.

    The document names its ways to sign in, but describes none; the plain one is added, as its reference tells it.
    """
    paths = {path: {method: document["paths"][path][method] for method in USED[path]} for path in USED}
    for operations in paths.values():
        for operation in operations.values():
            operation["security"] = [{"bearer": []}]
    wanted: dict[str, Any] = {}
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted[name] = document["components"]["schemas"][name]
            waiting += _references(wanted[name])
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": dict(sorted(wanted.items())), "securitySchemes": {"bearer": bearer}},
    }


def load() -> dict[str, Any]:
    """Return the trimmed document."""
    document = json.loads(TRIMMED.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def _references(node: Any) -> Iterator[str]:
    """Yield the names of the schemas that ``node`` refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.removeprefix(_SCHEMAS)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for each in node:
            yield from _references(each)


if __name__ == "__main__":
    whole = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    TRIMMED.write_text(json.dumps(trim(whole), indent=1) + "\n", encoding="utf-8")
