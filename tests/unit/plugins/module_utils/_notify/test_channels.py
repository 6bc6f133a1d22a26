# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The channels, against a mail server and against servers that take what Slack and Telegram take."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._notify.channels import (
    Channel,
    Slack,
    Telegram,
    Webhook,
    deliver,
)
from ansible_collections.chatbot.ops.plugins.module_utils._notify.smtp import MailSettings, send_mail
from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice

from tests.support.chat_api import CHAT, SLACK_PATH, TELEGRAM_TOKEN, WEBHOOK_HEADERS, WEBHOOK_PATH, ChatApi
from tests.support.fast_clock import FastClock
from tests.support.mail_server import PASSWORD, UNKNOWN, USER, MailServer

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "stack": "lottery",
    "at": "2026-11-25T03:15:00.000000Z",
    "kind": "alert",
    "status": "critical",
    "subject": "Uno <dos>",
    "text": "Tres & cuatro",
    "items": [],
}
NOTICE = Notice("Uno <dos>", "Tres & cuatro, mañana.", DOCUMENT)
TO_ANA = Notice("Uno", "Tres", DOCUMENT, ("ana@example.com",), ("Ana",))


@pytest.fixture
def api() -> Iterator[ChatApi]:
    with ChatApi() as running:
        yield running
    assert running.violations == []


def channels(api: ChatApi) -> list[Channel]:
    clock = FastClock().clock()
    return [
        Slack(api.url + SLACK_PATH, clock),
        Telegram(TELEGRAM_TOKEN, [CHAT], api.url, clock),
        Webhook(api.url + WEBHOOK_PATH, WEBHOOK_HEADERS, clock=clock),
    ]


class TestChats:
    def test_each_gets_its_form(self, api: ChatApi) -> None:
        delivery = deliver(NOTICE, channels(api))
        assert (delivery.through, delivery.problems) == (("slack", "telegram", "webhook"), {})
        assert api.texts("slack") == ["Uno &lt;dos&gt;\n\nTres &amp; cuatro, mañana."]
        assert api.texts("telegram") == ["Uno <dos>\n\nTres & cuatro, mañana."]
        assert api.received[2] == ("webhook", DOCUMENT)

    def test_what_is_for_a_contact_is_none_of_theirs(self, api: ChatApi) -> None:
        assert deliver(TO_ANA, channels(api)).through == ()
        assert api.received == []

    def test_a_long_text_comes_in_several_messages_each_of_which_is_taken(self, api: ChatApi) -> None:
        # Of each character, Slack gets five, and Telegram counts two.
        text = "\n\n".join(f"{number}: {'&🎲' * 500}" for number in range(1, 6))
        assert deliver(Notice("Uno", text, DOCUMENT), channels(api)).problems == {}
        slack = [each.replace("&amp;", "&") for each in api.texts("slack")]
        assert [len(each) for each in api.texts("telegram")] == [2019, 2019, 1014]
        for sent in (slack, api.texts("telegram")):
            heads, bodies = zip(*(each.split("\n\n", 1) for each in sent), strict=True)
            assert heads == tuple(f"Uno ({number}/{len(sent)})" for number in range(1, len(sent) + 1))
            assert "\n\n".join(bodies) == text

    def test_one_that_fails_hinders_no_other(self, api: ChatApi) -> None:
        api.refusals["slack"] = [(404, {}, b"no_service")]
        delivery = deliver(NOTICE, channels(api))
        assert delivery.through == ("telegram", "webhook")
        assert "post to Slack: HTTP 404 (no_service)" in delivery.problems["slack"]
        assert "make a new one" in delivery.problems["slack"]

    @pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {}])
    def test_too_many_is_waited_for(self, api: ChatApi, headers: dict[str, str]) -> None:
        api.refusals["slack"] = [(429, headers, b"rate_limited")]
        time = FastClock()
        Slack(api.url + SLACK_PATH, time.clock()).send(NOTICE)
        assert len(time.pauses) == 1
        assert not headers or time.pauses == [7.0]
        assert len(api.texts("slack")) == 1

    def test_too_many_for_too_long(self, api: ChatApi) -> None:
        api.refusals["slack"] = [(429, {"Retry-After": "3600"}, b"")]
        with pytest.raises(ToolError, match="HTTP 429: too many messages"):
            Slack(api.url + SLACK_PATH, FastClock().clock()).send(NOTICE)

    def test_a_failure_is_not_repeated_since_it_may_have_been_taken(self, api: ChatApi) -> None:
        api.refusals["webhook"] = [(500, {}, b'{"message": "sorry"}')]
        with pytest.raises(ToolError, match=r"HTTP 500 \(sorry\): the service itself failed"):
            channels(api)[2].send(NOTICE)
        assert api.received == []

    def test_a_chat_that_is_not_there_hinders_no_other(self, api: ChatApi) -> None:
        both = Telegram(TELEGRAM_TOKEN, ["-1", CHAT], api.url)
        assert "chat -1 of Telegram: HTTP 400 (Bad Request: chat not found)" in both.send(NOTICE)
        assert len(api.received) == 1
        with pytest.raises(RefusedError, match="chat not found"):
            Telegram(TELEGRAM_TOKEN, ["-1"], api.url).send(NOTICE)

    def test_no_message_holds_a_secret(self, api: ChatApi) -> None:
        wrong = "110201543:wrong-token"
        for channel in (
            Telegram(wrong, [CHAT], api.url),
            Slack(f"{api.url}/services/T0/B0/wrong-path"),
            Webhook(api.url + WEBHOOK_PATH, {"X-Secret": "wrong-header"}),
            Slack("https://127.0.0.1:1/services/wrong-path", FastClock().clock()),
        ):
            with pytest.raises(OpsError) as caught:
                channel.send(NOTICE)
            assert "wrong-" not in caught.value.message, caught.value.message
        with pytest.raises(RefusedError) as refused:
            Slack("http://example.com/wrong-path")
        assert "wrong-path" not in refused.value.message


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(tmp_path) as running:
        yield running


def settings(server: MailServer, **more: Any) -> MailSettings:
    return MailSettings(**{**server.options(), "recipients": ("ops@example.com",), **more})


class TestMail:
    @pytest.mark.parametrize("encryption", ["starttls", "tls", "none"])
    def test_a_letter_arrives(self, tmp_path: Path, encryption: str) -> None:
        with MailServer(tmp_path, encryption) as server:
            login = {} if encryption != "none" else {"username": ""}
            given = settings(server, encryption=encryption, **login)
            assert send_mail(given, ("a@example.com", "b@example.com"), "CRÍTICO: uno", "mañana\n.\nfin") == ""
        recipients, letter = server.letters[0]
        assert recipients == ["a@example.com", "b@example.com"]
        assert (letter["Subject"], letter["From"], letter["Auto-Submitted"]) == ("CRÍTICO: uno", USER, "auto-generated")
        assert letter.get_content().splitlines() == ["mañana", ".", "fin"]

    def test_a_certificate_of_nobody_knows_whom_gets_no_password(self, mail: MailServer) -> None:
        with pytest.raises(RefusedError, match=r"certificate is not to be trusted.*email\.ca_file"):
            send_mail(settings(mail, ca_file=None), ("a@example.com",), "s", "t")
        assert mail.letters == []

    def test_a_server_without_encryption_gets_none_either(self, tmp_path: Path) -> None:
        with (
            MailServer(tmp_path, "none") as server,
            pytest.raises(RefusedError, match=r"does not offer what is needed.*email\.encryption"),
        ):
            send_mail(settings(server), ("a@example.com",), "s", "t")
        assert server.letters == []

    def test_a_wrong_password(self, mail: MailServer) -> None:
        with pytest.raises(RefusedError, match=rf"refuses the login of {USER} \(535 ") as caught:
            send_mail(settings(mail, password="wr0ng"), ("a@example.com",), "s", "t")
        assert "wr0ng" not in caught.value.message

    def test_a_recipient_that_is_refused_hinders_no_other(self, mail: MailServer) -> None:
        said = send_mail(settings(mail), (UNKNOWN, "a@example.com"), "s", "t")
        assert f"takes no mail for {UNKNOWN} (550 5.1.1 No such user)" in said
        assert mail.letters[0][0] == ["a@example.com"]
        with pytest.raises(RefusedError, match=r"No such user.*Check the addresses"):
            send_mail(settings(mail), (UNKNOWN,), "s", "t")

    def test_nobody_is_there(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        given = MailSettings("127.0.0.1", USER, port)
        with pytest.raises(ToolError, match=rf"by 127\.0\.0\.1:{port}: .*refused.*Check email\.host"):
            send_mail(given, ("a@example.com",), "s", "t")

    def test_a_server_that_is_busy(self, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
        async def busy(*_arguments: object) -> str:
            return "451 4.3.0 Try again later"

        monkeypatch.setattr(mail, "handle_DATA", busy)
        with pytest.raises(ToolError, match=r"451 4\.3\.0 Try again later"):
            send_mail(settings(mail), ("a@example.com",), "s", "t")

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"host": "smtp.example.com", "encryption": "none"}, "only go to a server on the controller"),
            ({"host": "smtp.example.com", "sender": "root"}, "'root' is no address"),
            ({"host": "smtp.example.com", "recipients": ("a@b c",)}, "'a@b c' is no address"),
        ],
    )
    def test_what_is_refused_at_once(self, given: dict[str, Any], words: str) -> None:
        with pytest.raises(RefusedError, match=words):
            MailSettings(**{"sender": USER, **given})

    def test_the_password_is_not_shown(self) -> None:
        assert PASSWORD not in repr(MailSettings("smtp.example.com", USER, password=PASSWORD))
