# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server on 127.0.0.1 (aiosmtpd): it keeps what it takes, over TLS with a certificate of the tests' authority."""

from __future__ import annotations

import socket
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.certificates import Authority
from tests.support.running import Running

USER, PASSWORD = "alerts@example.com", "p4ssword-of-the-test"
#: Whom it takes no mail for.
UNKNOWN = "nobody@example.com"


class MailServer(Running):
    """The server. ``encryption``: starttls (a login without it is refused), tls, or none."""

    def __init__(self, folder: Path, encryption: str = "starttls") -> None:
        Authority(folder).issue("mail", ["localhost"])
        self.ca_file = folder / "ca.crt"
        self._closed = False
        self.letters: list[tuple[list[str], EmailMessage]] = []
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "mail.crt", folder / "mail.key")
        more: dict[str, Any] = {"authenticator": self._authenticate, "auth_required": True}
        if encryption == "starttls":
            more |= {"tls_context": context, "require_starttls": True}
        elif encryption == "tls":
            more |= {"ssl_context": context, "auth_required": False, "auth_require_tls": False}
        else:
            more = {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **more)

    def start(self) -> None:
        self._controller.start()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._controller.stop(no_assert=True)

    def options(self, **more: Any) -> dict[str, Any]:
        """The module's option ``email`` that leads here."""
        login = {"username": USER, "password": PASSWORD, "ca_file": str(self.ca_file)}
        return {"host": "127.0.0.1", "port": self.port, "sender": USER, **login, **more}

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address == UNKNOWN:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope.rcpt_tos, letter))
        return "250 OK"

    @staticmethod
    def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _kind: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)
