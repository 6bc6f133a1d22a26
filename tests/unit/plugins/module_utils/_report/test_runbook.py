# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook page: what it tells, what it refuses, and that nothing on it is more than text."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import Any

import jinja2
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.runbook_page import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._report.contacts import read_contacts
from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook_markdown import runbook_markdown
from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook_page import runbook_values
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts_runbook import RUNBOOK_TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._repository.reach import reach
from jinja2 import nodes

from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._report.runbooks import (
    ANA,
    HOSTING,
    KEYS,
    PASSED,
    TEMPLATES,
    WHATSAPP,
    backups,
    findings,
    listing,
    render,
)
from tests.unit.plugins.module_utils._report.test_template import POISON, Outline

BUCKET = {
    "type": "s3",
    "bucket": "backups",
    "prefix": "eu/",
    "endpoint_url": "https://user:s3cret-word@s3.example.org",
    "access_key": "AKIA-NOT-SHOWN",
    "secret_key": "never-to-be-shown",
}
RESTIC = {
    "type": "restic",
    "name": "nas",
    "location": "rest:https://user@nas.example.org/",
    "password": "restic-password",
    "environment": {"RESTIC_REST_PASSWORD": "rest-password", "AWS_DEFAULT_REGION": "us-west-2"},
}


def page(**more: Any) -> dict[str, Any]:
    return runbook_values(findings(**more))


def commands(found: dict[str, Any]) -> list[str]:
    return [step["command"] for each in found["disasters"] for step in each["steps"] if step["command"]]


def test_the_three_disasters_have_their_commands() -> None:
    found = page(options="--ask-vault-pass")
    assert [each["id"] for each in found["disasters"]] == ["server", "database", "n8n"]
    typed = [shlex.split(each.replace("\\\n", "")) for each in commands(found)]
    key = ["-e", "restore_identity_file=/root/identity.txt", "--ask-vault-pass"]
    start = ["ansible-playbook", "-i", "inventories/mine"]
    target = ["-e", "target=vps-1", "-e"]
    rebuild = ["rebuild_replacement=NEW-SERVER", "-e", "rebuild_old_server=gone", "-e"]
    assert typed == [
        [*start, "chatbot.ops.rebuild_server", *target, *rebuild, "rebuild_confirm=lottery-chatbot", *key],
        [*start, "chatbot.ops.restore_database", *target, "restore_confirm=lottery-chatbot", *key],
        ["-e", "restore_before=YYYY-MM-DDTHH:MM:SSZ"],
        [*start, "chatbot.ops.restore_n8n", *target, "restore_confirm=lottery-chatbot", *key],
        ["-e", "restore_before=YYYY-MM-DDTHH:MM:SSZ"],
    ]
    assert "(Hospedaje Sol: https://example.com/help)" in found["disasters"][0]["steps"][0]["text"]


def test_a_database_elsewhere_is_replaced_only_by_what_is_typed() -> None:
    server = page(database_elsewhere="db.example.org")["disasters"][0]
    assert "rebuild_database_confirm" not in server["steps"][1]["command"]
    assert server["steps"][2]["command"] == "-e rebuild_database_confirm=db.example.org"
    assert "db.example.org" in server["steps"][2]["text"]
    assert len(page(database_elsewhere="db.example.org", sources=["n8n"])["disasters"][0]["steps"]) == 2


def test_without_recipients_no_key_is_asked_for() -> None:
    found = page(recipients=[], sources=["n8n"])
    assert (found["key_first"], "identity" in " ".join(commands(found))) == ("", False)
    assert [each["id"] for each in found["disasters"]] == ["server", "n8n"]


def test_the_figures_tell_the_newest_good_set_and_the_last_rehearsal() -> None:
    newest, verified, rto, rpo = page()["figures"]
    assert newest["value"].replace("\u00a0", " ") == "25 November 2026, 03:15:00 UTC"
    assert newest["note"].replace("\u00a0", " ") == "less than a day old; 63.0 MB of data, 12.0 MB stored"
    assert verified["value"].startswith("22 November 2026")
    assert verified["note"] == "restored and compared, done 22 November 2026"
    assert (rto["value"].replace("\u00a0", " "), rto["note"]) == ("4 min 37 s", "rehearsed 20 November 2026")
    assert (rpo["abbreviation"], rpo["objective"].replace("\u00a0", " ")) == ("RPO", "objective 1 d: met")
    assert [each["state"] for each in (newest, verified, rto, rpo)] == ["good"] * 4


@pytest.mark.parametrize(
    ("found", "state", "note"),
    [
        pytest.param([backups("20261123T031500Z-set-1c9e")], "bad", "2 days old", id="older than may be lost"),
        pytest.param([backups("20261125T031500Z-set-1c9e", good=False)], "bad", "", id="damaged"),
        pytest.param([backups("20261125T031500Z-set-1c9e", ("n8n",))], "bad", "", id="without the database"),
        pytest.param([], "bad", "", id="none"),
    ],
)
def test_only_a_whole_fresh_set_is_good(found: list[Any], state: str, note: str) -> None:
    newest = page(listings=[listing(*found)])["figures"][0]
    assert (newest["state"], newest["note"].partition(";")[0]) == (state, note)


def test_a_set_counts_as_verified_only_with_all_of_its_parts() -> None:
    half = [*backups("20261125T031500Z-set-1c9e", ("database",), verified=PASSED)]
    half += backups("20261125T031500Z-set-1c9e", ("n8n",))
    assert page(listings=[listing(half)])["figures"][1]["state"] == "bad"
    low = [*half[:1], *backups("20261125T031500Z-set-1c9e", ("n8n",), verified={**PASSED, "level": "checksum"})]
    verified = page(listings=[listing(low)])["figures"][1]
    assert (verified["state"], verified["note"].partition(",")[0]) == ("plain", "digests compared")


def test_a_repository_that_cannot_be_listed_is_told_and_hides_no_other() -> None:
    found = page(
        repositories=[{"path": "/mnt/nas"}, {"path": "/srv/backups"}],
        listings=[{"msg": "gone"}, findings()["listings"][0]],
    )
    assert found["problems"] == ("The repository 1 could not be listed: gone",)
    assert [each["command"] != "" for each in found["repositories"]] == [False, True]
    assert found["figures"][0]["state"] == "good"
    assert found["elsewhere"] == ("""-e '{"restore_repository": "{{ chatbot_stack.repositories[1] }}"}'""",)


def test_never_rehearsed_is_not_good() -> None:
    found = page(rehearsals=[])
    assert [each["state"] for each in found["figures"][2:]] == ["bad", "bad"]
    assert found["problems"] == ("No recovery was ever rehearsed: run chatbot.ops.rehearse_recovery.",)
    failed = {**findings()["rehearsals"][0], "state": "failed", "rto_seconds": None, "rpo_seconds": None, "met": False}
    rto = page(rehearsals=[failed])["figures"][2]
    assert (rto["value"], rto["state"], rto["note"]) == ("—", "bad", "the rehearsal of 20 November 2026 failed")


def test_what_is_not_filled_in_is_told() -> None:
    assert page()["missing"] == ()
    assert len(page(contacts=[], keys={})["missing"]) == 2
    (whatsapp,) = page(contacts=[ANA, HOSTING])["missing"]
    assert "WhatsApp API provider" in whatsapp
    assert "Supabase" in page(supabase=True)["missing"][0]
    assert "keys.identity" in page(keys={"vault": "x"})["missing"][0]
    assert page(keys={"vault": "x"}, recipients=[])["missing"] == ()


def test_contacts_come_in_the_order_in_which_to_call_them() -> None:
    given = [{**HOSTING, "escalation": 3}, WHATSAPP, {**ANA, "escalation": 1}]
    people = page(contacts=given)["people"]
    assert [each["name"] for each in people] == ["Ana Ruiz", "Hospedaje Sol", "Nube 360"]
    assert people[0]["channels"] == (
        ("phone", "+52 55 1234 5678", "tel:+525512345678"),
        ("email", "ana@example.com", "mailto:ana@example.com"),
    )
    assert [each["role"] for each in page(contacts=[{**ANA, "role": "night shift"}])["people"]] == ["night shift"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("Ana", "no list", id="text"),
        pytest.param(["Ana"], "is no dictionary", id="no dictionary"),
        pytest.param([{**ANA, "telephone": "1"}], "telephone, which is no field", id="typing error"),
        pytest.param([{"phone": "1"}], r"\(no name\) cannot be called", id="no name"),
        pytest.param([{"name": "Ana"}], r"\(Ana\) cannot be called", id="no channel"),
        pytest.param([{"name": "Ana", "url": "javascript:alert(1)"}], "begins with https://", id="hostile address"),
        pytest.param([{"name": "Ana", "phone": "call me"}], "no telephone number", id="no number"),
        pytest.param([{"name": "Ana", "email": "ana"}], "no address", id="no address"),
        pytest.param([{**ANA, "escalation": "first"}], "no place in the order", id="no order"),
        pytest.param([{**ANA, "hours": {"mon": 1}}], "hours is no text", id="no text"),
    ],
)
def test_a_contact_that_cannot_be_used_is_refused(given: Any, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        read_contacts(given)


SECRETS = {"restore_identity": "AGE-SECRET-KEY-1QQQ", "backup_database_password": "hunter22"}


@pytest.mark.parametrize(
    ("more", "name"),
    [
        pytest.param({"keys": {"identity": "it is AGE-SECRET-KEY-1QQQ"}}, "restore_identity", id="the private key"),
        pytest.param({"keys": {"identity": "AGE-SECRET-KEY-1ZZZ"}}, "a private key", id="another private key"),
        pytest.param({"keys": {"ssh": "-----BEGIN OPENSSH PRIVATE KEY-----"}}, "a private key", id="a key of SSH"),
        pytest.param({"contacts": [{**ANA, "hours": "hunter22"}]}, "backup_database_password", id="a password"),
        pytest.param({"options": "-e x=never-to-be-shown"}, "secret_key of repository 1", id="of a bucket"),
        pytest.param({"controller": "rest-password"}, "RESTIC_REST_PASSWORD of repository 2", id="of restic's store"),
    ],
)
def test_a_secret_in_a_hint_is_refused_and_not_repeated(more: dict[str, Any], name: str) -> None:
    given = findings(repositories=[BUCKET, RESTIC], listings=[listing(), listing()], secrets=SECRETS, **more)
    with pytest.raises(AnsibleFilterError, match="holds a secret") as caught:
        FilterModule().filters()["runbook_page"](given)
    assert name in str(caught.value)
    assert not [each for each in ("1QQQ", "1ZZZ", "hunter22", "never-to-be-shown") if each in str(caught.value)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_secret_of_the_inventory_is_on_the_page(language: str) -> None:
    listed = findings()["listings"][0]
    given = findings(repositories=[BUCKET, RESTIC], listings=[listed] * 2, secrets=SECRETS, language=language)
    told = render(given) + runbook_markdown(runbook_values(given))
    secrets = ["s3cret-word", "AKIA-NOT", "never-to-be-shown", "restic-password", "rest-password", *SECRETS.values()]
    assert [each for each in secrets if each in told] == []
    assert "user@" not in told
    assert "s3.example.org" in told


def test_how_to_reach_the_pages() -> None:
    set_id = "20261125T031500Z-set-1c9e"
    found = [reach(each, "bot", set_id, "RECOVERY.md") for each in ({"path": "/srv/my backups"}, BUCKET, RESTIC)]
    assert [each.command for each in found] == [
        f"less '/srv/my backups/bot/sets/{set_id}/RECOVERY.md'",
        f"aws --endpoint-url https://s3.example.org s3 cp s3://backups/eu/bot/sets/{set_id}/RECOVERY.md -",
        f"restic --repo rest:https://nas.example.org/ dump --tag chatbot.ops,stack=bot,source=sets,id={set_id},"
        "name=RECOVERY.md latest RECOVERY.md",
    ]
    assert reach({"path": "/srv"}, "bot", None, "RECOVERY.md").command == ""
    with pytest.raises(RefusedError, match="Set bucket in"):
        reach({"type": "s3"}, "bot", None, "RECOVERY.md")


def test_the_same_facts_give_the_same_page_all_day_long() -> None:
    assert page() == page(issued="2026-11-25T22:59:59Z")
    assert page() != page(issued="2026-11-26T00:00:01Z")


def poisoned(given: dict[str, Any]) -> dict[str, Any]:
    contacts = [{**each, "name": each["name"] + POISON, "hours": POISON} for each in given["contacts"]]
    return {
        **given,
        "stack": given["stack"] + POISON,
        "host": given["host"] + POISON,
        "options": POISON,
        "contacts": contacts,
        "keys": {f"{name}": hint + POISON for name, hint in given["keys"].items()},
        "controller": POISON,
        "repositories": [{"path": f"/srv/{POISON}", "name": POISON}],
    }


FULL = findings(controller="here", options="--diff", repositories=[{"path": "/srv", "name": "disk"}])
FULL["contacts"] = [{**each, "hours": "always"} for each in FULL["contacts"]]


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_texts_stay_texts(language: str) -> None:
    given = {**FULL, "language": language}
    html = render(poisoned(given))
    assert "alert(1)&lt;/script&gt;" in html
    outline = Outline(html)
    assert outline.open == []
    assert outline.elements == Outline(render(given)).elements
    markdown = runbook_markdown(runbook_values(poisoned(given)))
    fences = re.findall(r"^ *```(?:sh)?$", markdown, re.MULTILINE)
    assert len(fences) % 2 == 0
    outside = re.sub(r"^ *```sh\n.*?^ *```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?<!\\)<", outside) == []


def test_every_expression_of_the_template_is_escaped() -> None:
    tree = jinja2.Environment().parse((TEMPLATES / "runbook.html.j2").read_text("utf-8"))
    written = [
        each
        for output in tree.find_all(nodes.Output)
        for each in output.nodes
        if not isinstance(each, nodes.TemplateData)
    ]
    assert len(written) > 40
    bare = [each for each in written if not (isinstance(each, nodes.Filter) and each.name == "e")]
    assert [each.name for each in bare if isinstance(each, nodes.Name)] == ["__runbook_css"]
    assert len(bare) == 1


@pytest.mark.parametrize(
    "given", [FULL, findings(contacts=[], keys={}, listings=[{"msg": "gone"}])], ids=["full", "empty"]
)
def test_the_page_needs_nothing_but_itself_and_a_screen_reader_finds_its_way(given: dict[str, Any]) -> None:
    html = render(given)
    elements = Outline(html).elements
    assert not {name for _tag, names in elements for name in names} & {"src", "srcset", "action", "onclick"}
    assert not [word for word in ("url(", "@import", "<script", "<link") if word in html]
    tags = [tag for tag, _names in elements]
    assert [tags.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    headings = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_both_languages_have_the_same_texts_and_each_is_used() -> None:
    english, spanish = RUNBOOK_TEXTS["en"], RUNBOOK_TEXTS["es"]
    assert english.keys() == spanish.keys()
    code = (CHECKOUT / "plugins/module_utils/_report/runbook_page.py").read_text("utf-8")
    built = ("runbook_key_", "runbook_role_", "runbook_server", "runbook_database", "runbook_n8n")
    for key, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", spanish[key])), key
        assert text.count("|") == spanish[key].count("|") <= 1, key
        short = key.removeprefix("runbook_")
        assert key in code or f'"{short}"' in code or key.startswith(built) or short in LEVEL_WORDS, key


LEVEL_WORDS = ("checksum", "structure", "restore", "rto", "rpo")


def test_the_hints_say_where_each_key_is() -> None:
    hints = dict(page(keys={**KEYS, "bank_safe": "second\nfloor"})["hints"])
    assert hints["Private key of the backups (age)"] == KEYS["identity"]
    assert hints["Bank safe"] == "second floor"
    with pytest.raises(RefusedError, match="no dictionary of texts"):
        page(keys=["1Password"])
