# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a review of packages and images: what its template writes, in words, and the same as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check, check_from, worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._dependencies.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.review import (
    PAGE_STATES,
    Figure,
    Line,
    Page,
    Row,
    Section,
    Table,
    markdown,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_LABELS = ("kicker", "figures", "checks", "check", "result", "masked", "nothing")
_BAD = ("high", "critical")


@dataclass(frozen=True)
class _Findings:
    """What the two modules returned; None if they were not asked, with ``failed`` and ``msg`` in it if they failed."""

    stack: str
    host: str
    language: str
    packages: Mapping[str, Any] | None
    images: Mapping[str, Any] | None

    @property
    def folders(self) -> Sequence[Mapping[str, Any]]:
        return (self.packages or {}).get("folders") or ()

    @property
    def services(self) -> Sequence[Mapping[str, Any]]:
        return (self.images or {}).get("services") or ()


def review(document: Any, at: str) -> dict[str, Any]:
    """Return ``status``, ``checks``, ``page`` and ``markdown`` of the findings in ``document``.

    :param document: ``stack``, ``host``, ``language``, ``packages`` and ``images``.
    :param at: when the review was made (ISO 8601).
    :raises RefusedError: if it is no such document.
    """
    findings = _findings_from(document)
    words = Words(findings.language, TEXTS)
    try:
        checks = [
            *_checks(findings.packages, "dependencies", "read_packages", words),
            *_checks(findings.images, "image", "read_images", words),
        ]
        page = _page(findings, checks, at, words)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"These are no findings of a review: {error!r}.") from error
    return {
        "status": worst(each.status for each in checks),
        "checks": [each.to_document() for each in checks],
        "page": asdict(page),
        "markdown": markdown(page),
    }


def _findings_from(document: Any) -> _Findings:
    try:
        language = document["language"]
        if language not in TEXTS:
            raise ValueError(f"the language {language!r} is none of {', '.join(TEXTS)}")
        looks = [document[each] or None for each in ("packages", "images")]
        if looks == [None, None]:
            raise ValueError("there is neither a look at the packages nor one at the images")
        return _Findings(str(document["stack"]), str(document["host"]), language, *looks)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"These are no findings of a review: {error}.") from error


def _checks(look: Mapping[str, Any] | None, name: str, key: str, words: Words) -> Iterator[Check]:
    if look is None:
        return
    if look.get("failed") or not look.get("checks"):
        problem = str(look.get("msg") or words.say("nobody_knows"))
        said = words.say(key, problem=problem)
        yield Check(f"{name}.all.read", name, "unknown", said, advice=words.say("advice_read"))
        return
    for each in look["checks"]:
        yield check_from(each)


def _page(findings: _Findings, checks: Sequence[Check], at: str, words: Words) -> Page:
    state, instant = worst(each.status for each in checks), from_iso(at)
    counts = _counts(findings, checks)
    return Page(
        language=words.language,
        state=PAGE_STATES[state],
        title=words.say("title", stack=findings.stack, date=words.date(instant)),
        place=words.say("place", stack=findings.stack, host=findings.host),
        date=words.date(instant),
        headline=words.say(f"headline_{state}"),
        lede=words.say(
            "lede", **{name: words.count(name, counts[name]) for name in ("vulnerable", "outdated", "images")}
        ),
        figures=tuple(
            Figure(words.say(f"figure_{name}"), words.number(number), words.say(f"figure_{name}_note"))
            for name, number in counts.items()
        ),
        checks=tuple(_lines(checks, words)),
        sections=(*_folders(findings, words), *_images(findings, words)),
        run=words.say("run", instant=words.instant(instant)),
        labels={name: words.say(name) for name in _LABELS},
    )


def _counts(findings: _Findings, checks: Sequence[Check]) -> dict[str, int]:
    return {
        "vulnerable": sum(len(each["vulnerable"] or ()) for each in findings.folders),
        "outdated": sum(len(each["outdated"] or ()) for each in findings.folders),
        "images": len(
            [
                service
                for service in findings.services
                if any((service[name] or {}).get("current") is False for name in ("running", "registry", "base"))
            ]
        ),
        "unknown": len([each for each in checks if each.status == "unknown"]),
    }


def _lines(checks: Sequence[Check], words: Words) -> Iterator[Line]:
    """Yield the checks, the worst ones first; of those that are fine, the summary alone."""
    for each in sorted(checks, key=lambda check: -STATES.index(check.status)):
        evidence = each.evidence if each.status != "ok" else ()
        yield Line(each.status, words.say(each.status), each.summary, evidence, each.advice)


def _folders(findings: _Findings, words: Words) -> Iterator[Section]:
    for folder in findings.folders:
        problems = dict.fromkeys(filter(None, (folder["outdated_problem"], folder["vulnerable_problem"])))
        note = " ".join(problems) or words.count("folder_note", folder["dependencies"] or 0, path=folder["path"])
        tables = (*_vulnerable(folder["vulnerable"] or (), words), *_outdated(folder["outdated"] or (), words))
        yield Section(words.say("folder", name=folder["name"]), note, tables)


def _vulnerable(packages: Sequence[Mapping[str, Any]], words: Words) -> Iterator[Table]:
    if not packages:
        return
    columns = tuple(words.say(each) for each in ("package", "severity", "kind", "what", "fix"))
    rows = [
        Row(
            (
                each["name"],
                each["severity"],
                words.say("direct" if each["direct"] else "transitive"),
                "; ".join(advisory["title"] for advisory in each["advisories"]) or "← " + ", ".join(each["through"]),
                _fix(each["fix"], words),
            ),
            bad=each["severity"] in _BAD,
        )
        for each in packages
    ]
    yield Table(words.say("vulnerable_title"), columns, tuple(rows))


def _fix(fix: Mapping[str, Any] | None, words: Words) -> str:
    if fix is None:
        return words.say("fix_none")
    told = f"{fix['name']} {fix['version']}".strip()
    if fix["major"]:
        return words.say("fix_major", fix=told)
    return told or words.say("fix_within")


def _outdated(packages: Sequence[Mapping[str, Any]], words: Words) -> Iterator[Table]:
    if not packages:
        return
    columns = tuple(words.say(each) for each in ("package", "current", "wanted", "latest"))
    rows = [
        Row((each["name"], each["current"] or "—", each["wanted"], each["latest"]), bad=each["major"])
        for each in packages
    ]
    yield Table(words.say("outdated_title"), columns, tuple(rows))


def _images(findings: _Findings, words: Words) -> Iterator[Section]:
    if not findings.services:
        return
    columns = tuple(words.say(each) for each in ("service", "image", "age", "running", "registry", "base"))
    rows = []
    for each in findings.services:
        told = [_state(each[name], words) for name in ("running", "registry", "base")]
        age = "—" if each["age_days"] is None else words.number(each["age_days"])
        rows.append(Row((each["service"], each["image"], age, *told), bad=words.say("older") in told))
    yield Section(words.say("images_title"), words.say("images_note"), (Table("", columns, tuple(rows)),))


def _state(finding: Mapping[str, Any] | None, words: Words) -> str:
    if finding is None:
        return "—"
    if finding["current"] is None:
        return words.say("nobody_knows")
    return words.say("newest" if finding["current"] else "older")
