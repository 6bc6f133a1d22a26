# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module that moves rows into the repository: each row is in the table or there, and never nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.chaos.job import Job
from tests.chaos.scene import Ran
from tests.support.stack import STACK

_ROWS = 400
_OLD = "created_at < now() - interval '31 days'"


class LogArchive(Job):
    """log_archive, to the repository, of a few hundred old rows."""

    module, source = "log_archive", "logs"

    def set_up(self) -> None:
        self._keys: set[str] = set()
        self._kept: dict[str, list[str]] = {}
        self.reset()
        ran = self.start_and_wait()
        assert ran.succeeded, ran.message or ran.problem
        self.good = self.scene.store.backups(self.source)[0]

    def reset(self) -> None:
        """Add rows of two months, each large enough for a fault to strike in the midst of them."""
        self.scene.postgres.psql(
            "INSERT INTO system_logs (level, message, created_at) SELECT 'info', "
            f"repeat(md5(random()::text), 200), now() - interval '40 days' - n * interval '2 hours' "
            f"FROM generate_series(1, {_ROWS}) n",
            self.scene.database,
        )
        self._keys |= self._in_table()

    def params(self) -> dict[str, Any]:
        login = self.scene.postgres.connection(self.scene.database)
        return {
            **login,
            "stack": STACK,
            "repository": self.scene.repository,
            "table": "public.system_logs",
            "older_than": "30d",
            "to": "repository",
            "object_rows": _ROWS // 2,
        }

    def judge(self, ran: Ran) -> Iterator[str]:  # noqa: ARG002 (where the rows are says it all)
        if left := len(self._in_table()):
            yield f"false success: {left} old rows are in the table"
        yield from self._places(exact=True)

    def state(self) -> Iterator[str]:
        yield from self._places(exact=False)

    def leftovers(self) -> Iterator[str]:
        yield from super().leftovers()
        yield from self._places(exact=True)
        if claims := self.scene.postgres.psql("SELECT count(*) FROM system_logs_archive_state", self.scene.database):
            yield from [f"left: {claims} claims on rows"] if int(claims) else []

    def _in_table(self) -> set[str]:
        return set(self.scene.postgres.psql(f"SELECT id FROM system_logs WHERE {_OLD}", self.scene.database).split())

    def _in_repository(self) -> list[str]:
        there = self.scene.store.backups(self.source)
        for backup_id in there:
            if backup_id not in self._kept:  # a backup never changes
                self._kept[backup_id] = list(self._keys_of(backup_id))
        return [key for backup_id in there for key in self._kept[backup_id]]

    def _keys_of(self, backup_id: str) -> Iterator[str]:
        store = self.scene.store
        for each in store.manifest(self.source, backup_id)["objects"]:
            rows = store.content(self.source, backup_id, each["name"].removesuffix(".zst"))
            yield from (line.split("\t", 1)[0] for line in rows.decode().splitlines())

    def _places(self, *, exact: bool) -> Iterator[str]:
        """Yield which rows are not where they are to be; an interrupted run may have left copies of those in the table."""
        table, kept = self._in_table(), self._in_repository()
        if lost := self._keys - table - set(kept):
            yield f"{len(lost)} rows are lost"
        if exact and (doubled := table & set(kept)):
            yield f"{len(doubled)} rows are in both places"
        if len(kept) != len(set(kept)):
            yield f"{len(kept) - len(set(kept))} rows are in the repository twice"
