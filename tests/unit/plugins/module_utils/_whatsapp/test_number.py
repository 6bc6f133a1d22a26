# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about a number, what becomes of them, and what is made of the answers."""

from __future__ import annotations

import string
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.answers import parse_account, parse_number
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.info import judging_from
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.refusal import problem_of
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.settings import read_settings
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.tiers import tier_from

from tests.support.modules import run_module
from tests.support.whatsapp_api import violations_of
from tests.support.whatsapp_double import ACCOUNT_ID, API_KEY, NEW_LIMIT, NUMBER_ID, TOKEN, Request, graph_error
from tests.unit.plugins.module_utils._whatsapp.conftest import Site


def test_a_number_that_is_well(site: Site) -> None:
    found = site.info(business_account_id=ACCOUNT_ID, sent_24h=500)
    assert {each["status"] for each in found["checks"]} == {"ok"}
    assert [each["id"] for each in found["checks"]] == [
        f"whatsapp.sales.{each}" for each in ("token", "status", "quality", "limit", "account")
    ]
    assert found["number"]["messages_per_second"] == 80
    assert found["limit"] == {"tier": "TIER_2K", "conversations": 2000, "unlimited": False, "known": True}
    assert found["usage"] == {"sent_24h": 500, "percent": 25.0}
    assert not any(each["advice"] for each in found["checks"])


def test_the_portfolio_s_limit_is_asked_for_first_and_the_old_one_where_there_is_none(site: Site) -> None:
    assert site.info(api_version="v23.0")["limit"]["tier"] == "TIER_2K"
    asked = [(each.fields or [])[-1] for each in site.api.requests]
    assert asked == [NEW_LIMIT, "messaging_limit_tier"]


def test_the_old_limit_is_asked_for_where_the_new_one_is_not_told(site: Site) -> None:
    site.api.state.number["messaging_limit_tier"] = "TIER_1K"
    del site.api.state.number[NEW_LIMIT]
    assert site.info()["limit"]["conversations"] == 1000


def test_an_interface_without_the_old_limit_is_no_failure(site: Site) -> None:
    del site.api.state.number[NEW_LIMIT]
    old = site.api.state.number
    found = site.client()
    site.api.state.troubles = [(200, {**old}, {}), graph_error(400, 100, "(#100) Tried accessing nonexisting field")]
    assert found.number().tier.known is False


def test_another_failure_while_the_old_limit_is_asked_for_is_one(site: Site) -> None:
    del site.api.state.number[NEW_LIMIT]
    site.api.state.troubles = [(200, dict(site.api.state.number), {}), graph_error(403, 200, "No permission")]
    with pytest.raises(RefusedError, match="error 200"):
        site.client().number()


def test_an_interface_that_knows_few_fields_tells_those(site: Site) -> None:
    strange = graph_error(400, 100, "(#100) Tried accessing nonexisting field (health_status)")
    site.api.state.troubles = [strange, strange, strange]
    found = site.info()
    assert (found["number"]["quality_rating"], found["number"]["sendable"]) == ("GREEN", None)
    assert {each["id"].rpartition(".")[2]: each["status"] for each in found["checks"]}["status"] == "unknown"


def test_the_account_s_limit_stands_in_for_the_number_s(site: Site) -> None:
    del site.api.state.number[NEW_LIMIT]
    site.api.state.account[NEW_LIMIT] = "TIER_10K"
    assert site.info(business_account_id=ACCOUNT_ID)["limit"]["conversations"] == 10_000


def test_an_account_that_cannot_be_read_is_unknown_and_the_number_is_told_all_the_same(site: Site) -> None:
    found = site.info(business_account_id="42")
    assert found["account"] is None
    assert "error 803" in found["notes"][0]
    assert [each["status"] for each in found["checks"]] == ["ok", "ok", "ok", "ok", "unknown"]


def test_360dialog_by_its_key_alone(site: Site) -> None:
    found = site.info(d360=True, business_account_id=ACCOUNT_ID)
    assert {each["status"] for each in found["checks"]} == {"ok"}
    assert (found["provider"], found["account"], len(found["checks"])) == ("360dialog", None, 4)


def test_360dialog_that_tells_the_health_alone(site: Site) -> None:
    site.api.state.d360_fields = False
    found = site.info(d360=True)
    assert found["number"]["sendable"] is True
    assert [each["status"] for each in found["checks"]] == ["ok", "ok", "unknown", "unknown"]


def test_360dialog_that_refuses_fields_is_asked_without(site: Site) -> None:
    refused: tuple[int, Any, dict[str, str]] = (400, {"detail": "no"}, {})
    site.api.state.troubles = [refused, refused, refused, refused]
    assert site.info(d360=True)["number"]["sendable"] is True
    assert site.api.requests[-1].fields is None


def test_a_wrong_key_of_360dialog(site: Site) -> None:
    with pytest.raises(RefusedError, match=r"HTTP 401 \(Invalid api key\)") as caught:
        site.info(d360=True, access_token="wrong")
    assert caught.value.details["problem"]["kind"] == "token"


REFUSALS = [
    pytest.param((401, 190, {"error_subcode": 463}), "expired", RefusedError, "token", id="expired"),
    pytest.param((401, 190, {}), "token", RefusedError, "token", id="token"),
    pytest.param((401, 104, {}), "token", RefusedError, "token", id="no token"),
    pytest.param((403, 200, {}), "permission", RefusedError, "token", id="permission"),
    pytest.param((403, 10, {}), "permission", RefusedError, "token", id="permission 10"),
    pytest.param((429, 4, {"is_transient": True}), "throttled", ToolError, "", id="application's limit"),
    pytest.param((400, 80007, {}), "throttled", ToolError, "", id="account's limit"),
    pytest.param((400, 130429, {}), "throttled", ToolError, "", id="throughput"),
    pytest.param((400, 368, {}), "blocked", RefusedError, "status", id="policy"),
    pytest.param((403, 131031, {}), "blocked", RefusedError, "status", id="locked"),
    pytest.param((400, 131042, {}), "billing", RefusedError, "status", id="billing"),
    pytest.param((400, 131037, {}), "name", RefusedError, "", id="name"),
    pytest.param((400, 100, {}), "request", RefusedError, "", id="request"),
    pytest.param((404, 803, {}), "missing", RefusedError, "", id="missing"),
    pytest.param((500, 131000, {}), "outage", ToolError, "", id="outage"),
    pytest.param((400, 2, {}), "outage", ToolError, "", id="outage by its code"),
    pytest.param((500, 999999, {"is_transient": True}), "outage", ToolError, "", id="transient"),
    pytest.param((400, 999999, {}), "request", RefusedError, "", id="unheard of"),
]


@pytest.mark.parametrize(("said", "kind", "error", "critical"), REFUSALS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_refusal_is_told_by_its_code(
    site: Site, said: tuple[int, int, dict[str, Any]], kind: str, error: type[OpsError], critical: str, language: str
) -> None:
    status, code, more = said
    site.api.state.troubles = [graph_error(status, code, "Some words", **more)]
    site.api.state.lasting = True
    with pytest.raises(
        error, match=rf"Failed to read WhatsApp number sales: error {code} \(Some words\)\. \w+"
    ) as caught:
        site.info(language=language)
    details = caught.value.details
    assert (details["problem"]["kind"], details["problem"]["code"]) == (kind, code)
    found = {each["id"].rpartition(".")[2]: each for each in details["checks"]}
    assert [name for name, each in found.items() if each["status"] == "critical"] == ([critical] if critical else [])
    assert {each["status"] for name, each in found.items() if name not in ("token", "status")} == {"unknown"}
    assert all(each["advice"] == TEXTS[language][f"advice_{kind}"] for each in found.values() if each["status"] != "ok")


def test_a_refusal_that_passes_is_waited_for(site: Site) -> None:
    status, body, _none = graph_error(429, 80007, "Rate limit hit")
    site.api.state.troubles = [(status, body, {"Retry-After": "9"}), graph_error(500, 131000, "Something went wrong")]
    assert site.info()["number"]["status"] == "CONNECTED"
    assert site.time.pauses[0] == 9.0


def test_one_that_lasts_is_not_waited_for_longer_than_one_may(site: Site) -> None:
    site.api.state.troubles, site.api.state.lasting = [graph_error(429, 4, "Too many")], True
    with pytest.raises(ToolError, match="ask less often"):
        site.info(retry_limit="20s")
    assert sum(site.time.pauses) <= 20


def test_a_network_that_is_down(site: Site) -> None:
    with pytest.raises(ToolError, match="cannot be reached") as caught:
        site.info(api_url="http://127.0.0.1:1", retry_limit="0")
    assert caught.value.details["problem"]["kind"] == "network"
    assert {each["status"] for each in caught.value.details["checks"]} == {"unknown"}


@pytest.mark.parametrize(
    ("change", "name", "status", "words"),
    [
        ({"status": "BANNED"}, "status", "critical", "its status is BANNED"),
        ({"status": "RATE_LIMITED"}, "status", "critical", "its status is RATE_LIMITED"),
        ({"status": "NEW_WORD"}, "status", "critical", "NEW_WORD"),
        ({"account_mode": "SANDBOX"}, "status", "warning", "sandbox"),
        ({"name_status": "DECLINED"}, "status", "warning", "DECLINED"),
        ({"name_status": "PENDING_REVIEW"}, "status", "ok", "connected"),
        ({"quality_rating": "YELLOW"}, "quality", "warning", "quality yellow"),
        ({"quality_rating": "RED"}, "quality", "critical", "quality red"),
        ({"quality_rating": "NA"}, "quality", "unknown", "not rated"),
        ({NEW_LIMIT: "TIER_UNLIMITED"}, "limit", "ok", "as you like"),
        ({NEW_LIMIT: "TIER_NOT_SET"}, "limit", "unknown", "TIER_NOT_SET"),
        ({NEW_LIMIT: "TIER_5K"}, "limit", "ok", "5,000"),
        ({"throughput": "HIGH", "health_status": []}, "status", "ok", "connected"),
    ],
)
def test_what_is_wrong_with_a_number(site: Site, change: dict[str, Any], name: str, status: str, words: str) -> None:
    site.api.state.number.update(change)
    found = site.checks()
    assert found[name]["status"] == status
    assert words in found[name]["summary"]
    assert bool(found[name]["advice"]) == (status != "ok")
    assert {each["status"] for other, each in found.items() if other != name} == {"ok"}


@pytest.mark.parametrize(
    ("sent", "status"),
    [(0, "ok"), (1599, "ok"), (1600, "warning"), (1900, "critical"), (2500, "critical"), (None, "ok")],
)
def test_how_much_of_the_limit_is_used_up(site: Site, sent: int | None, status: str) -> None:
    assert site.checks(sent_24h=sent)["limit"]["status"] == status


@pytest.mark.parametrize(
    ("review", "status"),
    [("APPROVED", "ok"), ("PENDING", "warning"), ("REJECTED", "critical"), (None, "unknown")],
)
def test_the_review_of_the_account(site: Site, review: str | None, status: str) -> None:
    if review is None:
        del site.api.state.account["account_review_status"]
    else:
        site.api.state.account["account_review_status"] = review
    assert site.checks(business_account_id=ACCOUNT_ID)["account"]["status"] == status


def health(overall: str, *entities: dict[str, Any]) -> dict[str, Any]:
    return {"can_send_message": overall, "entities": list(entities)}


def entity(word: str, **more: Any) -> dict[str, Any]:
    return {"entity_type": "WABA", "id": ACCOUNT_ID, "can_send_message": word, **more}


SIP = {"can_receive_call_sip": "BLOCKED", "errors": [{"error_code": 138024, "error_description": "SIP is not set up"}]}
UNPAID = {"errors": [{"error_code": 141006, "error_description": "Payment", "possible_solution": "Pay"}, "strange"]}


@pytest.mark.parametrize(
    ("told", "status", "evidence"),
    [
        (health("BLOCKED", entity("AVAILABLE", **SIP)), "ok", None),
        (
            health("BLOCKED", entity("AVAILABLE"), entity("BLOCKED", **UNPAID)),
            "critical",
            "WABA BLOCKED: 141006 Payment Pay",
        ),
        (health("LIMITED", entity("LIMITED", additional_info=["Verify"])), "warning", "WABA LIMITED: Verify"),
        (health("BLOCKED"), "critical", None),
        ({"can_send_message": "NEW_WORD", "entities": "strange"}, "ok", None),
    ],
    ids=["calls alone", "unpaid", "limited", "no entities", "strange"],
)
def test_whether_messages_go_out_by_the_worst_part(
    site: Site, told: dict[str, Any], status: str, evidence: str | None
) -> None:
    site.api.state.number["health_status"] = told
    told_of = site.info()
    found = next(each for each in told_of["checks"] if each["id"].endswith(".status"))
    assert (found["status"], told_of["number"]["sendable"]) == (status, status != "critical")
    assert evidence is None or evidence in found["evidence"]
    assert not any("138024" in each for each in found["evidence"])


@pytest.mark.parametrize(
    ("name", "limit", "unlimited"),
    [
        ("TIER_50", 50, False),
        ("TIER_250", 250, False),
        ("TIER_1K", 1_000, False),
        ("TIER_2K", 2_000, False),
        ("TIER_10K", 10_000, False),
        ("TIER_100K", 100_000, False),
        ("TIER_1M", 1_000_000, False),
        ("TIER_UNLIMITED", None, True),
        ("UNTIERED", None, False),
        ("TIER_NOT_SET", None, False),
        ("TIER_0", None, False),
        (None, None, False),
    ],
)
def test_the_tiers(name: str | None, limit: int | None, unlimited: bool) -> None:
    tier = tier_from(name)
    assert (tier.limit, tier.unlimited, tier.known) == (limit, unlimited, unlimited or limit is not None)


@pytest.mark.parametrize("answer", [None, [], "x", 3])
def test_an_answer_of_another_shape(answer: Any) -> None:
    with pytest.raises(ToolError, match="no description of a number"):
        parse_number(answer)
    with pytest.raises(ToolError, match="no description of an account"):
        parse_account(answer)


def test_an_empty_answer_is_a_number_of_which_nothing_is_known() -> None:
    number = parse_number({"throughput": {"level": "NEW"}, "health_status": {"entities": [{}]}, "quality_rating": None})
    assert (number.sendable, number.quality_known, number.tier.known, number.most_a_second) == (
        None,
        False,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (401, b"<html>", "token", ""),
        (503, b"", "outage", ""),
        (429, b'{"detail": "Slow down."}', "throttled", "Slow down"),
        (404, b'{"meta": {"developer_message": "No such thing"}}', "missing", "No such thing"),
        (400, b'{"error": "no"}', "request", ""),
        (400, b'{"error": {"message": "x", "error_user_msg": "Do this"}}', "request", "Do this"),
        (400, b'{"error": {"code": "190", "message": "Token EAAB0123456789012345678901234"}}', "request", "Token ***"),
    ],
)
def test_what_the_body_of_a_refusal_says(status: int, body: bytes, kind: str, message: str) -> None:
    found = problem_of(status, body)
    assert (found.kind, found.message) == (kind, message)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"phone_number_id": None}, "phone_number_id is missing"),
        ({"phone_number_id": "+1 555"}, "phone_number_id: .* no ID"),
        ({"business_account_id": "x"}, "business_account_id"),
        ({"label": "sales team"}, "label"),
        ({"api_version": "25"}, "api_version"),
        ({"access_token": None}, "WHATSAPP_ACCESS_TOKEN"),
        ({"api_url": "http://graph.facebook.com"}, "unencrypted"),
        ({"request_timeout": "0"}, "leaves no time"),
        ({"sent_24h": -1}, "less than nothing"),
        ({"usage_warning": 99}, "usage_warning and usage_critical"),
        ({"language": "fr"}, "language"),
    ],
    ids=lambda value: str(value)[:28],
)
def test_parameters_that_make_no_sense(
    site: Site, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], words: str
) -> None:
    monkeypatch.delenv("WHATSAPP_ACCESS_TOKEN", raising=False)
    with pytest.raises(RefusedError, match=words):
        site.info(**options)


def test_the_tokens_of_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("D360_API_KEY", API_KEY)
    assert site.info(access_token=None)["number"]["id"] == NUMBER_ID
    assert site.info(d360=True, access_token=None)["number"]["id"] == NUMBER_ID
    assert TOKEN not in repr(read_settings(site.params()))


def test_a_number_without_a_label_is_called_by_its_id(site: Site) -> None:
    assert site.info(label=None)["label"] == NUMBER_ID
    assert read_settings(site.params(d360=True, label=None)).label == "360dialog"


def test_limits_of_usage_may_be_none(site: Site) -> None:
    assert judging_from(site.params(usage_warning=-1, usage_critical=-1)).usage.judge(500) == "ok"


def test_the_module(site: Site) -> None:
    found = run_module("whatsapp_number_info", site.api.params(sent_24h=1700))
    assert (found["changed"], found["usage"]["percent"]) == (False, 85.0)
    failed = run_module("whatsapp_number_info", site.api.params(access_token="EAABwrong"), fails=True)
    assert (failed["error_kind"], failed["problem"]["code"]) == ("refused", 190)
    assert failed["checks"][0]["status"] == "critical"
    assert "EAABwrong" not in str(failed)


def test_the_double_finds_what_meta_s_document_forbids() -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "user-agent": "chatbot-ops/1.0.0"}
    target = f"/v25.0/{NUMBER_ID}?fields=id"
    assert violations_of(Request("GET", target, headers), 200, {"id": NUMBER_ID}) == []
    assert violations_of(Request("GET", target, {}))
    assert violations_of(Request("GET", target, {**headers, "user-agent": "chatbot.ops"}))
    assert violations_of(Request("GET", f"/25/{NUMBER_ID}", headers))
    assert violations_of(Request("POST", target, headers))
    assert violations_of(Request("GET", target, headers), 200, {"id": 7})
    assert violations_of(Request("GET", target, headers), 400, {"error": "no"})


def test_both_languages_say_the_same_things() -> None:
    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        places = [{part[1] for part in string.Formatter().parse(each) if part[1]} for each in (text, TEXTS["es"][key])]
        assert places[0] == places[1], key
        assert text.count("|") == TEXTS["es"][key].count("|"), key
