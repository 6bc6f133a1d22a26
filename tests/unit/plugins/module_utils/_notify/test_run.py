# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's work: it remembers what it sent, and nothing that it did not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._notify.run import notify
from ansible_collections.chatbot.ops.plugins.module_utils._notify.settings import ARGUMENTS, read_job

from tests.support.chat_api import ChatApi
from tests.support.mail_server import MailServer

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANA = {"name": "Ana", "email": "ana@example.com", "alerts": "warning", "escalation": 1}


def check(status: str, name: str = "disk") -> dict[str, Any]:
    return {"id": name, "component": "host", "status": status, "summary": f"{name} is {status}"}


class Operator:
    """The controller: its folder, and servers that take messages."""

    def __init__(self, folder: Path, api: ChatApi, mail: MailServer) -> None:
        self.folder, self.api, self.mail = folder / "state", api, mail
        self.options: dict[str, Any] = api.options("slack", "webhook")

    def params(self, **more: Any) -> dict[str, Any]:
        given = {"stack": "lottery", "state_folder": str(self.folder), **self.options, **more}
        if "email" in given:
            nothing = {"username": None, "password": None, "ca_file": None}
            given["email"] = {"encryption": "starttls", "port": 587, "to": [], **nothing, **given["email"]}
        webhook = given.get("webhook")
        if webhook:
            given["webhook"] = {"ca_file": None, **webhook}
        return {**{name: spec.get("default") for name, spec in ARGUMENTS.items()}, **given}

    def run(self, *checks: dict[str, Any], hours: float = 0, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        job = read_job(self.params(checks=list(checks), **more))
        return notify(job, NOW + timedelta(hours=hours), check_mode=check_mode)

    @property
    def state(self) -> str:
        path = self.folder / "notify-lottery.json"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    with ChatApi() as api, MailServer(tmp_path) as mail:
        yield Operator(tmp_path, api, mail)
    assert api.violations == []


def test_an_alarm_is_sent_once_and_so_is_its_end(operator: Operator) -> None:
    first = operator.run(check("critical"), check("ok", "api"))
    assert first["changed"]
    assert first["messages"][0]["channels"] == ["slack", "webhook"]
    assert [each["status"] for each in first["checks"]] == ["ok", "ok"]
    assert not operator.run(check("critical"), hours=1)["changed"]
    assert len(operator.api.received) == 2
    assert operator.run(check("ok"), hours=2)["messages"][0]["status"] == "ok"
    assert len(operator.api.received) == 4
    assert oct((operator.folder / "notify-lottery.json").stat().st_mode & 0o777) == "0o600"


def test_check_mode_sends_and_keeps_nothing(operator: Operator) -> None:
    shown = operator.run(check("critical"), check_mode=True)
    assert (shown["changed"], shown["messages"][0]["channels"]) == (True, [])
    assert (operator.api.received, operator.folder.exists()) == ([], False)


def test_a_channel_that_fails_is_told_by_the_others_once(operator: Operator) -> None:
    operator.api.refusals["slack"] = [(404, {}, b"no_service")] * 3
    done = operator.run(check("critical"))
    own = done["messages"][1]
    assert own["subject"].startswith("[lottery] warning: Notifications by slack do not arrive. Failed to post to Slack")
    assert own["channels"] == ["webhook"]
    assert operator.api.texts("slack") == []
    again = operator.run(check("ok"), hours=1)
    assert [each["channels"] for each in again["messages"]] == [["webhook"]], "no second time"
    operator.api.refusals.clear()
    works = operator.run(check("critical"), hours=2)
    assert "over (was warning): Notifications by slack arrive." in works["messages"][1]["text"]
    assert works["messages"][1]["channels"] == ["slack", "webhook"]


def test_if_nothing_gets_through_it_fails_and_is_tried_again(operator: Operator) -> None:
    for name in ("slack", "webhook"):
        operator.api.refusals[name] = [(403, {}, b"forbidden")]
    with pytest.raises(
        ToolError, match=r"Nobody could be told of '.lottery. CRITICAL: disk is critical'.*HTTP 403"
    ) as e:
        operator.run(check("critical"))
    assert e.value.details["messages"] == ["[lottery] CRITICAL: disk is critical"]
    assert operator.state == ""
    assert operator.run(check("critical"), hours=1)["messages"][0]["channels"] == ["slack", "webhook"]


def test_a_digest_that_arrives_hides_no_alarm_that_does_not(operator: Operator) -> None:
    del operator.options["webhook"]
    operator.run(check("ok"), digest_at="08:00")
    operator.api.refusals["slack"] = [(403, {}, b"forbidden")]
    with pytest.raises(ToolError, match=r"Nobody could be told of '.lottery. CRITICAL: disk is critical'"):
        operator.run(check("critical"), hours=24, digest_at="08:00")
    again = operator.run(check("critical"), hours=25, digest_at="08:00")
    assert [each["kind"] for each in again["messages"]] == ["alert", "digest"]


def test_contacts_get_letters(operator: Operator) -> None:
    operator.options["email"] = operator.mail.options()
    done = operator.run(check("warning"), contacts=[ANA])
    assert [each["channels"] for each in done["messages"]] == [["slack", "webhook"], ["email"]]
    assert operator.mail.letters[0][0] == ["ana@example.com"]
    assert operator.mail.letters[0][1]["Subject"] == "[lottery] warning: disk is warning"


def test_a_test_goes_to_everybody_and_changes_nothing(operator: Operator) -> None:
    operator.options["email"] = operator.mail.options(to=["ops@example.com"])
    done = operator.run(check("critical"), test=True, contacts=[ANA])
    assert [each["channels"] for each in done["messages"]] == [["email", "slack", "webhook"], ["email"]]
    assert [each[0] for each in operator.mail.letters] == [["ops@example.com"], ["ana@example.com"]]
    assert operator.state == ""
    assert len(operator.run(test=True, check_mode=True)["messages"]) == 1
    operator.api.refusals["slack"] = [(410, {}, b"channel_is_archived")]
    with pytest.raises(ToolError, match=r"Not every channel works.*channel_is_archived"):
        operator.run(test=True)


def test_a_state_that_cannot_be_read_is_put_aside(operator: Operator) -> None:
    operator.run(check("critical"))
    (operator.folder / "notify-lottery.json").write_text("{")
    assert operator.run(check("critical"), check_mode=True)["notes"]
    assert operator.state == "{"
    done = operator.run(check("critical"))
    assert "could not be read" in done["notes"][0]
    assert done["messages"], "rather twice than never"
    assert (operator.folder / "notify-lottery.json.broken").read_text() == "{"
    assert operator.run(check("critical"))["messages"] == []


def test_a_folder_that_cannot_be_made(operator: Operator) -> None:
    operator.folder.write_text("a file")
    with pytest.raises(OpsError, match="Failed to use the folder"):
        operator.run(check("critical"))


def test_what_was_sent_and_not_remembered_is_told(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ansible_collections.chatbot.ops.plugins.module_utils._notify.run.write_file", full)
    with pytest.raises(OpsError, match=r"No space left on device\. The next run sends it again"):
        operator.run(check("critical"))
    monkeypatch.undo()
    assert operator.run(check("critical"))["messages"]


def test_two_at_the_same_time_tell_it_once(operator: Operator) -> None:
    code = (
        "import json, sys; from datetime import datetime, timezone; import conftest;"
        "from ansible_collections.chatbot.ops.plugins.module_utils._notify import run, settings;"
        "job = settings.read_job(json.load(sys.stdin));"
        "print(len(run.notify(job, datetime.now(timezone.utc), check_mode=False)['messages']))"
    )
    given = json.dumps(operator.params(checks=[check("critical")])).encode()
    both = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _each in range(2)
    ]
    counts = [each.communicate(given)[0].strip() for each in both]
    assert sorted(counts) == [b"0", b"1"]
    assert len(operator.api.texts("slack")) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"slack": None, "webhook": None}, "No channel is given"),
        ({"slack": None, "webhook": None, "email": {"host": "h", "sender": "a@b.c"}}, r"Parameter email\.to is empty"),
        ({"checks": [{"id": "a"}]}, r"number 0 \(a\) is no check result"),
        ({"flap_changes": 1}, "Give 2 or more"),
        ({"stack": "../x"}, "no name of a stack"),
        ({"time_zone": "Nowhere"}, "no time zone"),
        ({"quiet_hours": "at night"}, "Parameter quiet_hours"),
        ({"digest_at": "early"}, "Parameter digest_at"),
        ({"escalate_after": "soon"}, "not a duration"),
        ({"telegram": {"token": "x", "chats": [], "api_url": "https://x.example"}}, "telegram.chats is empty"),
        ({"telegram": {"token": "x y", "chats": ["1"], "api_url": "https://x.example"}}, "blank"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(operator: Operator, more: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        read_job(operator.params(**more))
    assert operator.api.received == []
