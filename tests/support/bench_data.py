# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large data that the bench measures with: the same each time, and made quickly."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import extensions

from tests.support.n8n_content import WORKFLOWS, sample_uuid, workflow_data
from tests.support.n8n_store import DATABASE, N8nStore
from tests.support.sample_n8n import Plan, make

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LARGEST_DATABASE = 512 * 1024 * 1024
SMALLEST_FILE, LARGEST_FILE = 10_000, 400_000

PAGE = 4096  # of SQLite

# Shrinks to about an eighth, as the JSON of executions does.
RECORD = (
    '{"json":{"messageId":"wamid.%s","from":"+34600%06d","text":"Quiero el %05d para el sorteo de Navidad",'
    '"order":%d,"total":"20.00","status":"pagado","node":"Reservar","workflow":"Venta de décimos"},'
    '"pairedItem":{"item":0},"executionStatus":"success","executionTime":%d},'
)
RECORD_BYTES = len((RECORD % ("0" * 24, 0, 0, 100_000, 0)).encode())

DATABASE_SQL = """
SET LOCAL maintenance_work_mem = '256MB';
CREATE TABLE bench_logs AS
  SELECT
    n::bigint AS id,
    (ARRAY['info', 'info', 'info', 'info', 'info', 'info', 'info', 'debug', 'warning', 'error'])[1 + h %% 10] AS level,
    format('Décimo %%s reservado, pedido %%s', lpad((h %% 100000)::text, 5, '0'), 100000 + h %% 90000) AS message,
    jsonb_build_object(
      'node', (ARRAY['Reservar', 'Buscar décimo', 'Contestar', 'Cobrar'])[1 + h %% 4],
      'executionId', n, 'durationMs', h %% 1800, 'order', 100000 + h %% 90000, 'requestId', md5(n::text)
    ) AS context,
    '+34600' || lpad((h %% 1000000)::text, 6, '0') AS user_phone,
    timestamptz '2026-01-01 00:00+00' + n * interval '9 seconds' AS created_at
  FROM (SELECT n, abs(hashint4(n)::bigint) AS h FROM generate_series(1, %(logs)s) AS n) AS r;
CREATE TABLE bench_messages AS
  SELECT
    n::bigint AS id, '+34600' || lpad((h %% 1000000)::text, 6, '0') AS phone,
    repeat('Hola, quería saber si queda el ' || h %% 100000 || '. ', 1 + (h %% 4)::integer) || md5(n::text) AS body,
    timestamptz '2026-01-01 00:00+00' + n * interval '40 seconds' AS sent_at
  FROM (SELECT n, abs(hashint4(n)::bigint) AS h FROM generate_series(1, %(messages)s) AS n) AS r;
CREATE TABLE bench_orders AS
  SELECT
    n::bigint AS id, h %% 50000 AS subscriber_id, (h %% 9000) / 100.0 AS total, md5(n::text)::uuid AS reference,
    timestamptz '2026-01-01 00:00+00' + n * interval '60 seconds' AS placed_at
  FROM (SELECT n, abs(hashint4(n)::bigint) AS h FROM generate_series(1, %(orders)s) AS n) AS r;
ALTER TABLE bench_logs ADD PRIMARY KEY (id);
ALTER TABLE bench_messages ADD PRIMARY KEY (id);
ALTER TABLE bench_orders ADD PRIMARY KEY (id);
CREATE INDEX ON bench_logs (created_at);
CREATE INDEX ON bench_messages (phone);
CREATE INDEX ON bench_orders (subscriber_id, placed_at);
"""


def n8n_folder(path: Path, total_bytes: int, incompressible: float = 0.5) -> int:
    """Makes an n8n 2.x data folder of that size: a sound one, so that a backup takes it for real.

    :param path: must not exist yet.
    :param total_bytes: within one percent.
    :param incompressible: which part of them no compression makes smaller: pictures. A quarter, at most 512 MiB, is
        the database with executions; the rest are documents that compress like it.
    :return: the size of all files, in bytes.
    """
    make(path, Plan(executions=0, binary_files=0, until=BEGIN))
    chance = random.Random(total_bytes)
    pictures = int(total_bytes * incompressible)
    executions = min(total_bytes // 4, LARGEST_DATABASE, total_bytes - pictures)
    with closing(sqlite3.connect(path / DATABASE)) as database:
        database.execute("PRAGMA synchronous = OFF")
        store = N8nStore(path, database)
        with database:
            _add_executions(store, executions, chance)
    storage = store.storage
    _write_files(storage, pictures, chance.randbytes, "image/jpeg", chance)
    _write_files(storage, total_bytes - pictures - executions, lambda size: _document(size, chance), "text/csv", chance)
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def database(connection: extensions.connection, gigabytes: float = 1.0) -> int:
    """Fills an empty database inside the server: a log table of JSON, 2.5 million rows a gigabyte, and two more.

    :return: the size of the database, in bytes.
    """
    rows = {
        "logs": int(2_500_000 * gigabytes),
        "messages": int(700_000 * gigabytes),
        "orders": int(500_000 * gigabytes),
    }
    with connection, connection.cursor() as cursor:
        cursor.execute(DATABASE_SQL, rows)
    with connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchall()[0][0]
    return size


def _add_executions(store: N8nStore, total_bytes: int, chance: random.Random) -> None:
    for size in _sizes(total_bytes, 6 * PAGE, 12 * PAGE, chance):
        workflow = WORKFLOWS[size % len(WORKFLOWS)]
        copy = workflow_data(workflow, {})
        execution_id = store.begin_execution(workflow, copy, BEGIN)
        data = _text(size - len(copy.encode()) - PAGE // 2, chance)  # half of a row's last page stays empty
        store.finish_execution(execution_id, "success", f"[{data}]", BEGIN)


def _write_files(
    storage: Path, total_bytes: int, content: Callable[[int], bytes], mime_type: str, chance: random.Random
) -> None:
    for number, size in enumerate(_sizes(total_bytes, SMALLEST_FILE, LARGEST_FILE, chance)):
        file_id = sample_uuid(mime_type, number)
        workflow = WORKFLOWS[number % len(WORKFLOWS)]
        folder = storage / "workflows" / workflow.id / "executions" / str(number) / "binary_data"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file_id).write_bytes(content(size))
        metadata = {"fileName": f"adjunto-{number}", "mimeType": mime_type, "fileSize": size}
        (folder / f"{file_id}.metadata").write_text(json.dumps(metadata))


def _document(size: int, chance: random.Random) -> bytes:
    return _text(size, chance).encode()[:size]


def _text(size: int, chance: random.Random) -> str:
    """Records of so many bytes, or a little more."""
    number = 1 + size // RECORD_BYTES
    return "".join(RECORD % (chance.randbytes(12).hex(), *_numbers(chance)) for _record in range(number))


def _numbers(chance: random.Random) -> tuple[int, int, int, int]:
    bits = chance.getrandbits(64)
    return bits & 0xF_FFFF, bits >> 20 & 0xFFFF, 100_000 + (bits >> 36 & 0xFFFF), bits >> 52 & 0x3FF


def _sizes(total: int, smallest: int, largest: int, chance: random.Random) -> Iterator[int]:
    """Random sizes that add up to the total."""
    while total > 0:
        size = min(chance.randint(smallest, largest), total)
        yield size
        total -= size
