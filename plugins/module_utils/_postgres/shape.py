# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a database: what programs that were written for it count on, and a migration changes."""

from __future__ import annotations

import hashlib
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login

# Partitions come and go with the months. What belongs to an extension changes with the server, not by a migration.
_SHAPE = """
    WITH spaces AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
    relations AS (
        SELECT c.oid, c.relkind, format('%I.%I', s.nspname, c.relname) AS name
        FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition),
    parts (name, part) AS (
        SELECT r.name, format('column %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                              pg_get_expr(d.adbin, d.adrelid))
        FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
        UNION ALL
        SELECT r.name, 'constraint ' || pg_get_constraintdef(c.oid)
        FROM relations r JOIN pg_constraint c ON c.conrelid = r.oid
        UNION ALL
        SELECT r.name, pg_get_indexdef(i.indexrelid) FROM relations r JOIN pg_index i ON i.indrelid = r.oid
        UNION ALL
        SELECT r.name, pg_get_viewdef(r.oid) FROM relations r WHERE r.relkind IN ('v', 'm')
        UNION ALL
        SELECT r.name, pg_get_triggerdef(t.oid) FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid
        WHERE NOT t.tgisinternal
        UNION ALL
        SELECT format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), p.prosrc
        FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
        WHERE NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT format('%I.%I', s.nspname, t.typname), e.enumlabel || e.enumsortorder
        FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN spaces s ON s.oid = t.typnamespace)
    SELECT name, md5(string_agg(part, chr(10) ORDER BY part)) FROM parts GROUP BY name"""

# Knex, TypeORM (n8n), Prisma, Sequelize and Rails keep their books in tables with such names.
_BOOKS = """
    SELECT format('%I.%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relname ~* 'migrations?$|sequelizemeta' AND n.nspname !~ '^pg_'"""


def look_at_shape(login: Login) -> dict[str, Any]:
    """Return ``digest``, of all of it, and ``objects``, a digest by name: tables, views, functions, enumerations.

    A migration that only changed rows is noticed by the table in which tools keep the books of them.

    :raises ToolError: if the server refuses.
    """
    with login.connect() as session:
        objects = {str(name): str(digest) for name, digest in session.run(_SHAPE)}
        for (name,) in session.run(_BOOKS):
            objects[f"rows of {name}"] = str(session.value(f"SELECT count(*) FROM {name}"))
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(objects.items()))
    return {"digest": hashlib.sha256(lines.encode()).hexdigest(), "objects": dict(sorted(objects.items()))}
