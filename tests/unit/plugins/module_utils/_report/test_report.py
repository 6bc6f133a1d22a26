# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the findings of a rehearsal to the summary and the page: true, escaped, in two languages."""

from __future__ import annotations

import copy
import re
from typing import Any

import jinja2
import pytest
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_collect import FilterModule as Collect
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_report import FilterModule as Report
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_summary import FilterModule as Summary
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._report.collect import collect_rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import page_values
from ansible_collections.chatbot.ops.plugins.module_utils._report.summary import WIDTH, summary_lines
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts import TEXTS

from tests.tools.link import CHECKOUT

TABLES = {"public.orders": {"rows": 12_580, "digest": "-5"}, "<script>alert(1)</script>": {"rows": 1, "digest": "7"}}
DATABASE = {"tables": TABLES, "sequences": {}}
N8N = {
    "database": {
        "last_migration": {"name": "AddThings", "timestamp": 1},
        "workflows": {"total": 12, "active": 8, "digests": {"a": "b"}},
        "credentials": {"total": 8, "decryptable": 8},
        "executions": {"count": 1519, "newest": 1519},
        "tables": 20,
    },
    "files": {"count": 260, "bytes": 17_000_000},
    "key_fingerprint": "18af",
}


def proven(proof: dict[str, Any]) -> dict[str, Any]:
    return {"claimed": proof, "found": copy.deepcopy(proof), "equal": True, "differences": []}


def result(source: str, proof: dict[str, Any]) -> dict[str, Any]:
    manifest = {"taken": "2026-11-24T03:15:00.5Z", "proof": proof, "recovery": ["zstd -d x"]}
    return {
        "backup_id": f"20261124T031500Z-{source}-7f3a",
        "manifest": manifest,
        "content_bytes": 63_800_000,
        "stored_bytes": 12_000_000,
        "duration_seconds": 2.5,
        "downtime_seconds": 0.0,
    }


def findings(**more: Any) -> dict[str, Any]:
    marks = [
        ("backup", "03:15:00"),
        ("verify", "03:15:05"),
        ("disaster", "03:15:14"),
        ("restore", "03:15:15"),
        ("end", "03:15:22"),
    ]
    proofs: dict[str, dict[str, Any]] = {"database": DATABASE, "n8n": N8N}
    verified = {"level": "restore", "verified": True, "duration_seconds": 3.0}
    rows = {"public.orders": 12_580}
    return {
        "stack": "lottery-chatbot",
        "host": "vps-1",
        "language": "en",
        "mode": "disaster",
        "objectives": {"rto": "30m", "rpo": "24h"},
        "marks": [{"id": name, "at": f"2026-11-24T{clock}Z"} for name, clock in marks],
        "failure": "",
        "backups": {name: result(name, proof) for name, proof in proofs.items()},
        "verifications": {name: {**verified, "proof": proven(proof)} for name, proof in proofs.items()},
        "losses": {
            "database": {"diff": {"before": {"rows": {"public.orders": 12_878}}, "after": {"rows": rows}}},
            "n8n": {
                "diff": {
                    "before": {"workflows": 12, "credentials": 8, "executions": 1530},
                    "after": {"workflows": 12, "credentials": 8, "executions": 1519},
                }
            },
        },
        "restores": {
            name: {"proof": proven(proof), "duration_seconds": 3.0, "previous": f"{name}_previous"}
            for name, proof in proofs.items()
        },
        **more,
    }


def scratch() -> dict[str, Any]:
    given = findings(mode="scratch", losses={}, restores={})
    marks = [each for each in given["marks"] if each["id"] in ("backup", "verify", "end")]
    return {**given, "marks": marks}


def render(record: dict[str, Any]) -> str:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["chatbot.ops.rehearsal_report"] = Report().filters()["rehearsal_report"]
    template = (CHECKOUT / "roles/rehearsal/templates/report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(rehearsal_result=record)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_proven_recovery(language: str) -> None:
    record = collect_rehearsal(findings(language=language))
    lines = summary_lines(record)
    assert all(len(line) <= WIDTH for line in lines)
    assert TEXTS[language]["summary_proven"] in lines[0]
    text = " ".join(lines)
    assert "298" in text  # orders that were written after the copy
    assert "11" in text  # executions
    page = page_values(record)
    assert (page["state"], len(page["tables"]), len(page["backups"])) == ("proven", 2, 2)
    html = render(record)
    assert f'<html lang="{language}">' in html
    assert TEXTS[language]["headline_proven"] in html


def test_both_languages_say_the_same_things() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", TEXTS["es"][key])), key


def test_nothing_from_the_data_becomes_markup() -> None:
    html = render(collect_rehearsal(findings(stack="<b>x</b>", failure="<i>boom</i>")))
    assert "<script>" not in html
    assert "<b>x" not in html
    assert "<i>boom" not in html
    assert "&lt;script&gt;" in html


def test_the_page_asks_for_nothing_from_outside() -> None:
    html = render(collect_rehearsal(findings()))
    assert not re.search(r"(?:src|href)=|url\(|@import", html)


def test_a_trial_restore_loses_nothing() -> None:
    record = collect_rehearsal(scratch())
    assert [each["id"] for each in record["phases"]] == ["backup", "restore"]
    page = page_values(record)
    assert (page["state"], page["scratch"]) == ("proven", True)
    assert TEXTS["en"]["headline_scratch"] in render(record)
    assert TEXTS["en"]["summary_scratch"] in summary_lines(record)[0]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"failure": "Failed to connect"}, id="stopped"),
        pytest.param({"backups": {}}, id="nothing backed up"),
        pytest.param({"restores": {}}, id="nothing restored"),
        pytest.param(
            {"restores": {"database": {"proof": {**proven(DATABASE), "equal": False, "differences": ["x"]}}}},
            id="other",
        ),
    ],
)
def test_what_is_missing_or_failed_never_looks_green(change: dict[str, Any]) -> None:
    given = {**findings(), **change}
    if change.get("restores") == {}:
        given["verifications"] = {}
    record = collect_rehearsal(given)
    page = page_values(record)
    assert page["state"] == "failed"
    assert page["problems"]
    assert not any(each["good"] for each in page["figures"] if each["name"] == TEXTS["en"]["proof"])
    assert TEXTS["en"]["summary_failed"] in summary_lines(record)[0]
    assert TEXTS["en"]["headline_failed"] in render(record)


def test_a_missed_objective_is_a_reservation() -> None:
    record = collect_rehearsal(findings(objectives={"rto": "1s", "rpo": ""}))
    page = page_values(record)
    assert page["state"] == "flawed"
    assert "missed" in " ".join(summary_lines(record))


def test_the_filters_tell_what_is_no_record() -> None:
    from ansible.errors import AnsibleFilterError

    for module, name in ((Report, "rehearsal_report"), (Summary, "rehearsal_summary")):
        with pytest.raises(AnsibleFilterError):
            module().filters()[name]({"format": 99})
    with pytest.raises(AnsibleFilterError, match="rehearsal_objective_rto"):
        Collect().filters()["rehearsal_collect"](findings(objectives={"rto": "soon", "rpo": ""}))
    assert Summary().filters()["rehearsal_summary"](collect_rehearsal(findings()))
    with pytest.raises(RefusedError):
        page_values([])
