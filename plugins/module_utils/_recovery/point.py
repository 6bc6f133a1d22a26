# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which set a lost server is rebuilt from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.copies import repository_name
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso


def choose_point(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the newest good set that a repository really holds, or the one that was asked for.

    :param findings: ``sources``, what a rebuild needs; ``repositories``, those that were asked, and in the same order
        ``listings``, what ``backup_info`` returned for each, or the result of its failure. ``set_id`` and ``before`` (UTC,
        ISO 8601) narrow the choice, if they are not empty.
    :return: ``set_id``; ``backups``, the ids by source; ``repository``, the number of the first that has all of them,
        and its ``repository_name``; ``taken`` (of the oldest part that is needed, UTC, ISO 8601), ``age_seconds`` of it,
        and ``skew_seconds``; ``verified``, the level by source that a verification reached, or null; ``images`` by service,
        as ``config_backup`` found them; ``passed_over``, why no newer set is taken; ``silent``, the repositories that
        did not answer, and why.
    :raises RefusedError: if there is no such set.
    """
    names = [repository_name(each) for each in findings["repositories"]]
    listings = dict(enumerate(findings["listings"]))
    silent = {names[number]: _first_line(each) for number, each in listings.items() if _failed(each)}
    answered = {number: each for number, each in listings.items() if not _failed(each)}
    if not answered:
        raise RefusedError(
            f"None of the repositories could be read: {_told(silent)}. Mend that, or name others that have the backups."
        )
    passed_over: list[str] = []
    for set_id in _candidates(answered.values(), findings):
        obstacles = []
        for number, listing in answered.items():
            obstacle = _obstacle(set_id, listing, findings)
            if obstacle is None:
                return {
                    **_point(set_id, number, names, listing, findings),
                    "passed_over": passed_over,
                    "silent": silent,
                }
            obstacles.append(f"in {names[number]} {obstacle}")
        passed_over.append(f"{set_id}: {'; '.join(obstacles)}")
    raise RefusedError(_nothing(findings, [names[number] for number in answered], passed_over, silent))


def _candidates(listings: Any, findings: Mapping[str, Any]) -> list[str]:
    known = {each["set_id"] for listing in listings for each in listing["sets"]}
    if findings.get("set_id"):
        return [each for each in known if each == findings["set_id"]]
    return sorted(known, reverse=True)


def _obstacle(set_id: str, listing: Mapping[str, Any], findings: Mapping[str, Any]) -> str | None:
    """Return why a rebuild cannot have the set from this repository; None if it can."""
    found = {each["source"]: each for each in _parts(set_id, listing)}
    missing = [source for source in findings["sources"] if source not in found]
    if missing:
        return f"it has no backup of {', '.join(missing)}"
    bad = [found[source] for source in findings["sources"] if not found[source]["good"]]
    if bad:
        return "; ".join(
            f"{each['backup_id']} is not good: {each['problem'] or 'a verification failed'}" for each in bad
        )
    before = findings.get("before")
    if before and any(from_iso(each["taken"]) >= from_iso(before) for each in found.values()):
        return f"it is not from before {before}"
    return None


def _parts(set_id: str, listing: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (each for each in listing["backups"] if each.get("set_id") == set_id)


def _point(
    set_id: str, number: int, names: Sequence[str], listing: Mapping[str, Any], findings: Mapping[str, Any]
) -> dict[str, Any]:
    parts = list(_parts(set_id, listing))
    needed = [each for each in parts if each["source"] in findings["sources"]]
    oldest = min(needed, key=lambda each: from_iso(each["taken"]))
    (skew,) = (each["skew_seconds"] for each in listing["sets"] if each["set_id"] == set_id)
    proofs = {each["source"]: each["proof"] for each in parts}
    return {
        "set_id": set_id,
        "repository": number,
        "repository_name": names[number],
        "backups": {each["source"]: each["backup_id"] for each in parts},
        "taken": oldest["taken"],
        "age_seconds": oldest["age_seconds"],
        "skew_seconds": skew,
        "verified": {each["source"]: _level(each) for each in parts},
        "images": proofs.get("config", {}).get("images", {}),
    }


def _level(part: Mapping[str, Any]) -> str | None:
    verdict = part.get("verified")
    return verdict["level"] if verdict and verdict["result"] == "passed" else None


def _failed(listing: Mapping[str, Any]) -> bool:
    return "backups" not in listing


def _first_line(failure: Mapping[str, Any]) -> str:
    return str(failure.get("msg") or "no answer").splitlines()[0].rstrip(".")


def _told(reasons: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items())


def _nothing(
    findings: Mapping[str, Any], answered: Sequence[str], passed_over: Sequence[str], silent: Mapping[str, str]
) -> str:
    what = f"no set {findings['set_id']}" if findings.get("set_id") else "no good set"
    if findings.get("before"):
        what += f" from before {findings['before']}"
    reasons = f" {'. '.join(passed_over)}." if passed_over else ""
    unread = f" Not read: {_told(silent)}." if silent else ""
    return (
        f"There is {what} with all of {', '.join(findings['sources'])} in {', '.join(answered)}.{reasons}{unread} "
        "chatbot.ops.backup_info lists what there is; restore_database, restore_n8n and restore_config take single backups."
    )
