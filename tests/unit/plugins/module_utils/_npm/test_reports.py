# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What npm 9, 10 and 11 wrote is read the same; what is no report never passes for an empty one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._npm.reports import (
    Fix,
    NoReportError,
    Vulnerable,
    at_least,
    locked_versions,
    parse_audit,
    parse_outdated,
)

RECORDED = Path(__file__).with_name("recorded")
VERSIONS = ("9.9.4", "10.9.9", "11.19.1")


def recorded(version: str, name: str) -> str:
    return (RECORDED / f"npm-{version}-{name}.json").read_text("utf-8")


@pytest.mark.parametrize("version", VERSIONS)
class TestEachNpm:
    def test_outdated(self, version: str) -> None:
        found = parse_outdated(recorded(version, "outdated"))
        assert [(each.name, each.current, each.latest, each.kind, each.major) for each in found] == [
            ("express", "4.17.1", "5.3.0", "dependencies", True),
            ("lodash", "4.17.15", "4.18.1", "dependencies", False),
            ("mkdirp", "0.5.1", "3.0.1", "devDependencies", True),
        ]

    def test_outdated_where_nothing_is_installed(self, version: str) -> None:
        text = recorded(version, "outdated-not-installed")
        assert [each.current for each in parse_outdated(text)] == [None, None]
        assert [each.current for each in parse_outdated(text, locked={"express": "4.16.0"})] == ["4.16.0", None]
        assert [each.name for each in parse_outdated(text, locked={"express": "5.3.0"})] == ["lodash"]

    def test_audit(self, version: str) -> None:
        audit = parse_audit(recorded(version, "audit"))
        found = {each.name: each for each in audit.vulnerable}
        assert audit.dependencies == 53
        assert audit.vulnerable[0].severity == "critical"
        assert found["lodash"].direct
        assert {each.title for each in found["lodash"].advisories} == {
            "Command Injection in lodash",
            "Regular Expression Denial of Service (ReDoS) in lodash",
        }
        assert not found["qs"].direct
        assert found["body-parser"].through == ("qs",)
        assert found["lodash"].fix == Fix("lodash", "4.18.1", False)

    def test_audit_without_development(self, version: str) -> None:
        names = [each.name for each in parse_audit(recorded(version, "audit-omit-dev")).vulnerable]
        assert "minimist" not in names
        assert "lodash" in names

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("audit-no-lock", "ENOLOCK"),
            ("audit-registry-error", "503"),
            ("audit-unreachable", "ECONNREFUSED"),
            ("outdated-unreachable", "ECONNREFUSED"),
        ],
    )
    def test_no_report(self, version: str, name: str, said: str) -> None:
        parse = parse_audit if name.startswith("audit") else parse_outdated
        with pytest.raises(NoReportError, match=said):
            parse(recorded(version, name))


NOT_EVEN_THAT = {
    "nothing": "",
    "words": "npm ERR! code EUSAGE",
    "a list": "[]",
    "an empty object": "{}",
    "a report of another npm": '{"actions": [], "advisories": {}, "metadata": {}}',
    "another version of reports": '{"auditReportVersion": 3, "vulnerabilities": {}}',
    "half a report": '{"auditReportVersion": 2, "vulnerabilities": {}}',
    "half a package": '{"auditReportVersion": 2, "vulnerabilities": {"a": {"name": "a"}}, "metadata": {}}',
}


@pytest.mark.parametrize("text", NOT_EVEN_THAT.values(), ids=NOT_EVEN_THAT)
def test_what_is_no_audit(text: str) -> None:
    with pytest.raises(NoReportError):
        parse_audit(text, "npm warn something\nnpm error A complete log of this run can be found in: x\n")


def test_a_package_called_error_is_one() -> None:
    text = json.dumps({"error": {"current": "1.0.0", "wanted": "1.0.0", "latest": "7.0.0"}})
    assert [each.name for each in parse_outdated(text)] == ["error"]


def test_a_package_that_several_ask_for() -> None:
    entries = [{"current": each, "wanted": each, "latest": "2.0.0"} for each in ("1.0.0", "1.5.0", "2.0.0", "1.0.0")]
    assert [each.current for each in parse_outdated(json.dumps({"a": entries}))] == ["1.0.0", "1.5.0"]


def test_a_package_without_a_version_is_no_report() -> None:
    with pytest.raises(NoReportError, match="no version of a"):
        parse_outdated('{"a": [{"wanted": "1.0.0"}]}')


def test_nothing_outdated() -> None:
    assert parse_outdated("{}") == []


def test_no_secret_of_a_message_is_told() -> None:
    text = json.dumps({"message": "GET https://u:geheim@registry.example.org/a?token=abc123def failed"})
    with pytest.raises(NoReportError) as caught:
        parse_audit(text)
    assert "geheim" not in caught.value.message
    assert "abc123def" not in caught.value.message


def package(severity: str) -> Vulnerable:
    return Vulnerable("a", severity, True, "*", (), (), None)


def test_an_unknown_severity_counts_as_the_worst() -> None:
    packages = [package(each) for each in ("low", "high", "catastrophic")]
    assert [each.severity for each in at_least(packages, "critical")] == ["catastrophic"]


LOCKS = {
    "version 3": (
        '{"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}, "node_modules/a/node_modules/b": {"version": "2"}}}',
        {"a": "1.0.0"},
    ),
    "version 1": ('{"dependencies": {"a": {"version": "1.0.0"}}}', {"a": "1.0.0"}),
    "a link": ('{"packages": {"node_modules/a": {"link": true}}}', {}),
    "no lock": ("[]", {}),
    "no JSON": ("{", {}),
}


@pytest.mark.parametrize(("text", "versions"), LOCKS.values(), ids=LOCKS)
def test_the_versions_in_a_lock_file(text: str, versions: dict[str, str]) -> None:
    assert locked_versions(text) == versions
