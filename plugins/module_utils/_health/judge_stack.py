# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of what serves users: endpoints, their certificates, n8n, and the containers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge, reason

_DAY = 86_400.0
_RUNNING = "running"

Section = Mapping[str, Any]


def judge_endpoints(judge: Judge, section: Section, names: Sequence[str], at: datetime) -> Iterator[Check]:
    """Yield the checks of the endpoints ``names`` at the time ``at``."""
    if section["problem"] is not None:
        for name in names:
            yield judge.unknown(f"api.{name}.status", "title_endpoint", section["problem"])
        return
    for endpoint in section["endpoints"]:
        yield _status(judge, endpoint)
        yield _latency(judge, endpoint)
        if endpoint["tls"]:
            yield from _certificate(judge, endpoint, at)


def _status(judge: Judge, endpoint: Section) -> Check:
    words, name = judge.words, endpoint["name"]
    values = {"name": name}
    problem = None
    if endpoint["problem"] is not None:
        problem = words.say("say_no_answer", problem=reason(endpoint["problem"]), **values)
    elif endpoint["status"] not in endpoint["wanted"]:
        wanted = words.listed([str(each) for each in endpoint["wanted"]])
        problem = words.say("say_status", status=str(endpoint["status"]), wanted=wanted, **values)
    elif endpoint["keyword_found"] is False:
        problem = words.say("say_no_keyword", keyword=endpoint["keyword"], **values)
    if problem is None:
        return judge.plain(f"api.{name}.status", "ok", words.say("say_answers", **values))
    evidence = [endpoint["url"], *([endpoint["body"]] if endpoint["body"] else [])]
    return judge.plain(f"api.{name}.status", "critical", problem, advice="advice_endpoint", evidence=evidence)


def _latency(judge: Judge, endpoint: Section) -> Check:
    name = endpoint["name"]
    if endpoint["seconds"] is None:
        return judge.unknown(f"api.{name}.latency", "title_latency", judge.words.say("because_no_answer"))
    said = judge.words.say("say_latency", name=name, time=judge.words.duration(endpoint["seconds"]))
    return judge.measured(f"api.{name}.latency", "latency", endpoint["seconds"], said, advice="advice_latency")


def _certificate(judge: Judge, endpoint: Section, at: datetime) -> Iterator[Check]:
    words, name = judge.words, endpoint["name"]
    expiry, trust = f"tls.{name}.expiry", f"tls.{name}.trust"
    if endpoint["certificate_ends"] is None:
        why = endpoint["problem"] or words.say("because_no_certificate")
        yield judge.unknown(expiry, "title_certificate", why)
        if endpoint["problem"] is not None:
            yield judge.unknown(trust, "title_trust", why)
            return
    else:
        end = from_iso(endpoint["certificate_ends"])
        days = round((end - at).total_seconds() / _DAY, 1)
        key = "say_expires" if days > 0 else "say_expired"
        said = words.say(key, name=name, date=words.date(end), days=words.number(abs(days), 1))
        yield judge.measured(expiry, "certificate", days, said, advice="advice_certificate")
    if endpoint["certificate_problem"] is None:
        yield judge.plain(trust, "ok", words.say("say_trusted", name=name))
        return
    said = words.say("say_untrusted", name=name, problem=reason(endpoint["certificate_problem"]))
    yield judge.plain(trust, "critical", said, advice="advice_trust", evidence=[endpoint["url"]])


def judge_n8n(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of n8n."""
    if section["problem"] is not None:
        yield judge.unknown("n8n.readiness", "title_readiness", section["problem"])
        yield judge.unknown("n8n.failed_executions", "title_executions", section["problem"])
        return
    words, ready = judge.words, section["readiness"]
    if not ready["asked"]:
        yield judge.unknown("n8n.readiness", "title_readiness", ready["problem"])
    elif ready["status"] == 200:
        yield judge.plain("n8n.readiness", "ok", words.say("say_ready"))
    else:
        said = words.say("say_not_ready", problem=reason(ready["problem"] or f"HTTP {ready['status']}"))
        evidence = [each for each in (ready["url"], ready["body"]) if each]
        yield judge.plain("n8n.readiness", "critical", said, advice="advice_ready", evidence=evidence)
    yield _failed_executions(judge, section["executions"])


def _failed_executions(judge: Judge, found: Section) -> Check:
    if found["problem"] is not None:
        return judge.unknown("n8n.failed_executions", "title_executions", found["problem"])
    words = judge.words
    span, total = words.duration(found["since_seconds"]), words.number(found["total"])
    said = words.count("say_failed", found["failed"], total=total, span=span)
    evidence = [f"{each['failed']} x {each['workflow']}" for each in found["workflows"][:3]]
    return judge.measured(
        *("n8n.failed_executions", "failed_executions", found["failed"], said),
        advice="advice_failed_executions",
        evidence=evidence,
    )


def judge_containers(judge: Judge, section: Section) -> Iterator[Check]:
    """Yield the checks of the containers; each of several of one service has its own name."""
    if section["problem"] is not None:
        yield judge.unknown("container.all.running", "title_containers", section["problem"])
        return
    many = Counter(each["service"] for each in section["containers"])
    for each in section["containers"]:
        yield from _Container(judge, each, each["service"] if many[each["service"]] == 1 else each["name"]).checks()
    for name in section["missing"]:
        said = judge.words.say("say_missing", name=name)
        yield judge.plain(f"container.{name}.running", "critical", said, advice="advice_missing", name=name)


class _Container:
    def __init__(self, judge: Judge, facts: Section, title: str) -> None:
        self._judge, self._facts, self._title = judge, facts, title
        self._runs = facts["status"] == _RUNNING

    def checks(self) -> Iterator[Check]:
        yield self._running()
        # What it was when it ran says nothing of one that does not; that is told, once.
        if self._runs and self._facts["health"] is not None:
            yield self._health()
        yield self._restarts()
        yield self._memory()
        yield self._image()

    def _id(self, what: str) -> str:
        return f"container.{self._title}.{what}"

    def _say(self, key: str, **values: str) -> str:
        return self._judge.words.say(key, name=self._title, **values)

    def _running(self) -> Check:
        if self._runs:
            return self._judge.plain(self._id("running"), "ok", self._say("say_runs"))
        said = self._say("say_runs_not", status=self._facts["status"], code=str(self._facts["exit_code"]))
        evidence = [self._facts["error"]] if self._facts["error"] else []
        return self._judge.plain(
            *(self._id("running"), "critical", said),
            advice="advice_runs_not",
            evidence=evidence,
            name=self._facts["name"],
        )

    def _health(self) -> Check:
        health = self._facts["health"]
        status = {"healthy": "ok", "starting": "warning"}.get(health, "critical")
        said = self._say(f"say_health_{status}")
        evidence = [self._facts["health_says"]] if status != "ok" and self._facts["health_says"] else []
        return self._judge.plain(
            *(self._id("health"), status, said), advice="advice_health", evidence=evidence, name=self._facts["name"]
        )

    def _restarts(self) -> Check:
        count = self._facts["new_restarts"]
        said = self._judge.words.count("say_restarts", count, name=self._title)
        # One that Docker is just about to start again goes round in circles, however often it was seen.
        least = "critical" if self._facts["status"] == "restarting" else "ok"
        if least == "critical":
            said = self._say("say_loop", code=str(self._facts["exit_code"]))
        return self._judge.measured(
            *(self._id("restarts"), "restarts", count, said),
            advice="advice_restarts",
            least=least,
            name=self._facts["name"],
        )

    def _memory(self) -> Check:
        facts, words = self._facts, self._judge.words
        identity = self._id("memory")
        kills = max(facts["oom_kills"], 1 if facts["oom_killed"] else 0)
        if kills:
            said = words.count("say_killed", kills, name=self._title)
            return self._judge.plain(identity, "critical", said, advice="advice_memory")
        used, limit = facts["memory_bytes"], facts["memory_limit_bytes"]
        if used is None or limit is None:
            said = self._say("say_memory_used", used=words.size(used)) if used else self._say("say_no_kills")
            return self._judge.plain(identity, "ok", said)
        percent = round(100 * used / limit, 1)
        said = self._say("say_memory", used=words.size(used), limit=words.size(limit))
        return self._judge.measured(identity, "container_memory", percent, said, advice="advice_memory")

    def _image(self) -> Check:
        facts = self._facts
        if facts["tag_image_id"] in (None, facts["image_id"]):
            # A tag that is gone says nothing of what runs; nor is there one where it was named by its digest.
            return self._judge.plain(self._id("image"), "ok", self._say("say_image"))
        said = self._say("say_image_old", image=facts["image"])
        return self._judge.plain(self._id("image"), "warning", said, advice="advice_image", name=facts["service"])
