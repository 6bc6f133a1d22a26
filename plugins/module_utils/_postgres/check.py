# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof as a script that fails where a backup's content is not there: the last word in a transaction. Pure.

It asks for all that the backup claims. What the database holds beside it (a function of later, say) may stay; but no
table may hold a row more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import literal

_SCRIPT = """
{settings};
DO $chatbot_ops$
#variable_conflict use_column
DECLARE
    claimed CONSTANT jsonb := {claimed};
    found_inventory CONSTANT jsonb := ({inventory})::jsonb;
    found_tables jsonb := '{{}}';
    found_sequences jsonb := '{{}}';
    item record;
    measured record;
    wrong text;
BEGIN
    FOR item IN SELECT * FROM ({tables}) AS q (schema, name, title, oid, bytes, node, query) LOOP
        EXECUTE item.query INTO measured;
        found_tables := found_tables || jsonb_build_object(
            item.title, jsonb_build_object('rows', measured.count, 'digest', measured.coalesce));
    END LOOP;
    FOR item IN SELECT * FROM ({sequences}) AS q (query) LOOP
        EXECUTE item.query INTO measured;
        found_sequences := found_sequences || jsonb_build_object(
            measured.title, jsonb_build_array(measured.last_value, measured.is_called));
    END LOOP;
    SELECT string_agg(each, ', ' ORDER BY each) INTO wrong FROM (
        SELECT 'table ' || t FROM jsonb_object_keys(found_tables || (claimed -> 'tables')) AS t
        WHERE found_tables -> t IS DISTINCT FROM claimed -> 'tables' -> t
        UNION ALL
        SELECT 'sequence ' || s.key
        FROM jsonb_each(claimed -> 'sequences') AS s,
             LATERAL (SELECT CASE WHEN (s.value #>> '{{to,0}}')::numeric < (s.value #>> '{{from,0}}')::numeric
                             THEN -1 ELSE 1 END) AS d (sign),
             LATERAL (SELECT {first}, {found}, {last}) AS p (first, found, last)
        WHERE jsonb_typeof(s.value) = 'object' AND NOT coalesce(p.found BETWEEN p.first AND p.last, false)
        UNION ALL
        SELECT replace(o.key, '_', ' ') FROM jsonb_each_text(claimed -> 'objects') AS o
        WHERE coalesce((found_inventory -> 'objects' ->> o.key)::bigint, 0) < o.value::bigint
        UNION ALL
        SELECT 'role ' || r FROM jsonb_array_elements_text(claimed -> 'roles') AS r
        WHERE NOT found_inventory -> 'roles' ? r
        UNION ALL
        SELECT 'extension ' || e FROM jsonb_array_elements_text(claimed -> 'extensions') AS e
        WHERE NOT found_inventory -> 'extensions' ? e
        UNION ALL
        SELECT 'large objects' FROM ({large_objects}) AS q (count, digest)
        WHERE claimed -> 'large_objects' IS DISTINCT FROM jsonb_build_object('count', q.count, 'digest', q.digest)
              AND claimed ? 'large_objects'
    ) AS w (each);
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'chatbot.ops: this is not what the backup claims: %', wrong;
    END IF;
END
$chatbot_ops$;
"""
# In the order in which the sequence counts, up or down: where it stands, and whether that was handed out.
_POSITION = "jsonb_build_array(d.sign * ({position} ->> 0)::numeric, {position} -> 1)"


def script(claimed: Mapping[str, Any], scope: Scope) -> str:
    """Return the script that raises an error unless the database holds what the proof ``claimed`` says of ``scope``."""
    return _SCRIPT.format(
        settings=catalog.settings(local=True),
        claimed=literal(json.dumps(claimed, ensure_ascii=False)),
        inventory=catalog.inventory(scope),
        tables=catalog.tables(scope),
        sequences=catalog.sequences(scope),
        large_objects=catalog.large_objects(),
        first=_POSITION.format(position="(s.value -> 'from')"),
        found=_POSITION.format(position="(found_sequences -> s.key)"),
        last=_POSITION.format(position="(s.value -> 'to')"),
    )
