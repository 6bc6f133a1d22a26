# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook as all that its template writes: words in their language, commands as they are typed.

It is printed, and lies beside a set for years: it says when things were, not how long ago, but for whole days. So the
same facts give the same page all day long.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.guide import PAGES
from ansible_collections.chatbot.ops.plugins.module_utils._report.contacts import Contact
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import UNKNOWN, Figure
from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook import (
    GoodSet,
    Holding,
    Runbook,
    read_runbook,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts_runbook import RUNBOOK_TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening
from ansible_collections.chatbot.ops.plugins.module_utils._repository.reach import reach

IDENTITY_FILE = "/root/identity.txt"
_DAY = 86_400
_RECENT = 12
_LINE = 51
_LABELS = (
    *("kicker", "missing", "keys", "repositories", "contacts", "who", "channels", "hours", "contract"),
    *("disasters", "by_hand", "elsewhere"),
)


@dataclass(frozen=True)
class Step:
    """What to do; ``command`` is typed on the controller and may be empty."""

    text: str
    command: str = ""


@dataclass(frozen=True)
class Disaster:
    """One of the three, and the way back."""

    id: str
    title: str
    steps: tuple[Step, ...]
    after: str


@dataclass(frozen=True)
class Repository:
    """A repository: what it is called and where it is, what it holds, and how to read the recovery page in it."""

    number: str
    name: str
    note: str
    state: str
    holds: str
    command: str


@dataclass(frozen=True)
class Person:
    """Somebody to call; ``channels`` are (kind, text, link)."""

    name: str
    role: str
    channels: tuple[tuple[str, str, str], ...]
    hours: str
    contract: str


@dataclass(frozen=True)
class RunbookPage:
    """All that the template writes."""

    language: str
    title: str
    place: str
    issued: str
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    figures: tuple[Figure, ...]
    history: str
    where: str
    key_first: str
    disasters: tuple[Disaster, ...]
    elsewhere: tuple[str, ...]
    by_hand_note: str
    repositories: tuple[Repository, ...]
    hints: tuple[tuple[str, str], ...]
    people: tuple[Person, ...]
    footer: str
    labels: dict[str, str]


def runbook_values(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page about ``findings`` (see :func:`read_runbook`) as dictionaries, lists and texts.

    ``missing`` is what the inventory does not say yet, ``problems`` what else is not as it should be.

    :raises RefusedError: if something makes no sense, or holds a secret.
    """
    runbook = read_runbook(findings)
    words = Words(runbook.language, RUNBOOK_TEXTS)
    date = words.date(runbook.issued)
    return asdict(
        RunbookPage(
            language=words.language,
            title=words.say("runbook_title", stack=runbook.stack, date=date),
            place=words.say("place", stack=runbook.stack, host=runbook.host),
            issued=words.say("runbook_issued", date=date),
            missing=tuple(f"{words.say('runbook_missing')}: {each}" for each in _missing(runbook, words)),
            problems=tuple(_problems(runbook, words)),
            figures=_figures(runbook, words),
            history=_history(runbook, words),
            where=words.say("runbook_where", controller=_controller(runbook, words)),
            key_first=(words.say("runbook_key_first", file=IDENTITY_FILE) if runbook.encrypted else ""),
            disasters=tuple(_disasters(runbook, words)),
            elsewhere=tuple(_elsewhere(runbook)),
            by_hand_note=words.say("runbook_by_hand_note", page=PAGES[words.language]),
            repositories=tuple(_repositories(runbook, words)),
            hints=tuple((_key_name(name, words), hint) for name, hint in runbook.keys.items()),
            people=tuple(_person(each, words) for each in runbook.contacts),
            footer=words.say("runbook_footer", date=date),
            labels={name: words.say(f"runbook_{name}") for name in _LABELS},
        )
    )


def _controller(runbook: Runbook, words: Words) -> str:
    return runbook.controller or words.say("runbook_controller", folder=runbook.folder)


def _missing(runbook: Runbook, words: Words) -> Iterator[str]:
    if not runbook.contacts:
        yield words.say("runbook_no_contacts")
    else:
        roles = {each.role.lower() for each in runbook.contacts}
        for role in ("hosting", "whatsapp", "developer", *(["supabase"] if runbook.supabase else [])):
            if role not in roles:
                yield words.say("runbook_no_role", role=words.say(f"runbook_role_{role}"))
    if not runbook.keys:
        yield words.say("runbook_no_keys")
        return
    if runbook.encrypted and "identity" not in runbook.keys:
        yield words.say("runbook_no_identity")
    if "vault" not in runbook.keys:
        yield words.say("runbook_no_vault")


def _problems(runbook: Runbook, words: Words) -> Iterator[str]:
    for number, holding in enumerate(runbook.holdings, start=1):
        if holding.problem:
            yield words.say("runbook_unlisted", name=str(number), reason=holding.problem)
    if runbook.newest is None:
        yield words.say("runbook_no_set")
    if not runbook.rehearsals:
        yield words.say("runbook_no_rehearsal")


def _figures(runbook: Runbook, words: Words) -> tuple[Figure, ...]:
    return (
        _newest(runbook, words),
        _verified(runbook.verified, words),
        _measure(runbook, "rto", runbook.rto_objective, words),
        _measure(runbook, "rpo", runbook.rpo_objective, words),
    )


def _newest(runbook: Runbook, words: Words) -> Figure:
    label, newest = words.say("runbook_newest"), runbook.newest
    if newest is None:
        return Figure(label, words.say("runbook_newest_none"), "", "bad")
    age = (runbook.issued - newest.time).total_seconds()
    days = int(age // _DAY)
    size = words.say("runbook_size", content=words.size(newest.content_bytes), stored=words.size(newest.stored_bytes))
    old = words.count("runbook_age", days) if days > 0 else words.say("runbook_today")
    late = runbook.rpo_objective is not None and age > runbook.rpo_objective
    state = "bad" if late else "plain" if runbook.rpo_objective is None else "good"
    return Figure(label, words.instant(newest.time), f"{old}; {size}", state)


def _verified(found: GoodSet | None, words: Words) -> Figure:
    label = words.say("runbook_verified")
    if found is None or found.verified is None:
        return Figure(label, words.say("runbook_verified_none"), words.say("runbook_verified_never"), "bad")
    level = words.say(f"runbook_{found.verified.level}")
    note = words.say("runbook_verified_note", level=level, date=words.date(found.verified.time))
    return Figure(label, words.instant(found.time), note, "good" if found.verified.level == "restore" else "plain")


def _measure(runbook: Runbook, name: str, objective: float | None, words: Words) -> Figure:
    """Return what the last rehearsal measured, against the objective of today."""
    label, row = words.say(f"runbook_{name}"), runbook.rehearsals[-1] if runbook.rehearsals else None
    seconds = row[f"{name}_seconds"] if row else None
    told, state = "", "plain" if row and seconds is not None else "bad"
    if objective is not None:
        met = seconds is not None and seconds <= objective
        key = "runbook_objective" if seconds is None else "objective_met" if met else "objective_missed"
        told = words.say(key, value=words.duration(objective))
        state = "good" if met else "bad"
    value = UNKNOWN if seconds is None else words.duration(seconds)
    return Figure(label, value, _rehearsed(row, words), state, name.upper(), told)


def _rehearsed(row: Mapping[str, Any] | None, words: Words) -> str:
    if row is None:
        return words.say("runbook_never")
    date = words.date(from_iso(row["ended"])) if row["ended"] else words.say("unknown")
    return words.say("runbook_not_recovered" if row["state"] == "failed" else "runbook_rehearsed", date=date)


def _history(runbook: Runbook, words: Words) -> str:
    rows = [each for each in runbook.rehearsals[-_RECENT:] if each["met"] is not None]
    if len(rows) < 2:
        return ""
    met = sum(each["met"] for each in rows)
    return words.say("runbook_met_of", met=words.number(met), all=words.number(len(rows)))


def _command(runbook: Runbook, playbook: str, *variables: str) -> str:
    """Return the command on lines that fit the page; a shell takes them as they stand."""
    inventories = "".join(f" -i {shlex.quote(each)}" for each in runbook.inventory)
    variables = (f"target={runbook.host}", *variables)
    parts = [f"chatbot.ops.{playbook}", *(f"-e {shlex.quote(each)}" for each in variables), runbook.options]
    lines = [f"ansible-playbook{inventories}"]
    for part in filter(None, parts):
        if len(lines[-1]) + len(part) < _LINE:
            lines[-1] += f" {part}"
        else:
            lines.append(f"  {part}")
    return " \\\n".join(lines)


def _disasters(runbook: Runbook, words: Words) -> Iterator[Disaster]:
    key = [f"restore_identity_file={IDENTITY_FILE}"] if runbook.encrypted else []
    name = words.say("runbook_server_name")
    given = (f"rebuild_replacement={name}", "rebuild_old_server=gone", f"rebuild_confirm={runbook.stack}", *key)
    rebuild = _command(runbook, "rebuild_server", *given)
    hosting = next((each for each in runbook.contacts if each.role.lower() == "hosting"), None)
    fence = words.say("runbook_server_fence") + (f" {_reached(hosting)}" if hosting else "")
    steps = (Step(fence), Step(words.say("runbook_server_new", name=name), rebuild), *_spared(runbook, words))
    yield Disaster("server", words.say("runbook_server"), steps, words.say("runbook_server_after"))
    for source in ("database", "n8n"):
        if source not in runbook.sources:
            continue
        latest = _command(runbook, f"restore_{source}", f"restore_confirm={runbook.stack}", *key)
        steps = (
            Step(words.say("runbook_latest"), latest),
            Step(words.say("runbook_before"), f"-e restore_before={words.say('runbook_time_format')}"),
        )
        yield Disaster(source, words.say(f"runbook_{source}"), steps, words.say(f"runbook_{source}_after"))


def _spared(runbook: Runbook, words: Words) -> Iterator[Step]:
    """Yield what to add for a database that a rebuild leaves as it is."""
    called = runbook.database_elsewhere
    if called and "database" in runbook.sources:
        confirmed = f"-e {shlex.quote(f'rebuild_database_confirm={called}')}"
        yield Step(words.say("runbook_server_database", database=called), confirmed)


def _reached(contact: Contact) -> str:
    return f"({contact.name}: {contact.channels[0].text})"


def _elsewhere(runbook: Runbook) -> Iterator[str]:
    """Yield what names each repository but the first, by its place in the inventory: so no secret is typed."""
    for number in range(1, len(runbook.repositories)):
        yield f"""-e '{{"restore_repository": "{{{{ chatbot_stack.repositories[{number}] }}}}"}}'"""


def _repositories(runbook: Runbook, words: Words) -> Iterator[Repository]:
    for number, (given, holding) in enumerate(zip(runbook.repositories, runbook.holdings), start=1):
        newest = holding.newest
        found = reach(given, runbook.stack, newest.set_id if newest else None, PAGES[words.language])
        notes = {"local": words.say("runbook_on_host", host=runbook.host), "s3": words.say("runbook_bucket")}
        name = f"{found.name}: {found.where}" if found.name else found.where
        holds = words.say("runbook_set", set_id=newest.set_id) if newest else words.say("runbook_set_none")
        note = notes.get(found.kind, words.say("runbook_restic"))
        yield Repository(str(number), name, note, _state(holding), holds, found.command)


def _state(holding: Holding) -> str:
    return "bad" if holding.newest is None else "plain"


def _key_name(name: str, words: Words) -> str:
    key = f"runbook_key_{name}"
    return words.say(key) if words.known(key) else opening(name.replace("_", " "))


def _person(contact: Contact, words: Words) -> Person:
    key = f"runbook_role_{contact.role.lower()}"
    role = words.say(key) if words.known(key) else contact.role
    channels = tuple((each.kind, each.text, each.href) for each in contact.channels)
    return Person(contact.name, role, channels, contact.hours, contact.contract)
