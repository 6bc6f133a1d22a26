# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample n8n folder: what it holds is what n8n would hold, and its writer behaves like a live n8n."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support import n8n_cipher
from tests.support.bench_data import n8n_folder
from tests.support.n8n_reader import credentials, decrypted, rows
from tests.support.postgres_watchdog import wait_until
from tests.support.sample_n8n import N8nWriter, Pace, Plan, Sample, make
from tests.support.writer import PROJECT, read_state

UNTIL = datetime(2026, 11, 24, 3, tzinfo=UTC)
BUSY = Pace(shortest=0.0, longest=0.01, keep=100, buffer=0.5)
VECTORS = json.loads((pathlib.Path(n8n_cipher.__file__).parent / "n8n_cipher_vectors.json").read_text())
NAMED_FILE = re.compile(r'"filesystem-v2:([^"]+)"')

PARENT = """
import sys, time
from pathlib import Path
from tests.support.sample_n8n import N8nWriter
writer = N8nWriter(Path(sys.argv[1]), Path(sys.argv[2]))
writer.start()
print(flush=True)
time.sleep(60)
"""


def test_the_ciphers_read_what_n8n_has_written() -> None:
    sample = Sample(pathlib.Path(), VECTORS["key"], {}, has_xattr=False)
    keys = {name: (algorithm, value) for name, (algorithm, value) in VECTORS["deks"].items()}
    for name in ("cbc", "prefixed_gcm", "prefixed_cbc"):
        assert decrypted(sample.encryption_key, VECTORS[name], keys) == {"apiKey": "sëcret-✓", "n": 1}


@pytest.mark.parametrize("major", [1, 2])
def test_every_credential_opens_with_the_key(tmp_path: pathlib.Path, major: int) -> None:
    sample = make(tmp_path / "n8n", Plan(major=major, credentials=10, rotated=3, executions=5))
    stored = {str(row[0]): str(row[1]) for row in rows(sample.folder, "SELECT id, data FROM credentials_entity")}
    assert credentials(sample.folder, sample.encryption_key) == sample.secrets
    assert len(stored) == 10
    assert sum(":" in data for data in stored.values()) == (3 if major == 2 else 0)
    assert json.loads((sample.folder / "config").read_text()) == {"encryptionKey": sample.encryption_key}


def test_is_the_same_each_time(tmp_path: pathlib.Path) -> None:
    plan = Plan(until=UNTIL)
    assert content(make(tmp_path / "one", plan).folder) == content(make(tmp_path / "two", plan).folder)


def test_looks_like_a_folder_of_1_x(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n", Plan(major=1)).folder
    assert rows(folder, "PRAGMA journal_mode") == [("delete",)]
    assert not (folder / "database.sqlite-wal").exists()
    assert (folder / "binaryData").is_dir()
    assert not (folder / "storage").exists()
    assert (folder / "config").stat().st_mode & 0o777 == 0o644


def test_looks_like_a_folder_of_2_x(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n", Plan(running=True)).folder
    assert (folder / "database.sqlite").read_bytes()[18:20] == b"\2\2"
    assert (folder / "crash.journal").stat().st_size == 0
    assert (folder / "config").stat().st_mode & 0o777 == 0o600
    assert (folder / "nodes" / "node_modules" / ".bin" / "loteria").is_symlink()


def test_the_database_file_of_2_x_alone_is_sound_but_stale(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n").folder
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(folder / "database.sqlite", alone)
    counts = "SELECT (SELECT count(*) FROM credentials_entity), (SELECT count(*) FROM deployment_key)"
    assert rows(alone, "PRAGMA integrity_check") == [("ok",)]
    assert rows(alone, counts) == [(7, 0)]
    assert rows(folder, counts) == [(8, 6)]


@pytest.mark.parametrize("major", [1, 2])
def test_the_writer_leaves_a_sound_folder(tmp_path: pathlib.Path, major: int) -> None:
    folder = make(tmp_path / "n8n", Plan(major=major)).folder
    newest = rows(folder, "SELECT max(id) FROM execution_entity")[0][0]
    with N8nWriter(folder, tmp_path / "state", BUSY) as writer:
        assert (folder / "crash.journal").exists()
        assert wait_until(lambda: writer.state.acknowledged >= 60, 60)
        final = writer.stop()
    assert not (folder / "crash.journal").exists()
    assert (folder / "database.sqlite-wal").exists() == (major == 2)
    assert final.failed == 0
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    assert rows(folder, "PRAGMA foreign_key_check") == []
    finished = rows(folder, f"SELECT count(*) FROM execution_entity WHERE id > {newest} AND status <> 'running'")
    assert finished == [(final.acknowledged,)]
    assert missing_files(folder) == set()


def test_the_writer_prunes_old_executions_with_their_files(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n", Plan(executions=150, binary_files=150)).folder
    before = pictures(folder)
    with N8nWriter(folder, tmp_path / "state", BUSY) as writer:
        assert wait_until(lambda: pictures(folder) < before - 20, 60)
        writer.stop()
    assert rows(folder, "SELECT min(id) > 20 FROM execution_entity") == [(1,)]
    assert missing_files(folder) == set()


def test_what_the_writer_acknowledged_outlives_its_death(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n", Plan(executions=0, binary_files=0)).folder
    writer = N8nWriter(folder, tmp_path / "state", Pace(shortest=0.0, longest=0.01))
    writer.start()
    assert wait_until(lambda: writer.state.acknowledged >= 30, 60)
    writer.kill()
    assert (folder / "crash.journal").exists()
    found = rows(folder, "SELECT count(*) FROM execution_entity WHERE status <> 'running'")[0][0]
    assert writer.state.acknowledged in (found, int(str(found)) - 1)


def test_the_writer_ends_with_its_parent(tmp_path: pathlib.Path) -> None:
    folder = make(tmp_path / "n8n").folder
    command: list[str | pathlib.Path] = [sys.executable, "-c", PARENT, folder, tmp_path / "state"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert (folder / "crash.journal").exists()
        parent.kill()
    assert wait_until(lambda: not (folder / "crash.journal").exists(), 10)
    assert read_state(tmp_path / "state").acknowledged >= 1


def test_half_of_the_folder_of_the_bench_does_not_shrink(tmp_path: pathlib.Path) -> None:
    wanted = 20 * 1024 * 1024
    made = n8n_folder(tmp_path / "n8n", wanted)
    shrunk = sum(len(zlib.compress(file.read_bytes(), 6)) for file in files(tmp_path / "n8n"))
    assert made == sum(file.stat().st_size for file in files(tmp_path / "n8n"))
    assert abs(made - wanted) < wanted / 20
    assert 0.5 < shrunk / made < 0.62
    assert rows(tmp_path / "n8n", "PRAGMA integrity_check") == [("ok",)]


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    """The regular files below the folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def pictures(folder: pathlib.Path) -> int:
    """How many binary files there are, in a folder that may be in use: os.walk passes over what vanishes meanwhile."""
    return sum(name.endswith(".metadata") for _path, _folders, names in os.walk(folder) for name in names)


def content(folder: pathlib.Path) -> dict[str, str]:
    """A digest of each file, and of the database its rows: its files tell when they were made."""
    whole = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files(folder)
        if not path.name.startswith("database.sqlite")
    }
    with closing(sqlite3.connect(folder / "database.sqlite")) as database:
        whole["database"] = hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()
    return whole


def missing_files(folder: pathlib.Path) -> set[str]:
    """The binary files that the database names and the storage does not have; executions marked for deletion may."""
    storage = next(path for name in ("storage", "binaryData") if (path := folder / name).is_dir())
    kept = "SELECT data FROM execution_data JOIN execution_entity e ON e.id = executionId WHERE deletedAt IS NULL"
    named = {name for (data,) in rows(folder, kept) for name in NAMED_FILE.findall(str(data))}
    assert named
    return {name for name in named if not (storage / name).is_file()}
