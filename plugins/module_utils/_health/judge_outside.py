# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The judgement of what is outside the server: the DNS names, and a project of Supabase. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._health.judging import Judge, reason

_SHOWN = 3
_HEALTHY = "ACTIVE_HEALTHY"


def judge_dns(judge: Judge, look: Mapping[str, Any], names: Sequence[str], address: str) -> Iterator[Check]:
    """Yield the checks of the DNS names.

    :param look: what ``dns_record_info`` returned, or the result of its failure.
    :param address: where they are to point; empty if that is not known, or not to be seen from outside.
    """
    if "records" not in look:
        for name in names:
            yield judge.unknown(f"dns.{name}.address", "title_dns", look.get("msg") or "?")
        return
    for record in look["records"]:
        yield _record(judge, record, address)


def _record(judge: Judge, record: Mapping[str, Any], address: str) -> Check:
    words, identity = judge.words, f"dns.{record['name']}.address"
    answers = [*record["addresses"], *record["addresses_v6"]]
    told = words.listed(answers) or words.say("nothing")
    values = {"name": record["name"], "answers": told, "address": address}
    if record["problems"] and not answers:
        return judge.unknown(identity, "title_dns", " ".join(record["problems"]))
    evidence = [
        f"{each['server']}: {', '.join([*each['addresses'], *each['addresses_v6']]) or words.say('nothing')}"
        for each in record["answers"]
    ]
    if not answers or (address and not _points(record, address)):
        said = words.say("say_dns_elsewhere" if answers and address else "say_dns_nothing", **values)
        return judge.plain(
            *(identity, "critical", said), advice="advice_dns", evidence=evidence[:_SHOWN], address=address or "…"
        )
    if record["problems"]:
        said = words.say("say_dns_server", name=record["name"], problem=reason(" ".join(record["problems"])))
        return judge.plain(identity, "warning", said, advice="advice_dns_server")
    return judge.plain(identity, "ok", words.say("say_dns", **values))


def _points(record: Mapping[str, Any], address: str) -> bool:
    """Tell whether every server that answers does so with that address alone; IPv6 is of no concern here."""
    heard = [each for each in record["answers"] if not each["problem"]]
    return bool(heard) and all(list(each["addresses"]) == [address] for each in heard)


def judge_supabase(judge: Judge, look: Mapping[str, Any]) -> Iterator[Check]:
    """Yield the checks of a Supabase project: its health, and its managed backups.

    :param look: what ``supabase_backup_info`` returned, or the result of its failure.
    """
    words = judge.words
    if "project" not in look:
        for name in ("project", "backups"):
            yield judge.unknown(f"supabase.{name}", "title_supabase", look.get("msg") or "?")
        return
    status = str(look["project"].get("status"))
    if look["healthy"]:
        yield judge.plain("supabase.project", "ok", words.say("say_supabase", status=status))
    else:
        ill = [f"{each['name']}: {each['status']}" for each in look["services"] if each["status"] != _HEALTHY]
        said = words.say("say_supabase_ill", status=status)
        yield judge.plain("supabase.project", "critical", said, advice="advice_supabase", evidence=ill)
    age = look["age_seconds"]
    if age is None:
        said = words.say("say_supabase_no_backup")
        yield judge.plain("supabase.backups", "warning", said, advice="advice_supabase_backup", evidence=look["notes"])
        return
    said = words.say("say_supabase_backup", age=words.duration(age))
    yield judge.measured("supabase.backups", "backup_age", age, said, advice="advice_supabase_backup")
