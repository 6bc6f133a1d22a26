# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a measurement: the machine, the table, what is over its limit, what is missing. Its figures are made up."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.bench.__main__ import SUBJECTS
from tests.bench.machine import Machine, memory_in, processor_in, version_in
from tests.bench.page import PAGES, filled
from tests.bench.result import Measured, read, write
from tests.bench.rows import Row

SAMPLES = Path(__file__).with_name("samples")
MARK = "<!-- measured -->"


@pytest.fixture(scope="module")
def measured() -> Measured:
    return read(SAMPLES)


def test_the_machine_and_the_versions_stand_first(measured: Measured) -> None:
    lines = filled(MARK, measured, "en").splitlines()
    assert lines[:10] == [
        "|  |  |",
        "| --- | --- |",
        "| processor | Sample CPU @ 1.00GHz |",
        "| cores | 4 |",
        "| memory | 7.5 GiB |",
        "| system | Sample Linux 1 |",
        "| kernel | 1.2.3-sample |",
        "| chatbot.ops | 0.0.1 |",
        "| tar | 1.2 |",
        "| PostgreSQL | 3.4 |",
    ]
    assert "Measured on 2026-01-02. Each time is the median of 3 rounds." in lines


def test_each_row_has_ours_the_other_ratio_limit_and_verdict(measured: Measured) -> None:
    text = filled(MARK, measured, "en")
    assert r"| copy of 100 MiB | 2.00 s | `tar \| gzip`: 10.0 s | 0.20 | 0.25 | ok |" in text
    assert "| wait, p99 | 30.0 ms | without it: 10.0 ms | 3.00 | 2.00 | **over** |" in text
    assert "| n8n restore: peak memory | 60.0 MiB | allowed: 150 MiB | 0.40 |  |  |" in text


@pytest.mark.parametrize(
    ("language", "sentence", "line"),
    [
        ("en", "**Over their limit: 1 of 3 rows.**", "- wait, p99: 3.00 times without it, and 2.00 is allowed."),
        ("es", "**Superan su límite: 1 de 3 filas.**", "- wait, p99: 3.00 veces sin él, y se permite 2.00."),
    ],
)
def test_what_is_over_its_limit_is_said_in_plain_words(
    measured: Measured, language: str, sentence: str, line: str
) -> None:
    assert {sentence, line} <= set(filled(MARK, measured, language).splitlines())


def test_where_all_keep_their_limits_that_is_said(measured: Measured) -> None:
    text = filled(MARK, Measured(measured.rows[:1], measured.machine), "en")
    assert "Every row that has a limit keeps it." in text
    assert "**over" not in text.lower()


def test_what_was_not_measured_is_named(measured: Measured) -> None:
    assert "**Not measured to the end:** postgres, logs, s3, restic." in filled(MARK, measured, "en")
    assert set(measured.missing) < set(SUBJECTS)
    assert set(Measured([], measured.machine).missing) == set(SUBJECTS)


def test_what_is_measured_on_the_bed_has_its_own_table_and_command(measured: Measured) -> None:
    _first, _command, second = filled(MARK, measured, "en").partition("(`make bench-rebuild`):")
    assert "| a server | 150 s | by hand: 100 s | 1.50 | 1.00 | **over** |" in second
    assert "- a server: 1.50 times by hand, and 1.00 is allowed." in second


def test_both_languages_have_the_same_lines(measured: Measured) -> None:
    pages = [filled(template.read_text("utf-8"), measured, language) for language, (_page, template) in PAGES.items()]
    for form in (r"(?m)^#+ ", r"(?m)^ *```\w*$", r"(?m)^\|", r"chatbot\.ops\.\w+", r"(?m)^- "):
        assert len({len(re.findall(form, page)) for page in pages}) == 1, form
    assert all(MARK not in page for page in pages)


@pytest.mark.parametrize(
    ("other", "language", "told"),
    [
        ("200 MiB", "en", "with 200 MiB: 50.0 MiB"),
        ("0.1 GB", "es", "con 0.1 GB: 50.0 MiB"),
        ("its work by such tools", "es", "el mismo trabajo con tales herramientas: 50.0 MiB"),
        ("tar -czf", "es", "`tar -czf`: 50.0 MiB"),
    ],
)
def test_the_other_is_called_by_its_command_or_in_the_language_of_the_page(
    measured: Measured, other: str, language: str, told: str
) -> None:
    row = Row("a copy", 60.0, 50.0, other, "MiB", 1.15)
    assert f"| {told} | 1.20 | 1.15 |" in filled(MARK, Measured([row], measured.machine), language)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    rows = [Row("a copy", 2.0, 3.0, "cp", "s", 1.0), Row("a copy", 2.0, 4.0, "dd", "s", None)]
    write(rows, 5, tmp_path)
    found = read(tmp_path)
    assert (list(found.rows), found.runs, found.machine) == (rows, 5, Machine.here())
    assert found.date is not None
    assert found.is_judged


def test_rows_alone_are_of_this_machine(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "bench.json", tmp_path)
    found = read(tmp_path)
    assert (found.machine, found.date, found.runs) == (Machine.here(), None, None)
    assert "Measured on" not in filled(MARK, found, "en")


def test_small_data_without_limits_is_nothing_to_tell_others(measured: Measured) -> None:
    assert measured.is_judged
    assert not Measured(measured.rows[2:], measured.machine).is_judged


def test_a_row_is_made_again_of_its_document() -> None:
    for document in json.loads((SAMPLES / "bench.json").read_text("utf-8")):
        assert Row.from_document(document).to_document() == document


def test_this_machine_tells_what_it_is() -> None:
    here = Machine.here()
    assert here.processor
    assert here.cores >= 1
    assert here.memory > 0
    assert {"chatbot.ops", "Python", "tar"} <= set(here.versions)
    assert all(here.versions.values())


@pytest.mark.parametrize(
    ("told", "version"),
    [
        ("tar (GNU tar) 1.35\nCopyright (C) 2023", "1.35"),
        ("*** Zstandard CLI (64-bit) v1.5.7, by Yann Collet ***", "1.5.7"),
        ("rclone v1.70.3\n- os/version: debian 13.0", "1.70.3"),
        ("restic 0.18.0 compiled with go1.24.2 on linux/amd64", "0.18.0"),
        ("pg_dump (PostgreSQL) 17.5 (Debian 17.5-1)", "17.5"),
        ("no version", ""),
    ],
)
def test_a_version_is_found_in_what_a_program_tells(told: str, version: str) -> None:
    assert version_in(told) == version


def test_processor_and_memory_are_read_from_what_the_kernel_tells() -> None:
    assert processor_in("processor\t: 0\nmodel name\t: Sample  CPU @ 1.00GHz \nmodel name\t: other\n") == (
        "Sample CPU @ 1.00GHz"
    )
    assert processor_in("processor\t: 0\nBogoMIPS\t: 50.00\n") == ""
    assert memory_in("MemTotal:        8388608 kB\nMemFree: 1 kB\n") == 8.0
    assert memory_in("") == 0.0
