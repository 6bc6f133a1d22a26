# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many good copies there are of what was backed up, and what each repository is worth. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
_NAMES = ("name", "path", "bucket", "location")


def repository_name(repository: Mapping[str, Any]) -> str:
    """Return what people call the repository that the inventory describes so."""
    for each in _NAMES:
        if repository.get(each):
            return str(repository[each])
    raise RefusedError(f"A repository has none of {', '.join(_NAMES)}: give it one in chatbot_stack.repositories.")


def judge_copies(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verdict on each repository, and on the copies as a whole.

    :param findings: ``repositories``, as the inventory describes them; ``listings``, in the same order, what
        ``backup_info`` returned for each, or the result of its failure; ``backups``, by source the ids that the modules
        made sure of: one, or several where a repository of another kind takes a backup of its own; ``min_copies``.
    :returns: ``repositories``, by name ``{verdict, problems}``; ``copies``, by source the number of good copies;
        ``verdict``: ``ok``, ``degraded`` (enough copies, and not in every repository) or ``failed``; ``problems``.
    :raises RefusedError: if the findings make no sense.
    """
    names = [repository_name(each) for each in findings["repositories"]]
    if len(set(names)) < len(names):
        raise RefusedError(f"Two repositories have the same name: {', '.join(names)}. Give each one a name of its own.")
    wanted: Mapping[str, Sequence[str]] = findings["backups"]
    least = int(findings["min_copies"])
    if not 1 <= least <= len(names):
        raise RefusedError(f"min_copies is {least}, and there are {len(names)} repositories.")
    copies = dict.fromkeys(wanted, 0)
    repositories = {}
    for name, listing in zip(names, findings["listings"]):
        problems = list(_problems(listing, wanted))
        for source in set(wanted) - {source for source, _text in problems}:
            copies[source] += 1
        verdict = OK if not problems else FAILED if len(problems) == len(wanted) else DEGRADED
        repositories[name] = {"verdict": verdict, "problems": list(dict.fromkeys(text for _source, text in problems))}
    short = [
        f"{source} has {count} good copies, {least} are wanted" for source, count in copies.items() if count < least
    ]
    troubles = [f"{name}: {text}" for name, each in repositories.items() for text in each["problems"]]
    verdict = FAILED if short else DEGRADED if troubles else OK
    return {"repositories": repositories, "copies": copies, "verdict": verdict, "problems": [*short, *troubles]}


def _problems(listing: Mapping[str, Any], wanted: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield each source of which the repository has no good copy, and why."""
    backups: Sequence[Mapping[str, Any]] = listing.get("backups", ())
    for source, identifiers in wanted.items():
        if "backups" not in listing:
            yield source, str(listing.get("msg", "it could not be listed"))
        elif not any(
            each["source"] == source and each["good"] and each["backup_id"] in identifiers for each in backups
        ):
            yield source, f"it has no good copy of {' or '.join(identifiers)}"
