# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as people read it: a subject and a plain text, and the same as a document for programs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import Person, to_call
from ansible_collections.chatbot.ops.plugins.module_utils._notify.policy import Item, Message
from ansible_collections.chatbot.ops.plugins.module_utils._notify.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_MOST_EVIDENCE = 3
_LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Notice:
    """What goes out. ``emails`` are its readers' addresses; none: everybody on all channels.

    ``more`` says that so many paragraphs of the text are left out, where a channel takes no more.
    """

    subject: str
    text: str
    document: dict[str, Any] = field(default_factory=dict)
    emails: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    more: Callable[[int], str] = str


class Writer:
    """Writes in ``language``, with the times of ``zone``, about ``stack``; ``people`` are those who may be called."""

    def __init__(self, stack: str, language: str, zone: tzinfo, people: Sequence[Person]) -> None:
        self._stack, self._zone, self._people = stack, zone, people
        self.words = Words(language, TEXTS)

    def write(self, message: Message, now: datetime) -> Notice:
        """Return what is sent of ``message`` at ``now``."""
        items = sorted(message.items, key=lambda each: -STATES.index(each.status))
        subject = self._subject(message, items, now)
        paragraphs = [self._paragraph(each) for each in items]
        if message.kind == "digest":
            paragraphs.insert(0, self._figures(message))
        if message.kind == "test":
            paragraphs.insert(0, self.words.say("test_body"))
        if message.kind == "alert" and message.status == "critical":
            # First: the rest may be long.
            paragraphs.insert(0, self._call(now))
        paragraphs.append(self.words.say("foot", stack=self._stack, instant=self._instant(now)))
        text = plain("\n\n".join(each for each in paragraphs if each))
        emails = tuple(email for each in self._people if each.name in message.people for email in each.emails)
        document = self._document(message, items, subject, text, now)
        return Notice(subject, text, document, emails, message.people, lambda n: self.words.count("more", n))

    def _subject(self, message: Message, items: Sequence[Item], now: datetime) -> str:
        if message.kind == "test":
            what = self.words.say("test")
        elif message.kind == "digest":
            count = self.words.count("n_open", len(items)) if items else self.words.say("all_fine")
            what = self.words.say("digest", date=self._date(now), what=count)
        else:
            what = self._line(items[0]).rstrip(".") if items else ""
            if len(items) > 1:
                what = self.words.count("subject_more", len(items) - 1, what=what)
        # One line, whatever a summary holds.
        return plain(" ".join(self.words.say("subject", stack=self._stack, what=what).split()))[:_LONGEST_SUBJECT]

    def _line(self, item: Item) -> str:
        kind = "reminder_flapping" if item.kind == "reminder" and item.alarm.flapping else item.kind
        return self.words.say(
            kind,
            status=self.words.say(item.alarm.status),
            was=self.words.say(item.was),
            since=self._instant(item.alarm.since),
            seen=self._instant(item.alarm.seen),
            summary=" ".join(item.alarm.summary.split()),
        )

    def _paragraph(self, item: Item) -> str:
        lines = [self._line(item)]
        if item.kind not in ("recovered", "gone"):
            lines += [self.words.say("evidence", line=each) for each in item.evidence[:_MOST_EVIDENCE]]
            if item.alarm.advice:
                lines.append(self.words.say("advice", advice=item.alarm.advice))
        if item.people:
            lines.append(self.words.say("told", people=self.words.listed(list(item.people))))
        return "\n".join([*lines, self.words.say("check", id=item.alarm.id)])

    def _figures(self, message: Message) -> str:
        return self.words.say(
            "figures",
            fine=self.words.count("n_fine", message.fine),
            raised=self.words.count("n_raised", message.raised),
            recovered=self.words.count("n_recovered", message.recovered),
        )

    def _call(self, now: datetime) -> str:
        people = to_call(self._people, now.astimezone(self._zone))
        lines = [
            f"{n}. {each.name}{f' ({each.role})' if each.role else ''}: {', '.join(each.calls)}"
            for n, each in enumerate(people, start=1)
        ]
        return "\n".join([self.words.say("call"), *lines]) if lines else ""

    def _document(
        self, message: Message, items: Sequence[Item], subject: str, text: str, now: datetime
    ) -> dict[str, Any]:
        return {
            "version": 1,
            "stack": self._stack,
            "at": to_iso(now),
            "kind": message.kind,
            "status": message.status,
            "subject": subject,
            "text": text,
            "items": [
                {
                    "kind": each.kind,
                    "id": each.alarm.id,
                    "component": each.alarm.component,
                    "status": each.status,
                    "was": each.was,
                    "since": to_iso(each.alarm.since),
                    "summary": each.alarm.summary,
                    "advice": each.alarm.advice,
                    "evidence": list(each.evidence),
                    "people": list(each.people),
                }
                for each in items
            ],
        }

    def _instant(self, instant: datetime) -> str:
        local = instant.astimezone(self._zone)
        return f"{self._date(instant)}, {local:%H:%M} {local.tzname() or ''}".rstrip()

    def _date(self, instant: datetime) -> str:
        # Its day where the readers are: Words knows UTC alone.
        local = instant.astimezone(self._zone)
        return self.words.date(local.replace(tzinfo=timezone.utc))
