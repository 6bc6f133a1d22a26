# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail by SMTP, over TLS whose certificate is checked.

Not by community.general.mail (13.4): it accepts any certificate, and falls back to no encryption where the connection is
refused, so that whoever sits between gets the password.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_TIMEOUT = 30.0


@dataclass(frozen=True)
class MailSettings:
    """A server that takes mail, and who gets it when it is for everybody. ``encryption``: starttls, tls or none."""

    host: str
    sender: str
    port: int = 587
    encryption: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    recipients: tuple[str, ...] = ()
    ca_file: str | None = None
    timeout: float = _TIMEOUT

    def __post_init__(self) -> None:
        if self.encryption == "none" and self.host not in _LOOPBACK:
            raise RefusedError(
                f"Parameter email.encryption: without encryption, mail may only go to a server on the controller itself; "
                f"{self.host} is none. Set starttls (port 587) or tls (port 465)."
            )
        for each in (self.sender, *self.recipients):
            if "@" not in each or any(letter.isspace() for letter in each):
                raise RefusedError(f"Parameter email: {each!r} is no address. Write it as soporte@example.com.")


def send_mail(settings: MailSettings, recipients: Sequence[str], subject: str, text: str) -> str:
    """Send a letter, and return which of ``recipients`` the server refused while it took others.

    :raises OpsError: if the server took it for nobody, with the reason and what to do.
    """
    what = f"Failed to send mail by {settings.host}:{settings.port}"
    try:
        with _connection(settings) as server:
            if settings.username:
                server.login(settings.username, settings.password)
            refused = server.send_message(_letter(settings, recipients, subject, text))
    except smtplib.SMTPAuthenticationError as error:
        raise RefusedError(
            f"{what}: it refuses the login of {settings.username} ({_reply(error.smtp_code, error.smtp_error)}). "
            "Check email.username and email.password."
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise RefusedError(
            f"{what}: it takes no mail for {_refusals(error.recipients)}. Check the addresses."
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise RefusedError(
            f"{what}: it does not offer what is needed ({error}). Check email.port and email.encryption."
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise RefusedError(
            f"{what}: its certificate is not to be trusted ({error.verify_message}). Use the name in it as email.host, or "
            "set email.ca_file to the certificate of its authority."
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _broken(what, error) from error
    return "" if not refused else f"{settings.host} takes no mail for {_refusals(refused)}."


def _broken(what: str, error: Exception) -> OpsError:
    said = str(error)
    if isinstance(error, smtplib.SMTPResponseException):
        said = _reply(error.smtp_code, error.smtp_error)
    return ToolError(f"{what}: {said or type(error).__name__}. Check email.host, email.port and email.encryption.")


def _connection(settings: MailSettings) -> smtplib.SMTP:
    if settings.encryption == "none":
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.encryption == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _letter(settings: MailSettings, recipients: Sequence[str], subject: str, text: str) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"] = settings.sender
    letter["To"] = ", ".join(recipients)
    letter["Subject"] = subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer by a holiday notice
    # Quoted-printable: not every server takes eight bits.
    letter.set_content(text, cte="quoted-printable")
    return letter


def _refusals(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{each} ({_reply(*reply)})" for each, reply in refused.items())


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:300]
