# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role notify, with a mail server that speaks STARTTLS, and with what takes the messages of chats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.chat_api import SLACK_PATH, TELEGRAM_TOKEN, WEBHOOK_HEADERS, WEBHOOK_PATH, ChatApi
from tests.support.mail_server import PASSWORD, USER, MailServer
from tests.support.role_play import RolePlay, play

SECRETS = (PASSWORD, TELEGRAM_TOKEN, SLACK_PATH.rpartition("/")[2], "s3cret")


class Operator:
    def __init__(self, folder: Path, api: ChatApi, mail: MailServer) -> None:
        self.folder, self.api = folder, api
        channels = {
            "email": {key: value for key, value in mail.options(to=["ops@example.com"]).items() if key != "password"},
            "telegram": {"chats": ["-1001234567890"], "api_url": api.url},
        }
        contact = {"name": "Ana Ruiz", "email": "ana@example.com", "phone": "+52 55 1234 5678", "alerts": "critical"}
        stack = {"name": "lottery", "language": "es", "contacts": [contact], "notify": {"channels": channels}}
        self.variables: dict[str, Any] = {
            "chatbot_stack": stack,
            "notify_state_folder": str(folder / "state"),
            "notify_email_password": PASSWORD,
            "notify_telegram_token": TELEGRAM_TOKEN,
            "notify_slack_webhook_url": api.url + SLACK_PATH,
            "notify_webhook_url": api.url + WEBHOOK_PATH,
            "notify_webhook_headers": WEBHOOK_HEADERS,
        }

    def run(self, status: str, *arguments: str, **more: Any) -> RolePlay:
        check = {"id": "disk.root", "component": "host", "status": status, "summary": "El disco está lleno."}
        tasks = [{"ansible.builtin.import_role": {"name": "chatbot.ops.notify"}}]
        variables = {**self.variables, "notify_checks": [check], **more}
        hosts = {"all": {"hosts": {"bot": {"ansible_host": "192.0.2.1"}}}}
        return play(self.folder, hosts, [{"hosts": "bot", "vars": variables, "tasks": tasks}], *arguments)


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    with MailServer(tmp_path) as running:
        yield running


@pytest.fixture
def operator(tmp_path: Path, mail: MailServer) -> Iterator[Operator]:
    with ChatApi() as api:
        yield Operator(tmp_path, api, mail)
    assert api.violations == []


def test_an_alarm_goes_by_every_channel_once_and_no_secret_is_shown(operator: Operator, mail: MailServer) -> None:
    first = operator.run("critical", "-vvv")
    assert first.exit_status == 0, first.output
    assert [each[0] for each in mail.letters] == [["ops@example.com"], ["ana@example.com"]]
    letter = mail.letters[0][1]
    assert (letter["From"], letter["Subject"]) == (USER, "[lottery] CRÍTICO: El disco está lleno")
    assert "1. Ana Ruiz: +52 55 1234 5678, ana@example.com" in letter.get_content()
    assert [name for name, _body in operator.api.received] == ["slack", "telegram", "webhook"]
    assert [each for each in SECRETS if each in first.output] == []
    again = operator.run("critical")
    assert (again.exit_status, again.changed("bot")) == (0, 0), again.output
    over = operator.run("ok")
    assert over.exit_status == 0, over.output
    assert [each[0] for each in mail.letters[2:]] == [["ops@example.com"], ["ana@example.com"]]
    state = json.loads((operator.folder / "state/notify-lottery.json").read_text())
    assert [each["told"] for each in state["alarms"]] == ["ok"]


def test_a_dead_mail_server_is_told_by_the_chats_and_nobody_at_all_is_a_failure(
    operator: Operator, mail: MailServer
) -> None:
    mail.close()
    done = operator.run("critical")
    assert done.exit_status == 0, done.output
    assert "ATTENTION: Los avisos por email no llegan" in done.text
    assert "Los avisos por email no llegan. Failed to send mail by 127.0.0.1" in operator.api.texts("slack")[1]
    alone = {"notify_slack_webhook_url": "", "notify_webhook_url": "", "notify_stack": "other"}
    channels = {"email": operator.variables["chatbot_stack"]["notify"]["channels"]["email"]}
    failed = operator.run("critical", notify_channels=channels, **alone)
    assert failed.exit_status != 0
    assert "Nobody could be told of" in failed.text


def test_a_channel_without_its_secret_is_refused(operator: Operator) -> None:
    lacks = operator.run("ok", "--check", notify_telegram_token="")
    assert "A channel of notify_channels lacks its secret" in lacks.text


def test_what_awx_removes_with_each_job_is_no_memory(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tmp_path / "job"
    job.mkdir()
    monkeypatch.setenv("PWD", str(job))
    # Elsewhere than in AWX, the folder of work stays.
    assert operator.run("ok", "--check", notify_state_folder=f"{job}/state").exit_status == 0
    refused = operator.run("critical", "--extra-vars=awx_job_id=7", notify_state_folder=f"{job}/state")
    assert refused.exit_status != 0
    assert f"AWX removes {job}/state when this job ends" in refused.text
    assert operator.api.received == []
    mounted = operator.run("ok", "--check", "--extra-vars=awx_job_id=7")
    assert mounted.exit_status == 0, mounted.output
