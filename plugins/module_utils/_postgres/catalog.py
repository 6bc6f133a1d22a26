# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SQL that reads a database's catalog: which tables there are, what they amount to, and what is beside them.

Each query is a text without parameters, so that the same one can run in a session of ours or within a script. All of
them suit PostgreSQL 12 to 18; ``to_jsonb(row) ->> 'column'`` reads columns that not every version has.
"""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope

#: Settings that fix how values are spelled, and that keep a long reading alive. Not every version has all of them.
READ_SETTINGS = {
    "bytea_output": "hex",
    "datestyle": "ISO, YMD",
    "extra_float_digits": "3",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "intervalstyle": "postgres",
    "jit": "off",
    "lc_monetary": "C",
    "lock_timeout": "60s",
    "quote_all_identifiers": "off",
    "row_security": "off",
    "search_path": "",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "timezone": "UTC",
    "transaction_timeout": "0",
    "xmlbinary": "base64",
}

# Members of an extension come with it, not with the dump.
_MEMBER = "SELECT FROM pg_depend e WHERE e.classid = '{catalog}'::regclass AND e.objid = {oid} AND e.deptype = 'e'"


def settings(*, local: bool) -> str:
    """Return the query that applies :data:`READ_SETTINGS` to the session, or to the transaction if ``local``."""
    rows = ", ".join(f"('{name}', '{value}')" for name, value in READ_SETTINGS.items())
    return (
        f"SELECT set_config(s.name, v.value, {str(local).lower()}) "
        f"FROM (VALUES {rows}) AS v (name, value) JOIN pg_settings s ON lower(s.name) = v.name"
    )


def spelled(name: str) -> str:
    """Return the SQL expression for ``name`` (an expression) as the proof spells it: quoted where need be.

    Not ``quote_ident()``: which words it quotes depends on the server's version.
    """
    return f"""CASE WHEN {name} ~ '^[a-z_][a-z0-9_$]*$' THEN {name}::text
        ELSE '"' || replace({name}, '"', '""') || '"' END"""


def digest(number: str) -> str:
    """Return the SQL expression for the digest of rows: the sum of a 64-bit hash (an expression) of each.

    So the order of rows does not matter, and a doubled row does. The hashes are those that route rows to hash
    partitions, hence the same in all versions since 11, but not on machines of another byte order (see ALGORITHM).
    They are a fraction of SHA-256's work, and need not withstand malice: that the dump is unaltered, its own digest tells.
    """
    return f"coalesce(sum({number}), 0)::text"


def text_hash(text: str) -> str:
    """Return the SQL expression for the hash of ``text``, whatever its collation."""
    return f'hashtextextended({text} COLLATE "C", 0)'


# The number that stands for a column's value, by the column's type. What is no number is hashed: some types just as they
# are, which is several times as fast as to spell them, and all others as the text that a dump holds. Not numeric, interval
# and floats: of values that are equal but spelled differently (1.0 and 1.00), their own hashes are equal, too. Within
# jsonb that is accepted. A timestamp with time zone is one in UTC (see READ_SETTINGS).
_NUMBERS = f"""
    CASE WHEN atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN 't.%I'
         WHEN atttypid = 'bool'::regtype THEN 't.%I::int'
         WHEN atttypid = 'uuid'::regtype THEN 'uuid_hash_extended(t.%I, 0)'
         WHEN atttypid = 'jsonb'::regtype THEN 'jsonb_hash_extended(t.%I, 0)'
         WHEN atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype)
         THEN 'timestamp_hash_extended(t.%I::timestamp, 0)'
         WHEN atttypid = 'bpchar'::regtype THEN '{text_hash("textin(bpcharout(t.%I))")}'
         ELSE '{text_hash("t.%I::text")}'
    END"""


def column_number() -> str:
    """Return the SQL expression, over a row of pg_attribute, for the text of that number of a row ``t``."""
    return f"format({_NUMBERS}, attname)"


#: The name of what the proof's digests are here. A machine of another byte order gives another name.
ALGORITHM = """
    SELECT 'sum of hash_array_extended over columns by name, ' || hash_array_extended(ARRAY[
        hashtextextended('chatbot.ops' COLLATE "C", 0), jsonb_hash_extended('{"a": [1, true, null, "b"]}', 0),
        uuid_hash_extended('c8b0b6a2-0000-4000-8000-000000000000', 0), timestamp_hash_extended('2026-11-24 03:15', 0)
    ], 0) || ' for the sample'"""


def tables(scope: Scope) -> str:
    """Return the query for the tables that hold rows: schema, name, title, oid, bytes, file node, and a query.

    That query yields the table's number of rows and their digest. The columns go by name, since a restored child table
    may have them in another order; generated ones are left out, as they are of the dump.
    """
    row = "hash_array_extended(ARRAY[%s]::int8[], 0)"
    return f"""
        SELECT n.nspname, c.relname, {spelled("n.nspname")} || '.' || {spelled("c.relname")} AS title,
               c.oid, coalesce(pg_relation_size(c.oid), 0), pg_relation_filenode(c.oid),
               format('SELECT count(*), {digest(row)} FROM ONLY %I.%I t', a.columns, n.nspname, c.relname) AS query
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
             LATERAL (SELECT coalesce(string_agg(format({_NUMBERS}, attname), ', ' ORDER BY attname COLLATE "C"), '')
                      FROM pg_attribute
                      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') a (columns)
        WHERE c.relkind = 'r' AND {scope.includes("n.nspname")} AND NOT EXISTS ({_member("pg_class", "c.oid")})
        ORDER BY title"""


def sequences(scope: Scope) -> str:
    """Return the query for queries that each read a sequence: title, increment, last value, was it handed out."""
    return f"""
        SELECT format('SELECT %L AS title, %s::bigint AS increment, last_value, is_called FROM %I.%I',
                      {spelled("n.nspname")} || '.' || {spelled("c.relname")}, s.seqincrement, n.nspname, c.relname)
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {scope.includes("n.nspname")} AND NOT EXISTS ({_member("pg_class", "c.oid")})"""


def large_objects() -> str:
    """Return the query for the number of large objects and the digest of their pieces of 1 MiB."""
    piece = "SELECT length(b), sha256(b) FROM lo_get({oid}, {number}::bigint * 1048576, 1048576) b"
    text = "(loid || ':' || number || ':' || encode(digest, 'hex'))"
    return f"""
        WITH RECURSIVE piece (loid, number, length, digest) AS (
            SELECT m.oid, 0, b.* FROM pg_largeobject_metadata m, LATERAL ({piece.format(oid="m.oid", number=0)}) b
            UNION ALL
            SELECT p.loid, p.number + 1, b.*
            FROM piece p, LATERAL ({piece.format(oid="p.loid", number="(p.number + 1)")}) b
            WHERE p.length = 1048576
        )
        SELECT count(*) FILTER (WHERE number = 0), {digest(text_hash(text))} FROM piece"""


def inventory(scope: Scope) -> str:
    """Return the query for one JSON object: ``objects`` (number of each kind), ``roles`` (that own something or are
    granted anything), and, unless schemas were chosen, ``extensions``.
    """
    extensions = "SELECT coalesce(json_agg(extname ORDER BY extname), '[]') FROM pg_extension WHERE oid >= 16384"
    more = f", 'extensions', ({extensions})" if scope.whole else ""
    return f"""
        SELECT json_build_object(
            'objects', (SELECT coalesce(json_object_agg(kind, number ORDER BY kind), '{{}}')
                        FROM (SELECT kind, count(*) AS number FROM ({_objects(scope)}) o (kind) GROUP BY kind) k),
            'roles', (SELECT coalesce(json_agg(rolname ORDER BY rolname), '[]')
                      FROM (SELECT DISTINCT rolname FROM ({_roles(scope)}) d JOIN pg_roles r ON r.oid = d.role
                            WHERE rolname !~ '^pg_') r){more})"""


def owners(scope: Scope) -> str:
    """Return the query for the roles that own something."""
    return f"""
        SELECT DISTINCT rolname FROM ({_roles(scope)}) d JOIN pg_roles r ON r.oid = d.role
        WHERE d.owns AND rolname !~ '^pg_' ORDER BY rolname"""


def tablespaces(scope: Scope) -> str:
    """Return the query for the tablespaces, other than the database's own, that tables or indexes lie in."""
    return f"""
        SELECT DISTINCT s.spcname
        FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {scope.includes("n.nspname")} ORDER BY s.spcname"""


#: Each extension with its version.
EXTENSIONS = "SELECT extname, extversion FROM pg_extension WHERE oid >= 16384 ORDER BY extname"

#: The database itself, as one JSON object.
DATABASE = """
    SELECT json_build_object(
        'name', d.datname,
        'owner', pg_get_userbyid(d.datdba),
        'encoding', pg_encoding_to_char(d.encoding),
        'collate', d.datcollate,
        'ctype', d.datctype,
        'provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'),
        'locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
        'icu_rules', to_jsonb(d) ->> 'daticurules',
        'connection_limit', d.datconnlimit,
        'comment', shobj_description(d.oid, 'pg_database'),
        'bytes', pg_database_size(d.oid),
        'acl', CASE WHEN d.datacl IS NOT NULL THEN (
            SELECT coalesce(json_agg(json_build_object(
                'grantee', CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END,
                'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
            FROM aclexplode(d.datacl) a) END,
        'settings', (
            SELECT coalesce(json_agg(json_build_object(
                'role', CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole) END,
                'name', split_part(c, '=', 1), 'value', substr(c, strpos(c, '=') + 1))), '[]')
            FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = d.oid))
    FROM pg_database d WHERE d.datname = current_database()"""


def _member(catalog: str, oid: str) -> str:
    return _MEMBER.format(catalog=catalog, oid=oid)


def _objects(scope: Scope) -> str:
    """Return the query that yields the kind of each object in scope, once for each."""
    inside, not_member = scope.includes("n.nspname"), f"NOT EXISTS ({_member('pg_class', 'c.oid')})"
    of_table = f"""JOIN pg_class c ON c.oid = {{table}} JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE {inside} AND {not_member}"""
    parts = [
        f"""SELECT CASE c.relkind WHEN 'r' THEN 'tables' WHEN 'p' THEN 'partitioned_tables' WHEN 'v' THEN 'views'
                WHEN 'm' THEN 'materialized_views' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'foreign_tables'
                ELSE 'composite_types' END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND {inside} AND {not_member}""",
        f"SELECT 'indexes' FROM pg_index i {of_table.format(table='i.indrelid')}",
        # Those of a partition that follow from its parent's are counted there; not-null ones are rows since 18 only.
        f"""SELECT 'constraints' FROM pg_constraint k {of_table.format(table="k.conrelid")}
            AND k.conparentid = 0 AND k.contype <> 'n'""",
        f"""SELECT 'triggers' FROM pg_trigger t {of_table.format(table="t.tgrelid")}
            AND NOT t.tgisinternal AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'""",
        f"SELECT 'rules' FROM pg_rewrite w {of_table.format(table='w.ev_class')} AND w.rulename <> '_RETURN'",
        f"SELECT 'policies' FROM pg_policy p {of_table.format(table='p.polrelid')}",
        # A range type brings constructors of its own, and more of them since 14.
        f"""SELECT 'functions' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE {inside} AND NOT EXISTS (
                SELECT FROM pg_depend e
                WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i'))""",
        f"""SELECT CASE t.typtype WHEN 'e' THEN 'enums' WHEN 'd' THEN 'domains' ELSE 'ranges' END
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype IN ('e', 'd', 'r') AND {inside} AND NOT EXISTS ({_member("pg_type", "t.oid")})""",
        f"""SELECT 'schemas' FROM pg_namespace n
            WHERE {inside} AND n.nspname <> 'public' AND NOT EXISTS ({_member("pg_namespace", "n.oid")})""",
        *(_in_schema(scope, *each) for each in _MORE_IN_SCHEMAS),
        *((_beside_schemas(*each) for each in _MORE_BESIDE) if scope.whole else ()),
    ]
    return " UNION ALL ".join(parts)


_MORE_IN_SCHEMAS = (
    ("collations", "pg_collation", "collnamespace"),
    ("operators", "pg_operator", "oprnamespace"),
    ("statistics", "pg_statistic_ext", "stxnamespace"),
    ("text_search_configurations", "pg_ts_config", "cfgnamespace"),
    ("text_search_dictionaries", "pg_ts_dict", "dictnamespace"),
)
_MORE_BESIDE = (
    ("casts", "pg_cast"),
    ("event_triggers", "pg_event_trigger"),
    ("foreign_servers", "pg_foreign_server"),
    ("languages", "pg_language"),
    ("publications", "pg_publication"),
)


def _in_schema(scope: Scope, kind: str, catalog: str, namespace: str) -> str:
    return f"""SELECT '{kind}' FROM {catalog} o JOIN pg_namespace n ON n.oid = o.{namespace}
        WHERE {scope.includes("n.nspname")} AND NOT EXISTS ({_member(catalog, "o.oid")})"""


def _beside_schemas(kind: str, catalog: str) -> str:
    # What the server itself was born with has a number below 16384 (FirstNormalObjectId).
    return f"SELECT '{kind}' FROM {catalog} o WHERE o.oid >= 16384 AND NOT EXISTS ({_member(catalog, 'o.oid')})"


def _roles(scope: Scope) -> str:
    """Return the query for (role, owns): who owns, is granted or is named by a policy on anything in scope.

    The server keeps these dependencies in pg_shdepend, but for its first superuser, who needs none.
    """
    inside = scope.includes("n.nspname")
    # Grants on objects of the system's own schemas are dumped with a whole database.
    wanted = f"coalesce({inside} OR n.nspname = 'pg_catalog', true)" if scope.whole else inside
    first = [
        f"""SELECT 10::oid, true FROM {catalog} o JOIN pg_namespace n ON n.oid = o.{namespace}
            WHERE o.{owner} = 10 AND {inside} AND NOT EXISTS ({_member(catalog, "o.oid")})"""
        for catalog, namespace, owner in (
            ("pg_class", "relnamespace", "relowner"),
            ("pg_proc", "pronamespace", "proowner"),
            ("pg_type", "typnamespace", "typowner"),
            ("pg_namespace", "oid", "nspowner"),
        )
    ]
    if scope.whole:
        first.append("SELECT 10::oid, true FROM pg_largeobject_metadata WHERE lomowner = 10")
    # Its ownership of "public" is where that schema begins, and is not dumped.
    first[3] += " AND n.nspname <> 'public'"
    return " UNION ALL ".join(
        [
            f"""SELECT d.refobjid AS role, d.deptype = 'o' AS owns
                FROM pg_shdepend d
                LEFT JOIN pg_policy y ON d.classid = 'pg_policy'::regclass AND y.oid = d.objid
                LEFT JOIN pg_class c ON c.oid = coalesce(
                    y.polrelid, CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END)
                LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
                LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
                LEFT JOIN pg_default_acl a ON d.classid = 'pg_default_acl'::regclass AND a.oid = d.objid
                LEFT JOIN pg_namespace n ON n.oid = coalesce(
                    c.relnamespace, p.pronamespace, t.typnamespace, a.defaclnamespace,
                    CASE WHEN d.classid = 'pg_namespace'::regclass THEN d.objid END)
                WHERE d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('o', 'a', 'r')
                  AND d.classid <> 'pg_extension'::regclass
                  AND NOT EXISTS (SELECT FROM pg_depend e
                                  WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
                  AND {wanted}""",
            *first,
        ]
    )
