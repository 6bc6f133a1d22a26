# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the two looks found, as check results. Pure. Whatever is not known is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, limit_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.texts import TEXTS, Words

LIMITS = ("errors", "new_errors", "restarts", "oom_kills", "table_errors", "table_ratio", "table_users")
_EVIDENCE = 3


@dataclass(frozen=True)
class Findings:
    """``containers`` and ``table`` are what the modules returned, None if they were not asked; with ``failed`` and ``msg``
    in them if they failed. ``limits`` are those of LIMITS."""

    stack: str
    host: str
    language: str
    containers: Mapping[str, Any] | None
    table: Mapping[str, Any] | None
    limits: Mapping[str, Limit]


def findings_from(document: Any) -> Findings:
    """Return the findings in ``document``.

    :raises RefusedError: if it is none such.
    """
    try:
        limits = {name: limit_from(document["limits"][name]) for name in LIMITS}
        language = document["language"]
        if language not in TEXTS:
            raise ValueError(f"the language {language!r} is none of {', '.join(TEXTS)}")
        looks = [document[each] or None for each in ("containers", "table")]
        if looks == [None, None]:
            raise ValueError("there is neither a look at the containers nor one at the table")
        return Findings(str(document["stack"]), str(document["host"]), language, looks[0], looks[1], limits)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"These are no findings of a log review: {error}.") from error


def judge(findings: Findings) -> list[Check]:
    """Return the checks, in a fixed order."""
    return [*_Containers(findings).checks(), *_Table(findings).checks()]


class _Judge:
    def __init__(self, findings: Findings) -> None:
        self._limits, self._words = findings.limits, Words(findings.language)
        self._since: str | None = None

    def _measured(
        self,
        name: str,
        limit: str,
        value: float,
        summary: str,
        *,
        advice: str,
        evidence: tuple[str, ...] = (),
        unit: str,
    ) -> Check:
        """Return the check of a number against its limits."""
        held = self._limits[limit]
        status = held.judge(value)
        told = self._words.say(advice) if status != "ok" else ""
        return Check(
            *(name, self._component(name), status, summary, value, unit, held.warning, held.critical, self._since),
            evidence=evidence,
            advice=told,
        )

    def _plain(self, name: str, status: str, summary: str, advice: str = "") -> Check:
        """Return a check that has no number."""
        told = self._words.say(advice) if advice else ""
        return Check(name, self._component(name), status, summary, since=self._since, advice=told)

    @staticmethod
    def _component(name: str) -> str:
        return name.split(".")[1]

    def _failed(self, name: str, title: str, look: Mapping[str, Any]) -> Check:
        problem = str(look.get("msg") or self._words.say("nobody_knows"))
        return self._plain(name, "unknown", self._words.say("say_failed", name=title, problem=problem), "advice_failed")


class _Containers(_Judge):
    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._look = findings.containers

    def checks(self) -> Iterator[Check]:
        look = self._look
        if look is None:
            return
        if look.get("failed") or not look.get("containers"):
            yield self._failed("logs.containers.read", self._words.say("containers"), look)
            return
        self._since = look["since"]
        for container in look["containers"]:
            yield from self._of(container)

    def _of(self, container: Mapping[str, Any]) -> Iterator[Check]:
        name, words = container["service"], self._words
        # Two containers of one service have a number each.
        title = container["name"] if self._is_one_of_many(name) else name
        prefix = f"logs.{title}"
        yield self._extent(f"{prefix}.log", title, container)
        if container["readable"]:
            yield self._errors(f"{prefix}.errors", title, container)
            yield self._new(f"{prefix}.new_errors", title, container)
        restarts = container["new_restarts"]
        said = words.count("say_restarts", restarts, name=title)
        yield self._measured(
            f"{prefix}.restarts",
            "restarts",
            restarts,
            said,
            advice="advice_restarts",
            unit="restarts",
            evidence=_ended(container),
        )
        yield self._memory(f"{prefix}.memory", title, container)

    def _is_one_of_many(self, service: str) -> bool:
        if self._look is None:
            raise AssertionError
        return len([each for each in self._look["containers"] if each["service"] == service]) > 1

    def _extent(self, name: str, title: str, container: Mapping[str, Any]) -> Check:
        words = self._words
        if not container["readable"]:
            said = words.say("say_unread", name=title, problem=container["problem"])
            return self._plain(name, "unknown", said, "advice_unread")
        if container["complete"] is None:
            return self._plain(name, "unknown", words.say("say_unknown_extent", name=title), "advice_incomplete")
        if not container["complete"]:
            said = words.say("say_incomplete", name=title, oldest=str(container["oldest"])[:19] + "Z")
            return self._plain(name, "warning", said, "advice_incomplete")
        return self._plain(name, "ok", words.say("say_complete", name=title))

    def _errors(self, name: str, title: str, container: Mapping[str, Any]) -> Check:
        count = container["error_count"]
        said = self._words.count("say_errors", count, name=title)
        return self._measured(
            name,
            "errors",
            count,
            said,
            advice="advice_errors",
            unit="errors",
            evidence=_samples(container["signatures"]),
        )

    def _new(self, name: str, title: str, container: Mapping[str, Any]) -> Check:
        new = [each for each in container["signatures"] if each["new"] and each["severity"] == "error"]
        said = self._words.count("say_new", len(new), name=title)
        return self._measured(
            name, "new_errors", len(new), said, advice="advice_new", unit="signatures", evidence=_samples(new)
        )

    def _memory(self, name: str, title: str, container: Mapping[str, Any]) -> Check:
        killed, kills = container["oom_killed"], container["oom_kills"]
        said = self._words.count("say_memory", kills or 0, name=title)
        if killed and not kills:
            said = self._words.say("say_killed", name=title)
        value = max(kills or 0, 1 if killed else 0)
        return self._measured(name, "oom_kills", value, said, advice="advice_memory", unit="kills")


class _Table(_Judge):
    def __init__(self, findings: Findings) -> None:
        super().__init__(findings)
        self._look = findings.table

    def checks(self) -> Iterator[Check]:
        look, words = self._look, self._words
        if look is None:
            return
        if look.get("failed") or "error_count" not in look:
            yield self._failed("logs.system_logs.read", words.say("table"), look)
            return
        self._since = look["since"]
        if not look["rows"]:
            yield self._plain("logs.system_logs.rows", "unknown", words.say("say_silent"), "advice_silent")
            return
        yield self._plain("logs.system_logs.rows", "ok", words.count("say_rows", look["rows"]))
        errors = look["error_count"]
        said = words.count("say_errors", errors, name=look["table"])
        evidence = _samples(look["signatures"])
        yield self._measured(
            "logs.system_logs.errors",
            "table_errors",
            errors,
            said,
            advice="advice_table",
            unit="errors",
            evidence=evidence,
        )
        yield self._ratio(look)
        said = words.count("say_users", look["users"])
        yield self._measured(
            "logs.system_logs.users", "table_users", look["users"], said, advice="advice_table", unit="users"
        )
        new = [each for each in look["signatures"] if each["new"] and each["severity"] == "error"]
        said = words.count("say_new", len(new), name=look["table"])
        yield self._measured(
            *("logs.system_logs.new_errors", "new_errors", len(new), said),
            advice="advice_new",
            unit="signatures",
            evidence=_samples(new),
        )

    def _ratio(self, look: Mapping[str, Any]) -> Check:
        name = "logs.system_logs.rate"
        if look["ratio"] is None:
            # Nothing before: what there is now is judged by its number alone.
            return self._plain(name, "ok", self._words.say("say_no_ratio"))
        said = self._words.say("say_ratio", ratio=self._words.number(look["ratio"], 1))
        return self._measured(name, "table_ratio", look["ratio"], said, advice="advice_table", unit="ratio")


def _samples(signatures: Any) -> tuple[str, ...]:
    errors = [each for each in signatures if each["severity"] == "error"]
    return tuple(f"{each['count']} x {each['sample']}" for each in errors[:_EVIDENCE])


def _ended(container: Mapping[str, Any]) -> tuple[str, ...]:
    code = container["exit_code"]
    return (f"exit code {code}",) if code else ()
