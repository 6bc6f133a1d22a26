# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What npm told becomes check results, in both languages."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit
from ansible_collections.chatbot.ops.plugins.module_utils._npm.judge import Folder, Thresholds, judge_folder
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import Advisory, Audit, Fix, Outdated, Vulnerable
from ansible_collections.chatbot.ops.plugins.module_utils._npm.texts import TEXTS

CLEAN = Folder("api", "/srv/api", (), None, Audit((), 12), None)
USUAL = Thresholds("moderate", "critical", Limit(1, 5), "en")
OLD = Outdated("express", "4.17.1", "4.17.1", "5.3.0", "dependencies")


def vulnerable(severity: str, fix: Fix | None = None, *, direct: bool = True) -> Vulnerable:
    return Vulnerable("lodash", severity, direct, "<4", (Advisory("Command Injection", "", severity, "<4"),), (), fix)


def audited(*packages: Vulnerable) -> Folder:
    return replace(CLEAN, audit=Audit(packages, 12))


def checks(folder: Folder, thresholds: Thresholds = USUAL) -> tuple[Check, Check]:
    outdated, found = judge_folder(folder, thresholds)
    assert (outdated.id, found.id) == ("dependencies.api.outdated", "dependencies.api.vulnerable")
    return outdated, found


def test_all_is_well() -> None:
    assert [each.status for each in checks(CLEAN)] == ["ok", "ok"]
    assert [each.advice for each in checks(CLEAN)] == ["", ""]


def test_what_nobody_knows_is_not_well() -> None:
    unread = replace(CLEAN, outdated=None, outdated_problem="No network.", audit=None, audit_problem="ENOLOCK.")
    outdated, found = checks(unread)
    assert [outdated.status, found.status] == ["unknown", "unknown"]
    assert "No network." in outdated.summary
    assert "ENOLOCK." in found.summary


def test_outdated_packages() -> None:
    found = checks(replace(CLEAN, outdated=(OLD,)))[0]
    assert found.status == "warning"
    assert found.evidence == ("express 4.17.1 → 5.3.0",)
    assert checks(replace(CLEAN, outdated=(OLD,) * 5))[0].status == "critical"
    assert checks(CLEAN, replace(USUAL, outdated=Limit(0)))[0].status == "ok"


SEVERITIES = {
    "below all": (("low",), "moderate", "critical", "ok", 0),
    "a warning": (("low", "high"), "moderate", "critical", "warning", 1),
    "critical": (("critical", "high"), "moderate", "high", "critical", 2),
    "never": (("critical",), None, None, "ok", 1),
    "only critical": (("high",), None, "critical", "ok", 0),
}


@pytest.mark.parametrize(("given", "warning", "critical", "status", "value"), SEVERITIES.values(), ids=SEVERITIES)
def test_severities(given: tuple[str, ...], warning: str | None, critical: str | None, status: str, value: int) -> None:
    folder = audited(*(vulnerable(each) for each in given))
    found = checks(folder, replace(USUAL, warning=warning, critical=critical))[1]
    assert (found.status, found.value) == (status, value)


FIXES = {
    "within the ranges": (Fix(), "npm_fix_patch", "fix within the ranges"),
    "an update": (Fix("lodash", "4.18.1"), "npm_fix_patch", "fixed by lodash 4.18.1"),
    "a major one": (Fix("lodash", "5.0.0", True), "major", "a new major version"),
    "none": (None, "no fix yet", "no fix yet"),
}


@pytest.mark.parametrize(("fix", "advice", "line"), FIXES.values(), ids=FIXES)
def test_what_to_do(fix: Fix | None, advice: str, line: str) -> None:
    found = checks(audited(vulnerable("high", fix, direct=fix is None)))[1]
    assert advice in found.advice
    assert line in found.evidence[0]
    assert "Command Injection" in found.evidence[0]


def test_both_languages_say_the_same() -> None:
    def places(text: str) -> set[str | None]:
        return {field for _text, field, _spec, _conversion in string.Formatter().parse(text)} - {None}

    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        assert places(text) == places(TEXTS["es"][key]), key
        assert text.count("|") == TEXTS["es"][key].count("|"), key
    spanish = checks(audited(vulnerable("high")), replace(USUAL, language="es"))[1]
    assert spanish.summary == "api: 1 paquete vulnerable de gravedad moderate o peor."
