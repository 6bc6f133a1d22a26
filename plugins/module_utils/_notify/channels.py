# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channels: email, Slack, Telegram and a webhook of one's own. Each sends one notice, or says why it could not."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    Clock,
    HttpClient,
    Refusal,
    Service,
    service_token,
    service_url,
)
from ansible_collections.chatbot.ops.plugins.module_utils._notify.smtp import MailSettings, send_mail
from ansible_collections.chatbot.ops.plugins.module_utils._notify.split import messages
from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice

TELEGRAM_URL = "https://api.telegram.org"
# Slack cuts a text at 40,000 characters and asks for 4,000; Telegram refuses more than 4,096 (UTF-16 units).
_SLACK_LENGTH, _TELEGRAM_LENGTH = 4000, 4096
_TOO_MANY = 429
_PATIENCE = 60.0


class Channel(ABC):
    """A way to people. ``name`` stands in what is told of it."""

    name = ""

    def takes(self, notice: Notice) -> bool:
        """Tell whether it can bring ``notice`` to its readers. By default, only what is for everybody."""
        return not notice.people

    @abstractmethod
    def send(self, notice: Notice) -> str:
        """Bring ``notice`` to its readers, and return what went wrong though some of them got it.

        :raises OpsError: if nobody got it, with what to do.
        """


class Email(Channel):
    """Letters: to the fixed recipients, and to contacts."""

    name = "email"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def has_recipients(self) -> bool:
        """Whether somebody gets what is for everybody."""
        return bool(self._settings.recipients)

    def takes(self, notice: Notice) -> bool:
        return bool(notice.emails) if notice.people else self.has_recipients

    def send(self, notice: Notice) -> str:
        recipients = notice.emails if notice.people else self._settings.recipients
        return send_mail(self._settings, recipients, notice.subject, notice.text)


class Slack(Channel):
    """An incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat).

    Not by community.general.slack: it knows Slack's own address alone. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """

    name = "slack"

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self._http = _client("slack.webhook_url", url, "https://hooks.slack.com/services/T000/B000/XXXX", clock)

    def send(self, notice: Notice) -> str:
        for text in messages(notice, _SLACK_LENGTH, lambda text: len(_escaped(text))):
            self._http.send(Call("POST", "", "post to Slack", {"text": _escaped(text)}))
        return ""


def _escaped(text: str) -> str:
    """Return ``text`` without the three characters that Slack takes for its own."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, entity)
    return text


class Telegram(Channel):
    """A bot of Telegram. https://core.telegram.org/bots/api#sendmessage"""

    name = "telegram"

    def __init__(self, token: str, chats: Sequence[str], url: str, clock: Clock | None = None) -> None:
        token = service_token("telegram.token", token, "Ask @BotFather for one.")
        address = service_url("telegram.api_url", url, TELEGRAM_URL)
        service = Service(f"{address}/bot{token}", secrets=(token,), patience=_PATIENCE, option="telegram.api_url")
        self._http, self._chats = HttpClient(service, _refusal, clock), chats

    def send(self, notice: Notice) -> str:
        texts = messages(notice, _TELEGRAM_LENGTH, lambda text: len(text.encode("utf-16-le")) // 2)
        problems: list[OpsError] = []
        for chat in self._chats:
            try:
                for text in texts:
                    body = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
                    self._http.send(Call("POST", "/sendMessage", f"write to the chat {chat} of Telegram", body))
            except OpsError as error:
                problems.append(error)
        if len(problems) == len(self._chats):
            raise problems[0]
        return " ".join(each.message for each in problems)


class Webhook(Channel):
    """An address of one's own that gets the notice as JSON."""

    name = "webhook"

    def __init__(
        self, url: str, headers: Mapping[str, str], ca_file: str | None = None, clock: Clock | None = None
    ) -> None:
        self._http = _client("webhook.url", url, "https://alerts.example.com/hook", clock, headers, ca_file)

    def send(self, notice: Notice) -> str:
        self._http.send(Call("POST", "", "call the webhook", notice.document))
        return ""


@dataclass(frozen=True)
class Delivery:
    """What became of one notice: by which channels it arrived, and what each of them, or of the others, says."""

    through: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


def deliver(notice: Notice, channels: Sequence[Channel]) -> Delivery:
    """Send ``notice`` by each channel that takes it; one that fails hinders no other."""
    through, problems = [], {}
    for channel in channels:
        if not channel.takes(notice):
            continue
        try:
            problem = channel.send(notice)
        except OpsError as error:
            problems[channel.name] = error.message
            continue
        through.append(channel.name)
        if problem:
            problems[channel.name] = problem
    return Delivery(tuple(through), problems)


def _client(
    name: str,
    url: str,
    example: str,
    clock: Clock | None,
    headers: Mapping[str, str] | None = None,
    ca_file: str | None = None,
) -> HttpClient:
    """Return a client of a webhook, whose path is a secret."""
    try:
        address = service_url(name, url, example)
    except RefusedError as error:
        # It would repeat the address.
        raise RefusedError(
            f"Parameter {name} is no address of a server, or sends it unencrypted. Write it as {example}."
        ) from error
    path = urlsplit(address).path.strip("/")
    secrets = tuple(each for each in (path, *(headers or {}).values()) if each)
    service = Service(address, headers or {}, secrets, patience=_PATIENCE, ca_path=ca_file, option=name)
    return HttpClient(service, _refusal, clock)


def _refusal(call: Call, answer: Answer) -> Refusal:
    said = " ".join(_said(answer).split())[:200]
    words = f" ({said})" if said else ""
    text = f"Failed to {call.what}: HTTP {answer.status}{words}"
    details: dict[str, Any] = {"status_code": answer.status}
    if answer.status == _TOO_MANY:
        return Refusal(ToolError(f"{text}: too many messages; it was tried again in vain.", **details), THROTTLED)
    if answer.status >= 500:
        return Refusal(ToolError(f"{text}: the service itself failed.", **details), FAILED)
    advice = "the address, the token or the chat is wrong or was revoked; make a new one"
    return Refusal(RefusedError(f"{text}: {advice}.", **details), FINAL)


def _said(answer: Answer) -> str:
    """Telegram answers ``{"ok": false, "description": …}``, Slack a word."""
    document = answer.document()
    if isinstance(document, Mapping):
        return str(document.get("description") or document.get("message") or "")
    return answer.body[:500].decode("utf-8", "replace")
