# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log table and the places that its rows go to, looked at by psql, zstd and age alone."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

from tests.support.log_table import COLUMNS, digest
from tests.support.postgres_server import PostgresServer

STACK = "lottery-chatbot"


@dataclass
class Logs:
    """A database with a log table, and a repository."""

    server: PostgresServer
    database: str
    repository: Path

    @property
    def params(self) -> dict[str, Any]:
        """What all runs are told."""
        return {
            **self.server.connection(self.database),
            "table": "public.system_logs",
            "stack": STACK,
            "repository": {"path": str(self.repository)},
        }

    def sql(self, text: str) -> str:
        return self.server.psql(text, self.database)

    def digest(self, *rows: str) -> tuple[int, int]:
        return digest(self.server, self.database, *rows)

    def manifests(self) -> list[Path]:
        return sorted((self.repository / STACK / "logs").glob("*/manifest.json"))

    def stored(self, identity: Path | None = None) -> str:
        """Bring what the repository holds into a table, by zstd, age and psql, and return its name."""
        self.sql(f"DROP TABLE IF EXISTS stored; CREATE TABLE stored AS SELECT {COLUMNS} FROM system_logs WITH NO DATA")
        for manifest in self.manifests():
            document = json.loads(manifest.read_text(encoding="utf-8"))
            (payload,) = document["objects"]
            content = manifest.with_name(payload["name"]).read_bytes()
            if payload["recipients"]:
                command = [find_program("age"), "--decrypt", "--identity", str(identity)]
                content = subprocess.run(command, input=content, capture_output=True, check=True).stdout
            text = subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout.decode()
            assert text.count("\n") == document["proof"]["rows"]
            columns = ", ".join(each["name"] for each in document["details"]["columns"])
            self.sql(f"COPY stored ({columns}) FROM STDIN;\n{text}\\.\n")
        return "stored"

    def settle(self) -> None:
        """Wait until the server has noticed that killed runs are gone."""
        for _attempt in range(100):
            if self.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatbot.ops'") == "0":
                return
            time.sleep(0.1)
        raise AssertionError("a session of a killed run stays")
