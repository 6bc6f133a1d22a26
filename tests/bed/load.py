# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers who write to the bot: WhatsApp-like webhooks through nginx, n8n and the API into the database.

    python -m tests.bed.load [--rate 5] [--seconds 30] [--threads 8] [--record FILE]

Each message has an id of its own, and each answer is kept. So it can be told afterwards which of the messages that were
acknowledged, and which the sender therefore never sends again, are missing in a database.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import ssl
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from tests.bed.process import BedError
from tests.bed.services import resolve
from tests.bed.site import ADDRESSES, BOT, SERVERS, Site

PATH = "/webhook/inbound"
#: Seconds after which a sender gives a message up as not acknowledged.
PATIENCE = 10.0


@dataclass(frozen=True)
class Outcome:
    """What became of one message."""

    id: str
    sent_at: float
    """When it was sent (`time.time()`)."""
    seconds: float
    """How long the answer took to come, or the failure to show."""
    failure: str
    """Empty if the API acknowledged this very message; else what came instead."""


@dataclass(frozen=True)
class Account:
    """A load's messages, compared with those of a database."""

    acknowledged: int
    failed: int
    missing: frozenset[str]
    """Ids that were acknowledged and are not in the database: lost messages."""
    unacknowledged: int
    """How many are in the database though their sender got no acknowledgement: he may send them again."""
    median_seconds: float
    slowest_seconds: float
    longest_outage: float
    """The longest time between two acknowledged messages that has a failure in it, in seconds."""


class Load:
    """Senders in threads of their own; use it as a context manager.

    :param port: tells the port of 127.0.0.1 to send to, asked for each message.
    :param authority: the certificate that the bot's must be signed by.
    :param rate: messages a second, of all senders together; less, if the answers take longer than they allow.
    :param record: a file that takes each outcome at once as a line of JSON, so that it outlives this process.
    """

    def __init__(
        self,
        port: Callable[[], int],
        authority: Path,
        *,
        rate: float = 5.0,
        threads: int = 8,
        record: Path | None = None,
    ) -> None:
        self.outcomes: list[Outcome] = []
        self._port = port
        self._context = ssl.create_default_context(cafile=str(authority))
        self._interval = 1 / rate
        self._due = 0.0
        self._number = 0
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._record = record
        self._threads = [threading.Thread(target=self._send_until_end, daemon=True) for _number in range(threads)]

    def __enter__(self) -> Load:
        self._due = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Sends nothing more, and returns when the last answer has come."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def failures(self) -> list[Outcome]:
        """The messages so far that were not acknowledged."""
        return [each for each in self.outcomes if each.failure]

    def account(self, ids: Collection[str]) -> Account:
        """Compares the messages so far with the ids of those in a database, read after the last one was sent."""
        return account(list(self.outcomes), ids)

    def _send_until_end(self) -> None:
        while True:
            with self._lock:
                due, number = self._due, self._number
                # After a slow time the rhythm starts anew: no burst to catch up.
                self._due = max(due, time.monotonic()) + self._interval
                self._number += 1
            if self._end.wait(max(0.0, due - time.monotonic())):
                return
            outcome = self._send(number)
            with self._lock:
                self.outcomes.append(outcome)
                if self._record:
                    with open(self._record, "a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(outcome)) + "\n")

    def _send(self, number: int) -> Outcome:
        message_id, sent_at, began = str(uuid.uuid4()), time.time(), time.monotonic()
        try:
            failure = self._failure(message_id, number)
        except (OSError, http.client.HTTPException, ValueError, BedError) as error:
            failure = f"{type(error).__name__}: {error}"
        return Outcome(message_id, sent_at, time.monotonic() - began, failure)

    def _failure(self, message_id: str, number: int) -> str:
        connection = _Connection(self._port(), self._context)
        try:
            body = json.dumps(_webhook(message_id, number))
            connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            return f"HTTP {answer.status}"
        acknowledged = json.loads(text)
        # A 200 alone is n8n's: only the API's word, with this message's id, says that it is in the database.
        named = acknowledged.get("id") if isinstance(acknowledged, dict) else None
        return "" if named == message_id else f"acknowledged is {str(acknowledged)[:80]}"


class _Connection(http.client.HTTPSConnection):
    """A connection to 127.0.0.1 on which the server must prove to be the bot."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        super().__init__(BOT, port, timeout=PATIENCE, context=context)
        self._bot_context = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        try:
            self.sock = self._bot_context.wrap_socket(plain, server_hostname=BOT)
        except BaseException:
            plain.close()
            raise


def account(outcomes: Collection[Outcome], ids: Collection[str]) -> Account:
    """Compares a load's outcomes with the ids of the messages in a database."""
    acknowledged = [each for each in outcomes if not each.failure]
    failed = [each for each in outcomes if each.failure]
    held = frozenset(ids)
    seconds = [each.seconds for each in acknowledged]
    return Account(
        acknowledged=len(acknowledged),
        failed=len(failed),
        missing=frozenset(each.id for each in acknowledged) - held,
        unacknowledged=len(held & {each.id for each in failed}),
        median_seconds=statistics.median(seconds) if seconds else 0.0,
        slowest_seconds=max(seconds, default=0.0),
        longest_outage=_longest_outage(outcomes),
    )


def port_by_name(site: Site) -> Callable[[], int]:
    """Finds the server as customers do: the name server says which of them the bot's name leads to, each time anew."""
    servers = {ADDRESSES[name]: site.ports[f"{name}-https"] for name in SERVERS}

    def port() -> int:
        address = resolve(site, BOT)
        if address not in servers:
            raise BedError(f"{BOT} leads to {address}, which is none of the bed's servers")
        return servers[address]

    return port


def _longest_outage(outcomes: Collection[Outcome]) -> float:
    longest, last_good, broken = 0.0, None, False
    for each in sorted(outcomes, key=lambda outcome: outcome.sent_at):
        if each.failure:
            broken = True
            continue
        if broken and last_good is not None:
            longest = max(longest, each.sent_at - last_good)
        last_good, broken = each.sent_at, False
    return longest


def _webhook(message_id: str, number: int) -> dict[str, object]:
    """A message as WhatsApp's Cloud API delivers it, as far as the stack reads it."""
    message = {
        "from": f"+5730{number % 100_000_000:08}",
        "id": message_id,
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": f"Quiero el número {number:05} «por favor» 🎟"},
    }
    value = {"messaging_product": "whatsapp", "messages": [message]}
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}


def main() -> int:
    """Send for a while, compare with the production server's database, and return 0 if nothing is missing."""
    from tests.bed.bed import Bed
    from tests.bed.stack import message_ids

    parser = argparse.ArgumentParser(prog="python -m tests.bed.load")
    parser.add_argument("--rate", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--record", type=Path)
    options = parser.parse_args()
    bed = Bed()
    port, authority = port_by_name(bed.site), bed.site.authority
    with Load(port, authority, rate=options.rate, threads=options.threads, record=options.record) as load:
        time.sleep(options.seconds)
    result = load.account(message_ids(bed.production))
    print(json.dumps({**asdict(result), "missing": sorted(result.missing)}, indent=2))
    failures = sorted({each.failure for each in load.failures()})
    print("\n".join(failures))
    return 1 if result.missing or not result.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
