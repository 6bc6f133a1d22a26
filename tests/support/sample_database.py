# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a lottery chatbot, filled inside the server, and a process that keeps using it.

    python -m tests.support.sample_database fill [--log-rows 200000]
    python -m tests.support.sample_database write --state FILE [--rate 20]

Both connect as the environment says (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
from psycopg2 import extensions

from tests.support.writer import Lifetime, State, Writer

TABLES = ("subscribers", "orders", "lottery_tickets", "user_sessions", "knowledge_base", "system_logs")

# One visit of a customer: an order is placed for the next free ticket (when none is left, for the one that was sold
# longest ago), the session and the log follow. Every other customer pays at once, which a trigger writes to the log.
PLACE_ORDER = """
WITH customer AS (
  SELECT id, phone FROM subscribers WHERE id = 1 + %(number)s %% (SELECT max(id) FROM subscribers)
), ticket AS (
  (SELECT id, number, price FROM lottery_tickets WHERE order_number IS NULL ORDER BY draw_date, number LIMIT 1)
  UNION ALL
  (SELECT id, number, price FROM lottery_tickets WHERE order_number IS NOT NULL ORDER BY order_number LIMIT 1)
  LIMIT 1
), placed AS (
  INSERT INTO orders (subscriber_id, total, payment_method)
  SELECT customer.id, ticket.price, 'Bizum' FROM customer, ticket
  RETURNING number
), session AS (
  INSERT INTO user_sessions (phone, state, context)
  SELECT phone, 'paying', jsonb_build_object('step', 4, 'order', placed.number) FROM customer, placed
  ON CONFLICT (phone) DO UPDATE SET state = excluded.state, context = user_sessions.context || excluded.context
), log AS (
  INSERT INTO system_logs (level, message, context, user_phone, workflow_id)
  SELECT 'info', format('Décimo %%s reservado para el pedido %%s', ticket.number, placed.number),
         jsonb_build_object('node', 'Reservar', 'visit', %(number)s::bigint, 'order', placed.number),
         phone, 'vD4kQ8sXw2LmN7Ra'
  FROM customer, ticket, placed
)
SELECT placed.number, ticket.id FROM placed, ticket
"""
HAND_OVER_TICKET = "UPDATE lottery_tickets SET order_number = %s WHERE id = %s"
PAY_ORDER = "UPDATE orders SET status = 'paid', payment_reference = gen_random_uuid() WHERE number = %s"


def fill(connection: extensions.connection, log_rows: int = 200_000, until: datetime | None = None) -> dict[str, int]:
    """Creates the schema in an empty database and fills it, the same for the same arguments.

    :param connection: a superuser's; what it has open is committed.
    :param log_rows: rows of system_logs; the other tables follow in proportion.
    :param until: the latest time in the data; the hour that runs, if None.
    :return: the number of rows of each table.
    """
    latest = until or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    here = Path(__file__).parent
    with connection, connection.cursor() as cursor:
        cursor.execute((here / "sample_schema.sql").read_text(encoding="utf-8"))
        cursor.execute(
            "SELECT set_config('sample.log_rows', %s, false), set_config('sample.until', %s, false)",
            (str(log_rows), latest.isoformat()),
        )
        cursor.execute((here / "sample_content.sql").read_text(encoding="utf-8"))
        cursor.execute("ANALYZE")
        return {table: _count(cursor, table) for table in TABLES}


def visit(cursor: extensions.cursor, number: int) -> None:
    """One customer's visit, as a live stack writes it; its number stands in the log's context as `visit`."""
    cursor.execute(PLACE_ORDER, {"number": number})
    order, ticket = cursor.fetchall()[0]
    cursor.execute(HAND_OVER_TICKET, (order, ticket))
    if number % 2 == 0:
        cursor.execute(PAY_ORDER, (order,))


def write(state_file: Path, rate: float) -> None:
    """Has a customer visit `rate` times a second until the lifetime of this process is over.

    While the database is away or refuses connections, each visit is tried, counted as failed and not repeated.
    """
    lifetime, state = Lifetime(), State()
    connection: extensions.connection | None = None
    number, due = 0, time.monotonic()
    while lifetime.goes_on_after(due - time.monotonic()):
        began = time.monotonic()
        number, due = number + 1, max(due + 1 / rate, began)
        try:
            connection = connection or psycopg2.connect("")
            with connection, connection.cursor() as cursor:
                visit(cursor, number)
            state = state.acknowledge(number, time.monotonic() - began)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            connection, state = None, state.fail()
        state.save(state_file)


class DatabaseWriter(Writer):
    """A process whose customers keep visiting; use it as a context manager.

    :param environment: the database as PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE.
    :param rate: visits, which are transactions, a second.
    """

    def __init__(self, environment: Mapping[str, str], state_file: Path, rate: float = 20.0) -> None:
        super().__init__("tests.support.sample_database", ["--rate", str(rate)], state_file, environment)


def _count(cursor: extensions.cursor, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {table}")
    rows: int = (cursor.fetchone() or (0,))[0]
    return rows


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sample_database")
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill")
    filling.add_argument("--log-rows", type=int, default=200_000)
    writing = commands.add_parser("write")
    writing.add_argument("--state", type=Path, required=True)
    writing.add_argument("--rate", type=float, default=20.0)
    options = parser.parse_args()
    if options.command == "fill":
        print(json.dumps(fill(psycopg2.connect(""), options.log_rows)))
    else:
        write(options.state, options.rate)


if __name__ == "__main__":
    main()
