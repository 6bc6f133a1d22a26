# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is told, what is not known never passes for good, and no log's text becomes markup."""

from __future__ import annotations

import string
from typing import Any

import jinja2
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.log_review import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.page import review
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.texts import TEXTS
from jinja2 import nodes

from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._log_review.findings import AT, LIMITS, findings, log, signature, table

TEMPLATES = CHECKOUT / "roles" / "log_review" / "templates"
POISON = "</style></script><script>alert(1)</script><img src=x onerror=\"a\" 'b'>{{ 7 * 7 }} | `a` [x](y)"


def render(given: dict[str, Any]) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True)
    return environment.get_template("log_review.html.j2").render(log_review_result=review(given, AT))


def state(given: dict[str, Any], name: str) -> str:
    (found,) = [each["status"] for each in review(given, AT)["checks"] if each["id"] == name]
    return str(found)


def test_nothing_wrong() -> None:
    found = review(findings(), AT)
    assert found["status"] == "ok"
    assert {each["status"] for each in found["checks"]} == {"ok"}
    assert set(found["checks"][0]) == set(Check.__dataclass_fields__)


WRONG = {
    "a few errors": (findings(log(error_count=10)), "logs.api.errors", "warning"),
    "many errors": (findings(log(error_count=100)), "logs.api.errors", "critical"),
    "few enough errors": (findings(log(error_count=9)), "logs.api.errors", "ok"),
    "a new error": (findings(log(signatures=[signature(new=True)])), "logs.api.new_errors", "warning"),
    "a new warning": (findings(log(signatures=[signature(new=True, severity="warning")])), "logs.api.new_errors", "ok"),
    "a restart": (findings(log(new_restarts=1)), "logs.api.restarts", "warning"),
    "a kill": (findings(log(oom_kills=1)), "logs.api.memory", "critical"),
    "a kill that Docker told": (findings(log(oom_killed=True, oom_kills=None)), "logs.api.memory", "critical"),
    "a log that was thrown away": (findings(log(complete=False)), "logs.api.log", "warning"),
    "a log of unknown extent": (findings(log(complete=None)), "logs.api.log", "unknown"),
    "a log that cannot be read": (findings(log(readable=False, problem="none")), "logs.api.log", "unknown"),
    "no container told": (findings(containers={"failed": True, "msg": "no engine"}), "logs.containers.read", "unknown"),
    "no containers": (findings(containers={"since": AT, "containers": []}), "logs.containers.read", "unknown"),
    "no table told": (findings(table={"failed": True, "msg": "no server"}), "logs.system_logs.read", "unknown"),
    "a silent table": (findings(table=table(rows=0)), "logs.system_logs.rows", "unknown"),
    "errors of the workflows": (findings(table=table(error_count=10)), "logs.system_logs.errors", "warning"),
    "twice as many": (findings(table=table(ratio=2.0)), "logs.system_logs.rate", "warning"),
    "none before": (findings(table=table(ratio=None)), "logs.system_logs.rate", "ok"),
    "many users": (findings(table=table(users=1000)), "logs.system_logs.users", "warning"),
}


@pytest.mark.parametrize(("given", "name", "expected"), WRONG.values(), ids=WRONG)
def test_judged(given: dict[str, Any], name: str, expected: str) -> None:
    assert state(given, name) == expected


@pytest.mark.parametrize("given", [each[0] for each in WRONG.values() if each[2] == "unknown"])
def test_unknown_is_never_green(given: dict[str, Any]) -> None:
    found = review(given, AT)
    assert found["status"] == "unknown"
    assert found["page"]["state"] == "failed"
    assert '<body class="failed">' in render(given)


def test_a_log_that_cannot_be_read_has_no_number_of_errors() -> None:
    ids = {each["id"] for each in review(findings(log(readable=False, problem="none")), AT)["checks"]}
    assert "logs.api.errors" not in ids
    unread = review(findings(log(readable=False, problem="none"), table=None), AT)["page"]
    assert [each["value"] for each in unread["figures"]][:2] == ["—", "—"]
    assert unread["lede"].startswith("Nothing could be read")


def test_two_containers_of_one_service_are_told_apart() -> None:
    given = findings(log(name="a-api-1"), log(name="a-api-2", error_count=100))
    assert state(given, "logs.a-api-1.errors") == "ok"
    assert state(given, "logs.a-api-2.errors") == "critical"


def test_the_evidence_is_what_the_log_says() -> None:
    found = review(findings(log(error_count=10, signatures=[signature("send failed")])), AT)
    (check,) = [each for each in found["checks"] if each["id"] == "logs.api.errors"]
    assert check["evidence"] == ["3 x send failed"]
    assert "send failed" in found["markdown"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_texts_stay_texts(language: str) -> None:
    said = [signature(POISON, new=True)]
    given = findings(
        log(error_count=100, signatures=said, readable=True),
        log("n8n", readable=False, problem=POISON),
        language=language,
        stack=POISON,
        table=table(
            error_count=100,
            signatures=[{**said[0], "users": 1, "workflows": 1}],
            workflows=[{"workflow_id": POISON, "error_count": 1, "users": 1, "errors_per_day_before": None}],
            users_hit=[{"user": POISON, "errors": 1}],
        ),
    )
    html = render(given)
    assert "<script>" not in html
    assert html.count("alert(1)&lt;/script&gt;") > 5
    assert "<img" not in html
    written = review(given, AT)["markdown"]
    assert "<script" not in written.replace("\\<script", "")
    assert "[x](y)" not in written
    assert all(line.count("|") - line.count("\\|") in (0, 3, 5, 6) for line in written.splitlines())


def test_every_expression_of_the_template_is_escaped() -> None:
    """Ansible escapes nothing, not even within an autoescape block."""
    tree = jinja2.Environment().parse((TEMPLATES / "log_review.html.j2").read_text("utf-8"))
    written = [
        each
        for output in tree.find_all(nodes.Output)
        for each in output.nodes
        if not isinstance(each, nodes.TemplateData)
    ]
    assert len(written) > 25
    for each in written:
        is_macro = isinstance(each, nodes.Call) and isinstance(each.node, nodes.Name) and each.node.name == "table"
        assert is_macro or (isinstance(each, nodes.Filter) and each.name == "e"), f"line {each.lineno}"


def test_the_page_needs_nothing_but_itself() -> None:
    html = render(findings(log(signatures=[signature()])))
    assert "page.css" not in html
    assert "--paper" in html
    assert not [word for word in ("url(", "@import", "<script", "<link", "src=", "href=") if word in html]


def test_both_languages_say_the_same() -> None:
    english, spanish = TEXTS["en"], TEXTS["es"]
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        other = spanish[key]
        assert ("|" in text) == ("|" in other), key
        assert set(_places(text)) == set(_places(other)), key


def _places(text: str) -> list[str]:
    return [name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name]


@pytest.mark.parametrize(
    "given",
    [
        {},
        findings(language="fr"),
        findings(containers=None, table={}),
        findings(limits={**LIMITS, "errors": {"warning": 10, "critical": 5}}),
        findings(limits={**LIMITS, "errors": {"warning": "many", "critical": 5}}),
    ],
)
def test_other_documents_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(AnsibleFilterError, match="no findings of a log review"):
        FilterModule().filters()["log_review"](given, AT)
