# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a service's image, as check results. Pure. What could not be asked is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._images.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_DAY = 86400


@dataclass(frozen=True)
class Finding:
    """The answer to one question: ``current`` is None if it is not known, and ``problem`` then tells why, as words or as
    a key of ours. ``image`` is the image that it is about, ``digest`` what its registry has."""

    current: bool | None
    image: str
    problem: str = ""
    digest: str | None = None


@dataclass(frozen=True)
class ServiceImage:
    """What is known of the image that a service runs; ``registry`` and ``base`` are None where the question has no sense:
    for what was built here, and for what was not."""

    service: str
    containers: tuple[str, ...]
    image: str
    image_id: str
    created: str | None
    digests: tuple[str, ...]
    running: Finding
    registry: Finding | None
    base: Finding | None


def judge_image(found: ServiceImage, age: Limit, at: datetime, language: str) -> Iterator[Check]:
    """Yield the checks of one service's image.

    :param age: from how many days on it is old.
    :param at: the time now.
    """
    words = Words(language, TEXTS)
    for name, finding in (("running", found.running), ("registry", found.registry), ("base", found.base)):
        if finding is not None:
            yield _judge(found.service, name, finding, words)
    yield _age(found, age, at, words)


def _judge(service: str, name: str, finding: Finding, words: Words) -> Check:
    identity, evidence = f"image.{service}.{name}", ()
    if finding.current is None:
        problem = finding.problem
        if words.known(problem):
            problem = words.say(problem, image=finding.image)
        said = words.say(f"image_{name}_unknown", name=service, problem=problem)
        pinned = finding.problem == "image_only_digest"
        advice = words.say("image_advice_pin" if pinned else "image_advice_unknown")
        return Check(identity, service, "unknown", said, advice=advice)
    if finding.current:
        key = "image_base_scratch" if not finding.image else f"image_{name}"
        return Check(identity, service, "ok", words.say(key, name=service, image=finding.image))
    said = words.say(f"image_{name}_old", name=service, image=finding.image)
    check = Check(identity, service, "warning", said, evidence=evidence, advice=words.say(f"image_advice_{name}"))
    return replace(check, evidence=(finding.digest,)) if finding.digest else check


def _age(found: ServiceImage, limit: Limit, at: datetime, words: Words) -> Check:
    identity, days = f"image.{found.service}.age", age_days(found, at)
    if days is None:
        return Check(identity, found.service, "unknown", words.say("image_age_unknown", name=found.service))
    status = limit.judge(days)
    said = words.count("image_age", int(days), name=found.service)
    advice = words.say("image_advice_age") if status != "ok" else ""
    return Check(
        *(identity, found.service, status, said, int(days), "days", limit.warning, limit.critical), advice=advice
    )


def age_days(found: ServiceImage, at: datetime) -> float | None:
    """Return how old the image is; None if nobody knows. One that was made to be reproducible tells no time."""
    try:
        made = from_iso(str(found.created)[:19] + "Z")
    except ValueError:
        return None
    return max(0.0, (at - made).total_seconds() / _DAY) if made.year > 1980 else None


def document_of(found: ServiceImage, at: datetime) -> dict[str, Any]:
    """Return what is known of a service's image as JSON values."""
    days = age_days(found, at)
    return {
        "service": found.service,
        "containers": list(found.containers),
        "image": found.image,
        "image_id": found.image_id,
        "created": found.created,
        "age_days": None if days is None else int(days),
        "digests": list(found.digests),
        "running": _finding(found.running),
        "registry": _finding(found.registry),
        "base": _finding(found.base),
    }


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    words = Words("en", TEXTS)
    problem = words.say(finding.problem, image=finding.image) if words.known(finding.problem) else finding.problem
    return {
        "current": finding.current,
        "image": finding.image,
        "problem": problem if finding.current is None else None,
        "digest": finding.digest,
    }
