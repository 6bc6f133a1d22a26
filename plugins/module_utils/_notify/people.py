# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is written to of alarms: the contacts of the stack that ask for it, by hours and escalation. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._notify.hours import ALWAYS, Hours, read_hours
from ansible_collections.chatbot.ops.plugins.module_utils._report.contacts import read_contacts


@dataclass(frozen=True)
class Person:
    """A contact. ``alerts`` is the least state that one is written to of; empty: never, only named as one to call."""

    name: str
    role: str = ""
    emails: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    hours: Hours = ALWAYS
    escalation: float = 1.0
    alerts: str = ""


def read_people(given: Any) -> tuple[Person, ...]:
    """Return the contacts in ``chatbot_stack.contacts``, whoever is called first before the others.

    :raises RefusedError: naming the contact, and what is wrong with it.
    """
    people = []
    for contact in read_contacts(given):
        emails = tuple(each.text for each in contact.channels if each.kind == "email")
        calls = tuple(each.text for each in contact.channels)
        if contact.alerts and not emails:
            raise RefusedError(f"Contact {contact.name} has alerts, but no email to send them to. Give it one.")
        try:
            hours = read_hours(contact.hours)
        except ValueError as error:
            if contact.alerts:
                raise RefusedError(
                    f"Contact {contact.name} has alerts, and its hours cannot be read: {error}. Write them as L-V 9-18, "
                    "Mon-Fri 9:00-18:00; Sat 9-13, or siempre."
                ) from error
            hours = ALWAYS  # words for people, who will read them
        people.append(Person(contact.name, contact.role, emails, calls, hours, contact.escalation, contact.alerts))
    return tuple(people)


def due_people(
    people: Sequence[Person], status: str, local: datetime, critical_for: timedelta, step: timedelta
) -> tuple[Person, ...]:
    """Return who should know by now of an alarm in state ``status``.

    :param local: the present time where the people are.
    :param critical_for: for how long it has been critical.
    :param step: after how long each the next ones hear of what is critical.
    """
    wanted = [each for each in people if each.alerts and STATES.index(status) >= STATES.index(each.alerts)]
    present = [each for each in wanted if each.hours.holds(local)]
    if not present and status == "critical":
        present = wanted  # better woken than not told
    orders = sorted({each.escalation for each in present})
    steps = int(critical_for / step) if status == "critical" and step else 0
    reached = orders[: steps + 1]
    return tuple(each for each in present if each.escalation in reached)


def to_call(people: Sequence[Person], local: datetime, most: int = 3) -> tuple[Person, ...]:
    """Return whom to call now, the first one first."""
    present = [each for each in people if each.hours.holds(local)]
    return tuple((present or list(people))[:most])
