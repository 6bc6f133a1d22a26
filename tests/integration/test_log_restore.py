# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archived rows come back: all of them or a part, encrypted or not, and never from an archive that is not what was stored."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from tests.integration.logs import STACK, Logs
from tests.support.age_keys import age_pair
from tests.support.log_table import fill
from tests.support.zygote import Zygote


@pytest.mark.parametrize("form", ["copy", "parquet"])
def test_encrypted_rows_come_back(zygote: Zygote, logs: Logs, tmp_path: Path, form: str) -> None:
    fill(logs.server, logs.database, 3_000, 10)
    before = logs.digest("system_logs")
    pair = age_pair(tmp_path / "identity.txt")
    params = {**logs.params, "to": "repository", "recipients": [pair.recipient], "format": form, "vacuum": False}
    archived = zygote.run("log_archive", params)
    assert logs.sql("SELECT count(*) FROM system_logs") == "10"
    if form == "copy":
        assert logs.digest("system_logs", logs.stored(pair.path)) == before

    verify = {**logs.params, "source": "logs", "level": "restore", "identity_file": str(pair.path)}
    del verify["table"]
    assert zygote.run("backup_verify", verify)["proof"]["equal"] is True
    pruned = zygote.run("backup_prune", {"stack": STACK, "repository": logs.params["repository"], "keep_last": 1})
    assert (pruned["changed"], len(pruned["kept"])) == (False, len(archived["backups"])), "each holds other rows"

    refused = zygote.run("log_restore", logs.params, fails=True)
    assert refused["error_kind"] == "refused"
    opened = {**logs.params, "identity_file": str(pair.path), "to_table": "public.looked_at"}
    middle = logs.sql("SELECT now() - interval '80 days'")
    checked = zygote.run("log_restore", {**opened, "until": middle}, check=True)
    assert (checked["changed"], logs.sql("SELECT to_regclass('looked_at') IS NULL")) == (True, "t")
    first = zygote.run("log_restore", {**opened, "until": middle})
    assert all(each["equal"] for each in first["proofs"])
    assert 0 < first["rows"] < 3_000
    assert logs.sql(f"SELECT count(*), count(*) FILTER (WHERE created_at < '{middle}') FROM looked_at") == (
        f"{first['rows']}|{first['rows']}"
    )
    rest = zygote.run("log_restore", opened)
    assert (rest["rows"], rest["present"]) == (3_000 - first["rows"], first["rows"])
    assert logs.digest("system_logs", "looked_at") == before
    again = zygote.run("log_restore", opened)
    assert (again["changed"], again["present"]) == (False, 3_000)


def test_a_damaged_archive_restores_nothing(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 1_000, 10, months=1)
    zygote.run("log_archive", {**logs.params, "to": "repository"})
    for each in logs.manifests():
        payload = next(each.parent.glob("rows.*"))
        content = bytearray(payload.read_bytes())
        content[len(content) // 2] ^= 1
        payload.write_bytes(bytes(content))
    failed = zygote.run("log_restore", logs.params, fails=True)
    assert failed["error_kind"] == "damaged"
    assert logs.sql("SELECT count(*) FROM system_logs") == "10"


def test_an_archive_that_cannot_be_looked_at_just_now_is_not_called_damaged(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 1_000, 10, months=1)
    zygote.run("log_archive", {**logs.params, "to": "repository"})
    for each in logs.manifests():
        payload = next(each.parent.glob("rows.*"))
        payload.rename(payload.with_name("aside"))
        payload.symlink_to(payload.name)  # the system refuses to follow it
    failed = zygote.run("log_restore", logs.params, fails=True)
    assert (failed["error_kind"], "just now" in failed["msg"]) == ("repository", True)
    assert logs.sql("SELECT count(*) FROM system_logs") == "10"


def test_a_restore_that_is_not_complete_says_so(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 2_000, 10)
    before = logs.digest("system_logs")
    zygote.run("log_archive", logs.params)
    params = {**logs.params, "source": "table", "batch_size": 200, "lock_timeout": "0.05s"}
    part = zygote.run("log_restore", {**params, "row_budget": 700})
    assert (part["rows"], part["complete"], sum(part["diff"]["after"]["rows"].values())) == (700, False, 700)
    assert "The budget is used up" in str(part["warnings"])
    with closing(psycopg2.connect(logs.server.dsn(logs.database))) as other, other.cursor() as cursor:
        cursor.execute("SELECT id FROM system_logs_archive ORDER BY created_at LIMIT 1 FOR UPDATE")
        failed = zygote.run("log_restore", params, fails=True)
        assert (failed["error_kind"], failed["changed"], failed["complete"]) == ("busy", True, False)
        assert "Run it again later" in failed["msg"]
        assert 700 + failed["rows"] == 2_000 - int(logs.sql("SELECT count(*) FROM system_logs_archive")) < 2_000
    rest = zygote.run("log_restore", params)
    assert (rest["rows"], rest["complete"]) == (2_000 - 700 - failed["rows"], True)
    assert logs.digest("system_logs") == before
