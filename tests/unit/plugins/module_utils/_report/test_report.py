# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement on a rehearsal, and its summary: what is missing or failed never looks good."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._report.collect import collect_rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import page_values
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import judge
from ansible_collections.chatbot.ops.plugins.module_utils._report.summary import LINES, WIDTH, summary_lines
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts import TEXTS

from tests.unit.plugins.module_utils._report.rehearsals import (
    N8N,
    differing,
    findings,
    isolated,
    proven,
    record,
    result,
    scratch,
)


def figure(page: dict[str, Any], label: str) -> dict[str, Any]:
    return next(each for each in page["figures"] if label in (each["abbreviation"], each["label"]))


def lost_at(values: dict[str, Any], *path: str | int) -> dict[str, Any]:
    """Return ``values`` without what lies at ``path``."""
    place: Any = values
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = None
    return values


def test_times_are_measured_from_the_copy_over_the_disaster_to_the_end() -> None:
    rehearsal = judge(record())
    assert (rehearsal.rpo.seconds, rehearsal.rto.seconds) == (13.5, 8.0)
    assert (rehearsal.state, rehearsal.problems) == ("proven", ())


def test_from_scratch_the_restore_itself_is_measured() -> None:
    rehearsal = judge(collect_rehearsal(scratch()))
    assert (rehearsal.rpo.seconds, rehearsal.rto.seconds, rehearsal.state) == (4.5, 17.0, "proven")


def test_in_isolation_all_that_brings_the_stack_back_is_measured() -> None:
    rehearsal = judge(collect_rehearsal(isolated()))
    # From the copy (03:15:00.5) to where the recovery begins (03:20:02), and from there to the proof (03:20:38).
    assert (rehearsal.rpo.seconds, rehearsal.rto.seconds, rehearsal.state) == (301.5, 36.0, "proven")
    assert {each.record.source: each.record.content_bytes for each in rehearsal.outcomes} == {
        "database": 63_800_000,
        "n8n": 63_800_000,
    }


@pytest.mark.parametrize("language", ["en", "es"])
def test_in_isolation_what_the_copy_did_without_is_told_and_not_wrong(language: str) -> None:
    given = collect_rehearsal(isolated(language=language))
    page = page_values(given)
    assert page["state"] == "proven"
    assert [each["messages"] for each in page["notices"]] == [("The service api has no value in WHATSAPP_TOKEN.",)]
    assert page["headline"] == TEXTS[language]["headline_isolated"]
    assert page["lost"]["entries"] == ()
    assert summary_lines(given)[1] == TEXTS[language]["summary_isolated"]
    assert TEXTS[language]["summary_problem"] not in "".join(summary_lines(given))


def test_in_isolation_one_that_did_not_start_recovered_nothing() -> None:
    given = isolated(failure="Not all services are healthy")
    given["marks"] = [each for each in given["marks"] if each["id"] != "prove"]
    rehearsal = judge(collect_rehearsal(given))
    assert (rehearsal.state, rehearsal.rto.seconds) == ("failed", None)


FAILURES = {
    "stopped": record(failure=["n8n: boom", "database: bang"]),
    "nothing backed up": record(backups={}),
    "nothing restored": record(restores={}),
    "no set in isolation": collect_rehearsal({**isolated(), "parts": []}),
    "nothing restored in isolation": collect_rehearsal({**isolated(), "restores": {}}),
    "no time of recovery": lost_at(record(), "recovered_at"),
    "no time of the disaster": lost_at(record(), "disaster_at"),
    "no phases": {**collect_rehearsal(scratch()), "phases": []},
    "phase without an end": lost_at(collect_rehearsal(scratch()), "phases", 1, "ended"),
    "clock went backwards": {**record(), "recovered_at": "2026-11-24T03:15:13Z"},
    "a source that failed": {**record(), "sources": [{**record()["sources"][0], "failed": "boom"}]},
    "a proof of nothing": record(restores={"database": {"proof": proven({})}, "n8n": {"proof": proven(N8N)}}),
    "a proof that says nothing": record(restores={"database": {"proof": {}}}),
    "differences": differing(),
}


@pytest.mark.parametrize("given", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_missing_or_failed_never_looks_good(given: dict[str, Any], language: str) -> None:
    page = page_values({**given, "language": language})
    texts = TEXTS[language]
    assert page["state"] == "failed"
    assert any(each["grave"] for each in page["notices"])
    assert page["lede"] == texts["lede_failed"]
    states = [figure(page, label)["state"] for label in ("RTO", "RPO", texts["proof"])]
    assert states == ["bad"] * 3
    assert [figure(page, label)["value"] for label in ("RTO", "RPO")] == ["—", "—"]
    assert not [each for each in page["bars"] if each["kind"] == "restore"]
    assert not [each for each in (page["ribbon"] or {"stretches": []})["stretches"] if each["kind"] == "back"]
    assert texts["summary_failed"] in summary_lines({**given, "language": language})[1]


def test_two_things_that_differ_are_no_proof_whatever_it_says_of_itself() -> None:
    given = record()
    given["sources"][0]["proof"]["found"]["tables"]["public.orders"] = {"rows": 12_580, "digest": "other"}
    assert page_values(given)["state"] == "failed"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        pytest.param(
            {"objectives": {"rto": "1s", "rpo": ""}}, "The recovery took 8 s; the objective is 1 s.", id="rto"
        ),
        pytest.param({"objectives": {"rto": "", "rpo": "10s"}}, "was 13.5 s old when it was needed", id="rpo"),
        pytest.param({"verifications": {}}, "the backup was not verified before", id="unverified"),
    ],
)
def test_what_is_wrong_beside_the_recovery_is_a_reservation(change: dict[str, Any], text: str) -> None:
    page = page_values(record(**change))
    assert page["state"] == "flawed"
    assert text.replace(" s", "\u00a0s") in page["notices"][0]["text"] or text in page["notices"][0]["text"]
    assert "WITH RESERVATIONS" in summary_lines(record(**change))[1]


def test_an_unknown_age_of_the_copy_misses_its_objective() -> None:
    page = page_values(lost_at(record(), "sources", 0, "taken"))
    assert (page["state"], figure(page, "RPO")["state"]) == ("flawed", "bad")
    assert page["ribbon"] is None


def test_credentials_that_do_not_decrypt_are_told() -> None:
    proof = copy.deepcopy(N8N)
    proof["database"]["credentials"]["decryptable"] = 5
    page = page_values(
        record(restores={"database": findings()["restores"]["database"], "n8n": {"proof": proven(proof)}})
    )
    assert page["state"] == "flawed"
    assert "3 of 8 credentials cannot be decrypted" in page["notices"][0]["text"]
    assert "8 credentials (5 decrypt)" in page["back"]["entries"][1]["parts"]


def test_a_verification_that_failed_outweighs_a_restore_that_worked() -> None:
    given = record()
    given["sources"][0]["verified"]["passed"] = False
    page = page_values(given)
    assert page["state"] == "failed"
    assert ("Verified", "failed", "bad") in page["backups"][0]["facts"]


def test_what_did_not_come_back_is_not_among_what_did() -> None:
    page = page_values(differing())
    assert page["headline"] == "Only n8n came back."
    assert [each["source"] for each in page["back"]["entries"]] == ["n8n"]
    assert page["lost"]["entries"][0]["parts"] == ("everything, until it is back",)
    rows = {each["name"]: each for each in page["comparisons"][0]["rows"]}
    assert (rows["public.orders"]["found"], rows["public.orders"]["result"]) == ("12,577", "different")
    assert (rows["<script>alert(1)</script>"]["found"], rows["<script>alert(1)</script>"]["result"]) == ("—", "missing")
    assert page["notices"][1]["more"] == "and 2 more"


def test_the_losses_are_what_was_written_after_the_copy() -> None:
    database, n8n = page_values(record())["lost"]["entries"]
    assert (database["parts"], database["details"]) == (("298 rows in 1 table",), (("public.orders", "298"),))
    assert n8n["parts"] == ("11 executions",)


def test_what_was_deleted_after_the_copy_comes_back() -> None:
    database = {"before": {"rows": {"a": 5, "b": 9}}, "after": {"rows": {"a": 7, "b": 9}}}
    n8n = {"before": {"workflows": 1}, "after": {"workflows": 3}}
    given = record(losses={"database": {"diff": database}, "n8n": {"diff": n8n}})
    entries = page_values(given)["lost"]["entries"]
    assert entries[0]["parts"] == ("2 rows that had been deleted since came back",)
    assert entries[1]["parts"] == ("2 workflows that had been deleted since came back",)


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        pytest.param({"before": {"rows": {"a": 1}}, "after": {"rows": {"a": 1}}}, "nothing", id="equal"),
        pytest.param({"before": {"rows": {"a": 1}}, "after": {}}, TEXTS["en"]["lost_unknown"], id="one side"),
        pytest.param(None, TEXTS["en"]["lost_unknown"], id="not measured"),
    ],
)
def test_a_loss_that_was_not_measured_is_not_nothing(sides: Any, text: str) -> None:
    given = record(losses={"database": {"diff": sides}})
    assert page_values(given)["lost"]["entries"][0]["parts"] == (text,)


def test_only_the_greatest_losses_are_listed() -> None:
    live, kept = (
        {f"t{number}": number for number in range(12)},
        dict.fromkeys((f"t{number}" for number in range(12)), 0),
    )
    given = record(losses={"database": {"diff": {"before": {"rows": live}, "after": {"rows": kept}}}})
    entry = page_values(given)["lost"]["entries"][0]
    assert (entry["details"][0], len(entry["details"]), entry["more"]) == (("t11", "11"), 8, "and 3 more")


def test_without_a_disaster_nothing_was_lost() -> None:
    assert page_values(collect_rehearsal(scratch()))["lost"] == {
        "entries": (),
        "note": TEXTS["en"]["lost_scratch_note"],
    }
    page = page_values(lost_at(record(failure="boom"), "disaster_at"))
    assert page["lost"]["note"] == TEXTS["en"]["lost_no_disaster"]


def test_a_stretch_that_is_too_short_for_its_label_is_drawn_wider_and_that_is_said() -> None:
    ribbon = page_values({**record(), "recovered_at": "2026-11-24T03:15:14.1Z"})["ribbon"]
    assert (ribbon["shares"], ribbon["note"]) == (("17.00", "44.00", "22.00", "17.00"), TEXTS["en"]["not_to_scale"])
    true = page_values(record())["ribbon"]
    assert true["note"] == ""
    assert float(true["shares"][1]) / float(true["shares"][2]) == pytest.approx(13.5 / 8, rel=0.02)


def test_where_the_backups_are_is_said_where_it_is_known() -> None:
    assert page_values(record())["repository"] == "Backups in /var/backups/chatbot."
    assert page_values(record(language="es"))["repository"] == "Copias en /var/backups/chatbot."
    assert page_values(record(repository=""))["repository"] == ""


def test_a_phase_that_did_not_end_is_told() -> None:
    given = lost_at(record(failure="boom"), "phases", 3, "ended")
    last = page_values(given)["bars"][3]
    assert (last["kind"], last["value"], last["left"]) == ("vain", "not finished", "68.18")
    assert page_values({**given, "started": None})["bars"] == ()
    assert len(page_values(lost_at(record(), "phases", 0, "started"))["bars"]) == 3


def test_a_phase_that_has_no_name_here_goes_by_its_own() -> None:
    given = record()
    given["phases"][1]["id"] = "fence"
    assert page_values(given)["bars"][1]["label"] == "fence"


def test_a_ratio_is_told_where_there_is_one() -> None:
    given = record()
    assert given["sources"][0]["stored_bytes"] == 12_000_000
    given["sources"][1]["stored_bytes"] = given["sources"][1]["content_bytes"]
    sizes = [dict(facts[:2] for facts in each["facts"])["Size"] for each in page_values(given)["backups"]]
    assert ["smaller" in size for size in sizes] == [True, False]


def test_a_page_of_the_least_that_a_record_can_hold() -> None:
    page = page_values({"format": 1, "stack": "x", "mode": "disaster"})
    assert (page["state"], page["place"], page["run"], page["bars"], page["backups"]) == ("failed", "x", "", (), ())
    assert page["notices"][0]["text"] == TEXTS["en"]["problem_nothing"]
    given = {
        "format": 1,
        "stack": "x",
        "sources": [{"source": "config", "backup_id": "b", "verified": {"passed": True}}],
    }
    assert page_values(given)["backups"][0]["source"] == "Config"


def test_a_source_that_is_unknown_here_is_told_by_its_size() -> None:
    own = {"config": result("config", {"files": 3})}
    passed = {"config": {"level": "restore", "verified": True, "duration_seconds": 1.0}}
    given = record(backups=own, restores={"config": {"proof": proven({"files": 3})}}, losses={}, verifications=passed)
    page = page_values(given)
    assert (page["state"], page["comparisons"]) == ("proven", ())
    assert page["back"]["entries"][0]["parts"] == ("63.8\u00a0MB of data",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"format": 2}, "format", id="format"),
        pytest.param({"stack": ""}, "rehearsal.stack", id="no name"),
        pytest.param({"host": 7}, "rehearsal.host", id="no text"),
        pytest.param({"language": "fr"}, "rehearsal.language", id="no language of ours"),
        pytest.param({"started": "yesterday"}, "rehearsal.started", id="no time"),
        pytest.param({"phases": "backup"}, "rehearsal.phases", id="no list"),
        pytest.param({"sources": [7]}, r"rehearsal.sources\[0\]", id="no dictionary"),
        pytest.param({"objectives": {"rto_seconds": -1}}, "rehearsal.objectives.rto_seconds", id="negative"),
        pytest.param({"objectives": {"rto_seconds": True}}, "rehearsal.objectives.rto_seconds", id="no number"),
    ],
)
def test_nonsense_is_refused_by_its_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError, match=field):
        judge({**record(), **change})


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("given", [record(), differing(), *FAILURES.values()])
def test_the_summary_fits_a_terminal(given: dict[str, Any], language: str) -> None:
    long = {**given, "language": language, "stack": "a-stack-with-a-long-name" * 3, "failure": ["word " * 200]}
    for each in ({**given, "language": language}, long):
        lines = summary_lines(each)
        assert len(lines) <= LINES
        assert max(map(len, lines)) <= WIDTH
        assert not {"\u00a0", "\u202f", "\x1b"} & set("".join(lines))


def test_the_summary_in_spanish() -> None:
    assert summary_lines(record(language="es")) == [
        "Ensayo de recuperación de lottery-chatbot en vps-1",
        "RECUPERADO Y COMPROBADO",
        "Perdido     Base de datos: 298 filas en 1 tabla; n8n: 11 ejecuciones",
        "De vuelta   Base de datos: 12 581 filas en 2 tablas, 63,8 MB de datos; n8n: 12",
        "            workflows (8 activos), 8 credenciales (todas se descifran), 1519",
        "            ejecuciones, 260 archivos, 63,8 MB de datos",
        "RTO         8 s, del desastre a la comprobación (objetivo 30 min: cumplido)",
        "RPO         13,5 s, entre la copia y el desastre (objetivo 1 d: cumplido)",
        "Parada      0 s, todo siguió en marcha durante la copia",
        "Comprobado  sin diferencias: 2 tablas, 12 workflows y 8 credenciales",
    ]
