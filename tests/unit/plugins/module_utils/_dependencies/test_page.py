# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page tells what the looks found; what could not be looked at is not known, and no text becomes markup."""

from __future__ import annotations

import string
from typing import Any

import jinja2
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.dependency_review import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._dependencies.page import review
from ansible_collections.chatbot.ops.plugins.module_utils._dependencies.texts import TEXTS
from jinja2 import nodes

from tests.tools.link import CHECKOUT

TEMPLATES = CHECKOUT / "roles" / "dependency_review" / "templates"
AT = "2026-11-24T03:15:00Z"
POISON = "</style></script><script>alert(1)</script><img src=x onerror=\"a\" 'b'>{{ 7 * 7 }} | `a` [x](y)"


def check(name: str, status: str = "ok") -> dict[str, Any]:
    advice = "" if status == "ok" else "Do."
    return Check(name, name.split(".")[0], status, f"{name}.", evidence=("seen",), advice=advice).to_document()


def packages(status: str = "ok", title: str = "Injection", **more: Any) -> dict[str, Any]:
    fixes: list[Any] = [None, *({"name": "a", "version": "2.0.0", "major": each} for each in (True, False))]
    fixes.append({"name": "", "version": "", "major": False})
    vulnerable = [
        {
            "name": f"a{number}",
            "severity": "high",
            "direct": number == 0,
            "range": "*",
            "advisories": [{"title": title, "url": "", "severity": "high", "range": "*"}] if number else [],
            "through": [] if number else ["b"],
            "fix": fix,
        }
        for number, fix in enumerate(fixes)
    ]
    outdated = [{"name": "a", "current": None, "wanted": "1.0.0", "latest": "2.0.0", "kind": "", "major": True}]
    folder: dict[str, Any] = {
        "name": "api",
        "path": "/srv/api",
        "outdated": outdated,
        "outdated_problem": None,
        "dependencies": 52,
    }
    folder |= {"vulnerable": vulnerable, "vulnerable_problem": None, **more}
    return {"folders": [folder], "checks": [check("dependencies.api.vulnerable", status)]}


def images(status: str = "ok", current: bool | None = True) -> dict[str, Any]:
    found = {"current": current, "image": "api:1", "problem": None, "digest": None}
    service = {"service": "api", "image": "api:1", "age_days": 3, "running": found, "registry": found, "base": None}
    return {"services": [service], "checks": [check("image.api.registry", status)]}


def findings(**more: Any) -> dict[str, Any]:
    return {"stack": "lottery", "host": "vps", "language": "en", "packages": packages(), "images": images(), **more}


def render(given: dict[str, Any]) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True)
    return environment.get_template("dependency_review.html.j2").render(dependency_review_result=review(given, AT))


STATES = {
    "all is well": (findings(), "ok"),
    "a warning": (findings(images=images("warning", current=False)), "warning"),
    "critical": (findings(packages=packages("critical")), "critical"),
    "not known": (findings(images=images("unknown", current=None)), "unknown"),
    "no answer": (findings(packages={"failed": True, "msg": "no npm"}), "unknown"),
    "an empty answer": (findings(images={"checks": []}), "unknown"),
    "packages alone": (findings(images={}), "ok"),
}


@pytest.mark.parametrize(("given", "status"), STATES.values(), ids=STATES)
def test_states(given: dict[str, Any], status: str) -> None:
    found = review(given, AT)
    assert found["status"] == status
    assert set(found["checks"][0]) == set(Check.__dataclass_fields__)
    assert render(given).startswith("<!DOCTYPE html>")


def test_what_could_not_be_looked_at_says_why() -> None:
    found = review(findings(packages={"failed": True, "msg": "no npm"}), AT)
    (unread,) = [each for each in found["checks"] if each["id"] == "dependencies.all.read"]
    assert "no npm" in unread["summary"]
    told = packages(outdated=None, outdated_problem="ENOLOCK", vulnerable=None, vulnerable_problem="ENOLOCK")
    (section,) = review(findings(packages=told, images={}), AT)["page"]["sections"]
    assert section["note"] == "ENOLOCK"


def test_tables_in_both_languages() -> None:
    english, spanish = (review(findings(language=each), AT) for each in ("en", "es"))
    assert "| a1 | high | transitive | Injection | a 2.0.0 (major) |" in english["markdown"].replace("\\", "")
    assert "| a0 | high | directo | ← b | aún ninguno |" in spanish["markdown"]
    assert "| a | — | 1.0.0 | 2.0.0 |" in english["markdown"]
    assert "| api | api:1 | 3 | newest | newest | — |" in english["markdown"]
    assert [each["value"] for each in english["page"]["figures"]] == ["4", "1", "0", "0"]


def test_no_text_becomes_markup() -> None:
    given = findings(packages=packages("warning", title=POISON), stack=POISON, host=POISON)
    page, told = render(given), review(given, AT)["markdown"]
    for each in ("<script>alert", "<img src", "onerror=\"a\" 'b'>"):
        assert each not in page
        assert each not in told.replace("\\<", "")
    assert "{{ 7 * 7 }}" in page


def test_the_template_escapes_all_that_it_writes() -> None:
    tree = jinja2.Environment().parse((TEMPLATES / "dependency_review.html.j2").read_text("utf-8"))
    assert not [
        each for each in tree.find_all(nodes.Output) if any(not isinstance(n, nodes.TemplateData) for n in each.nodes)
    ]


NONE_SUCH: dict[str, Any] = {
    "no language": {},
    "another language": findings(language="fr"),
    "neither look": findings(packages={}, images=None),
    "a check that is none": findings(packages={"checks": [{"status": "fine"}]}),
    "half a folder": findings(packages={"checks": [check("a.b")], "folders": [{}]}),
    "no dictionary": [],
}


@pytest.mark.parametrize("given", NONE_SUCH.values(), ids=NONE_SUCH)
def test_what_are_no_findings(given: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="no findings"):
        FilterModule().filters()["dependency_review"](given, AT)


def test_both_languages_say_the_same() -> None:
    def places(text: str) -> set[str | None]:
        return {field for _text, field, _spec, _conversion in string.Formatter().parse(text)} - {None}

    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        assert places(text) == places(TEXTS["es"][key]), key
        assert text.count("|") == TEXTS["es"][key].count("|"), key
