# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health report: what changed is told, what nobody knows is never good, and no text of a check becomes markup."""

from __future__ import annotations

import json
import random
import re
import string
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import (
    LINE_LENGTH,
    LINES,
    Health,
    Look,
    checks_from,
    compare,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_page import health_page
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_text import markdown, prometheus
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords
from ansible_collections.chatbot.ops.plugins.plugin_utils.render import render
from prometheus_client.parser import text_string_to_metric_families

from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._report.healths import AT, HOSTILE, check, daily, document, health, look

SCHEMA = json.loads((CHECKOUT / "docs" / "health-report.schema.json").read_text("utf-8"))
EN, ES = HealthWords("en"), HealthWords("es")


def page(given: Health) -> str:
    return render("health.html.j2", vars(health_page(given)))


class Texts(HTMLParser):
    """The elements of a page, and its texts without them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(sorted(name for name, _value in attrs))))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


NO_CHECKS: dict[str, tuple[Any, str]] = {
    "no list": ("ok", "is not a list of check results"),
    "no dictionary": ([1], "number 1 is no check result: it is no dictionary"),
    "a state that is none": (
        [document(status="bad")],
        r"number 1 \(api.bot.status\) is no check result: its status is 'bad'",
    ),
    "no status": ([{"id": "x"}], "its status is None"),
    "no summary": ([document(summary="")], "it has no summary"),
    "more than a check has": ([document(colour="red")], "it has colour, which no check result has"),
    "the second": ([document(), document("x", value="12")], r"number 2 \(x\) .* its value is '12', which is no number"),
    "no finite number": ([document(warning=float("nan"))], "its warning is nan"),
    "a truth for a number": ([document(critical=True)], "its critical is True"),
    "an id of another kind": ([document(1)], "its id is no text"),  # type: ignore[arg-type]
    "no time": ([document(since="yesterday")], "no check result"),
    "evidence that is a text": ([document(evidence="a line")], "its evidence is no list of lines"),
    "evidence that is a number": ([document(evidence=7)], "no check result"),
    "one id twice": ([document(), document()], "two check results are called api.bot.status"),
}


@pytest.mark.parametrize(("given", "message"), NO_CHECKS.values(), ids=NO_CHECKS)
def test_what_is_no_check_result_is_refused_by_its_name(given: Any, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        checks_from(given)


def test_the_worst_comes_first() -> None:
    found = checks_from([document(each, each) for each in STATES])
    assert [each.status for each in found] == ["critical", "unknown", "warning", "ok"]


def test_nothing_looked_at_is_unknown() -> None:
    given = health()
    assert given.status == "unknown"
    assert health_page(given).state == "failed"
    assert "nobody knows" in page(given)


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        pytest.param(None, "warning", "new", id="never seen, bad"),
        pytest.param(None, "ok", "", id="never seen, fine"),
        pytest.param("ok", "warning", "new", id="fine, bad"),
        pytest.param("ok", "unknown", "new", id="fine, unknown"),
        pytest.param("warning", "warning", "", id="bad, bad"),
        pytest.param("warning", "unknown", "worse", id="bad, unknown"),
        pytest.param("unknown", "critical", "worse", id="unknown, critical"),
        pytest.param("critical", "warning", "", id="critical, better"),
        pytest.param("critical", "ok", "recovered", id="critical, fine"),
        pytest.param("unknown", "ok", "recovered", id="unknown, fine"),
    ],
)
def test_what_changed_since_the_last_look(before: str | None, now: str, kind: str) -> None:
    changes = compare([check("x", now)], look(x=before) if before else look(), AT)
    found = {name: getattr(changes, name) for name in ("new", "worse", "recovered", "gone")}
    assert {name for name, ids in found.items() if ids} == ({kind} if kind else set())
    assert changes.since["x"] == ("2026-11-20T00:00:00.000000Z" if before == now else "2026-11-24T03:15:42.000000Z")


def test_what_is_not_looked_at_any_more_has_not_recovered() -> None:
    changes = compare([], look(bad="critical", fine="ok"), AT)
    assert (changes.gone, changes.recovered) == (("bad",), ())
    assert "Not looked at any more" in page(health(before=look(bad="critical")))


def test_the_page_tells_what_changed() -> None:
    given = health(check("a", "critical"), check("b", "warning"), check("c"), before=look(b="warning", c="warning"))
    found = health_page(given)
    assert (
        plain(found.lede) == "3 things were looked at. Since the last look, 5 min before: 1 is new and 1 has recovered."
    )
    assert [each.change for each in found.findings] == ["new", ""]
    assert [plain(each) for each in found.findings[1].facts] == ["warning for 4 d 3 h"]
    assert [each.id for each in found.recovered] == ["c"]


def test_what_is_to_be_typed_stands_out() -> None:
    given = health(
        check("x", "warning", advice="See `docker system df <x>`, then prune."), check("y", "warning", advice="a ` b")
    )
    html, written = page(given), markdown(health_page(given))
    assert "See <code>docker system df &lt;x&gt;</code>, then prune.</p>" in html
    assert "See `docker system df <x>`, then prune." in written
    assert "a ` b</p>" in html
    assert "a \\` b" in written


@pytest.mark.parametrize(
    ("value", "unit", "english", "spanish"),
    [
        (93.4, "percent", "93.4 %", "93,4 %"),
        (80, "%", "80 %", "80 %"),
        (1_234_000_000, "bytes", "1.23 GB", "1,23 GB"),
        (-2_000_000, "bytes", "-2.00 MB", "-2,00 MB"),
        (230.4, "ms", "230 ms", "230 ms"),
        (0.0043, "seconds", "4.3 ms", "4,3 ms"),
        (-90, "seconds", "-1 min 30 s", "-1 min 30 s"),
        (26, "hours", "1 d 2 h", "1 d 2 h"),
        (16, "days", "16 d", "16 d"),
        (12_345, "", "12,345", "12 345"),
        (0.02, "", "0.020", "0,020"),
        (3, "messages", "3 messages", "3 messages"),
    ],
)
def test_values_in_their_units(value: float, unit: str, english: str, spanish: str) -> None:
    assert (plain(EN.amount(value, unit)), plain(ES.amount(value, unit))) == (english, spanish)


def test_limits_are_told_in_their_direction() -> None:
    assert (
        plain(EN.limits(check("x", warning=80, critical=90, unit="percent"))) == "warning from 80 %, critical from 90 %"
    )
    assert plain(ES.limits(check("x", warning=21, critical=7, unit="days"))).startswith(
        "advertencia por debajo de 21 d"
    )
    assert plain(EN.limits(check("x", critical=7))) == "critical from 7"
    assert EN.limits(check("x")) == ""


# What a hostile text may be in a report: each place that takes one.
def hostile(text: str, language: str = "en") -> Health:
    (made,) = checks_from(
        [
            document(
                f"logs.{text[:150]}.errors",
                "critical",
                component=text,
                summary=text,
                unit=text,
                advice=text,
                evidence=[text] * 3,
                value=3.0,
                warning=1.0,
                critical=2.0,
            )
        ]
    )
    before = Look(AT - timedelta(minutes=5), {f"gone {made.component}": ("critical", "2026-11-20T00:00:00.000000Z")})
    more = {"stack": "s", "host": made.component, "problems": (made.summary,)}
    return health(made, before=before, language=language, series={made.id: daily(1.0, 3.0)}, **more)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_texts_stay_texts_on_the_page(text: str, language: str) -> None:
    html = page(hostile(text, language))
    html.encode()
    # As many lines of evidence, but nothing else: the same elements with the same attributes.
    tame = hostile("\n".join("tame" for _line in text.splitlines()), language)
    assert Texts(html).elements == Texts(page(tame)).elements
    assert len(html) < 200_000


def test_no_text_at_all_becomes_markup_or_a_metric() -> None:
    """Texts of signs that mean something somewhere, in any order: always the same ones."""
    chance = random.Random(7)
    signs = [
        *"<>&\"'={}[]()\\/#*_|~!-;:%$\t\r\x00\x85\u2028\u202e\ud83d\udc00é😀 aé",
        "<!--",
        "-->",
        "]]>",
        "{{",
        "{%",
        "\\n",
    ]
    elements = Texts(page(hostile("tame"))).elements
    for _attempt in range(150):
        text = "x" + "".join(chance.choices(signs, k=chance.randint(1, 60))).translate(_NO_BREAKS)
        given = hostile(text)
        assert Texts(page(given)).elements == elements, ascii(text)
        (family,) = [
            each
            for each in text_string_to_metric_families(prometheus(given))
            if each.name == "chatbot_health_check_state"
        ]
        assert [each.labels["component"] for each in family.samples] == [given.checks[0].component], ascii(text)
        json.dumps(given.to_document(), ensure_ascii=False).encode()


# What ends a line, of which there would be more then.
_NO_BREAKS = {ord(each): None for each in "\r\x85\u2028"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_stay_labels_in_the_metrics(text: str) -> None:
    given = hostile(text)
    families = {each.name: each.samples for each in text_string_to_metric_families(prometheus(given))}
    assert len(families) == 6
    (state,) = families["chatbot_health_check_state"]
    (made,) = given.checks
    assert state.labels == {"stack": "s", "host": given.host, "check": made.id, "component": made.component}
    assert state.value == STATES.index("critical")
    (value,) = families["chatbot_health_check_value"]
    assert (value.labels["unit"], value.value) == (made.unit, 3.0)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_make_no_markdown(text: str) -> None:
    written = markdown(health_page(hostile(text)))
    tame = markdown(health_page(hostile("tame")))
    assert [each for each in written.splitlines() if each.startswith("#")] != []
    shape = [re.match(r"(#+ |- |\*\*|> |`|)", line) for line in written.split("\n")]
    assert {each.group() for each in shape if each} <= {"# ", "## ", "### ", "- ", "**", "> ", "`", ""}
    assert not re.search(r"(?<!\\)<|(?<!\\)\[|(?<!\\)\]\(", re.sub(r"(?<!\\)`[^`]*`", "", written))
    assert written.count("\n## ") == tame.count("\n## ")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_keep_the_document_in_its_form(text: str) -> None:
    written = json.dumps(hostile(text).to_document(), ensure_ascii=False)
    found = json.loads(written)
    jsonschema.validate(found, SCHEMA)
    (made,) = found["checks"]
    made_of = f"{made['summary']}{''.join(made['evidence'])}"
    made_of.encode("utf-8")
    assert "\x00" not in made_of


def test_evidence_without_end_is_cut() -> None:
    (made,) = checks_from([document(evidence=["x" * 5000, *map(str, range(1000))])])
    assert len(made.evidence) == LINES + 1
    assert made.evidence[0] == "x" * (LINE_LENGTH - 1) + "…"
    assert made.evidence[-1] == "… (951)"
    shown = health_page(health(check("x", "warning", evidence=made.evidence))).findings[0]
    assert len(shown.evidence) == 12
    assert shown.more == "and 39 more lines in the JSON file"


def test_the_document_is_of_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    given = health(
        check("a", "critical", value=1.0, evidence=("x",)), check("b"), before=look(b="warning", c="unknown")
    )
    found = json.loads(json.dumps(given.to_document()))
    jsonschema.validate(found, SCHEMA)
    assert (found["status"], found["new"], found["recovered"], found["gone"]) == ("critical", ["a"], ["b"], ["c"])
    for broken in ({**found, "status": "green"}, {**found, "more": 1}, {**found, "at": "today"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


def test_the_metrics_tell_states_and_times() -> None:
    given = health(check("a", "unknown"), check("b", value=2.5, unit="s"), before=look(a="unknown"))
    samples = {
        (each.name, each.labels.get("check", each.labels.get("state", ""))): each.value
        for family in text_string_to_metric_families(prometheus(given))
        for each in family.samples
    }
    assert samples["chatbot_health_state", ""] == 2
    assert samples["chatbot_health_timestamp_seconds", ""] == AT.timestamp()
    assert samples["chatbot_health_checks", "unknown"] == 1
    assert samples["chatbot_health_checks", "critical"] == 0
    assert samples["chatbot_health_check_state", "b"] == 0
    assert samples["chatbot_health_check_value", "b"] == 2.5
    assert ("chatbot_health_check_value", "a") not in samples
    assert samples["chatbot_health_check_since_seconds", "a"] == 1_795_132_800


@pytest.mark.parametrize("status", STATES)
def test_only_what_is_fine_is_green(status: str) -> None:
    html = page(health(check("x", status)))
    assert ('<body class="proven">' in html) == (status == "ok")
    assert (f'class="finding {status}"' in html) == (status != "ok")


def test_the_page_needs_nothing_but_itself() -> None:
    html = page(hostile("tame"))
    assert not [
        word for word in ("url(", "@import", "@font-face", "<script", "src=", "http:", "https:") if word in html
    ]
    assert re.findall(r'href="([^"]*)"', html) == ["data:,", "#finding-1"]


def test_a_screen_reader_finds_its_way() -> None:
    found = Texts(page(hostile("tame")))
    tags = [tag for tag, _names in found.elements]
    assert [tags.count(each) for each in ("h1", "main", "desc")] == [1, 1, 1]
    assert [names for tag, names in found.elements if tag == "th" and "scope" not in names] == []
    assert "table" in tags  # beside each drawing


def test_both_languages_say_the_same() -> None:
    english, spanish = TEXTS["en"], TEXTS["es"]
    assert english.keys() == spanish.keys()
    for key, text in english.items():
        assert ("|" in text) == ("|" in spanish[key]), key
        assert _places(text) == _places(spanish[key]), key


def _places(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_units_are_told_in_the_language_of_the_report() -> None:
    assert HealthWords("es").amount(2.5, "per core") == "2,5\u00a0por núcleo"
    assert HealthWords("en").amount(2.5, "per core") == "2.5\u00a0per core"
    assert HealthWords("es").amount(3, "widgets") == "3\u00a0widgets"
