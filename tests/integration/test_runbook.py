# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook as a user gets it: here, beside the sets, and followed to the letter."""

from __future__ import annotations

import html
import json
import pathlib
import re
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

from tests.support.age_keys import age_pair
from tests.support.playbooks import Playbooks
from tests.support.restic_store import PASSWORD, ResticStore
from tests.support.stack import STACK, SampleStack

PAGES = {"RUNBOOK.html", "RUNBOOK.md", "EMERGENCIA.html", "EMERGENCIA.md"}
CONTACTS = [
    {"name": "Hospedaje Sol", "role": "hosting", "phone": "+52 55 1234 5678", "contract": "K-471", "escalation": 2},
    {"name": "Ana Ruiz", "role": "developer", "phone": "+52 55 8765 4321", "email": "ana@example.com", "escalation": 1},
    {"name": "Nube 360", "role": "whatsapp", "url": "https://example.com/help"},
]
KEYS = {"identity": "1Password, vault Ops; paper copy in the safe", "vault": "1Password, vault Ops"}
FILLED = {"runbook_contacts": CONTACTS, "runbook_keys": KEYS}


@pytest.fixture
def playbooks(stack: SampleStack, tmp_path: pathlib.Path) -> Playbooks:
    return Playbooks(stack, tmp_path)


def extra(**variables: Any) -> list[str]:
    return ["-e", json.dumps(variables)]


def beside(stack: SampleStack) -> dict[str, bytes]:
    """What lies beside the only set, but for its recovery pages."""
    (folder,) = (stack.backups / STACK / "sets").iterdir()
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("REC")}


def test_it_is_written_once_and_tells_what_is_not_filled_in(playbooks: Playbooks, stack: SampleStack) -> None:
    assert playbooks.play("backup_stack", *extra(backup_runbook=False)).exit_status == 0
    assert beside(stack) == {}
    checked = playbooks.play("write_runbook", "--check")
    assert (checked.exit_status, beside(stack), playbooks.reports.exists()) == (0, {}, False), checked.output
    first = playbooks.play("write_runbook")
    assert first.exit_status == 0, first.output
    assert "Not filled in: whom to call. Set chatbot_stack.contacts" in " ".join(first.output.split())
    page = (playbooks.reports / f"runbook-{STACK}.es.html").read_text("utf-8")
    assert "Falta por rellenar: a quién llamar. Ponga chatbot_stack.contacts" in page
    assert {name: content.decode() for name, content in beside(stack).items()} == {
        f"{name}.{kind}": (playbooks.reports / f"runbook-{STACK}.{language}.{kind}").read_text("utf-8")
        for name, language in (("RUNBOOK", "en"), ("EMERGENCIA", "es"))
        for kind in ("html", "md")
    }
    assert playbooks.play("write_runbook").changed == 0
    filled = playbooks.play("write_runbook", *extra(**FILLED))
    assert filled.exit_status == 0, filled.output
    assert "Not filled in" not in filled.output
    text = beside(stack)["EMERGENCIA.md"].decode()
    assert text.index("Ana Ruiz") < text.index("Hospedaje Sol", text.index("A quién llamar")) < text.index("Nube 360")


def test_a_backup_brings_it_encrypted_and_no_secret_is_in_it(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ana = age_pair(tmp_path / "ana.txt")
    store = ResticStore.made(tmp_path / "restic")
    (tmp_path / "other").mkdir()
    repositories = [{"path": str(stack.backups)}, store.parameters(), {"path": str(tmp_path / "other")}]
    done = playbooks.play(
        "backup_stack",
        *extra(**FILLED, backup_recipients=[ana.recipient], backup_repositories=repositories, backup_min_copies=3),
    )
    assert (done.exit_status, "ATTENTION" in done.output) == (0, False), done.output
    assert set(beside(stack)) == {f"{name}.age" for name in PAGES}
    decrypt = [find_program("age"), "--decrypt", "--identity", str(ana.path)]
    pages = {
        name: subprocess.run(decrypt, input=content, capture_output=True, check=True).stdout.decode()
        for name, content in beside(stack).items()
    }
    login = stack.server.connection()
    for text in pages.values():
        assert "+52 55 8765 4321" in text
        secrets = [PASSWORD, ana.text.splitlines()[-1], str(login["password"])]
        assert not [each for each in secrets if each in text]
    assert not [name for name, content in beside(stack).items() if b"Ana Ruiz" in content]
    # restic encrypts by itself; there the page of the recovery page's command is asked for with that program alone.
    assert set(store.names()) >= PAGES
    command = re.search(r"restic --repo [^`]*?RECOVERY\.md$", pages["RUNBOOK.md.age"], re.MULTILINE)
    assert command is not None
    words = [find_program("restic"), *shlex.split(command[0])[1:]]
    shown = subprocess.run(words, env=store.environment, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(f"# Recovery of {STACK}")


def inventory_of_two(stack: SampleStack, folder: pathlib.Path, other: pathlib.Path) -> list[str]:
    """The demo's inventory, and one that names two repositories."""
    login = stack.server.connection()
    facts = {
        "name": STACK,
        "sources": ["database", "n8n"],
        "repositories": [{"path": str(stack.backups)}, {"path": str(other)}],
        "n8n": {"path": str(stack.n8n)},
        "database": {
            "host": "127.0.0.1",
            "port": stack.server.port,
            "name": stack.database,
            "user": login["user"],
            "bin_dir": str(stack.server.bin_dir),
        },
    }
    path = folder / "two.yml"
    path.write_text(json.dumps({"chatbot_stacks": {"hosts": {"demo": {"chatbot_stack": facts}}}}))
    return ["-i", str(path)]


def follow(playbooks: Playbooks, folder: str, command: str) -> None:
    program = playbooks.command("")[0]
    followed = subprocess.run(
        ["sh", "-c", command.replace("ansible-playbook", shlex.quote(program), 1)],
        env=playbooks.environment(),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert followed.returncode == 0, followed.stdout + followed.stderr


def test_the_commands_of_the_page_bring_the_stack_back(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    """From the second repository, too, by the words for the case that the first one is gone."""
    other = tmp_path / "other"
    other.mkdir()
    two = inventory_of_two(stack, tmp_path, other)
    assert playbooks.play("backup_stack", *two).exit_status == 0
    written = playbooks.play("write_runbook", *two, *extra(runbook_options="--diff"))
    assert written.exit_status == 0, written.output
    page = (playbooks.reports / f"runbook-{STACK}.en.html").read_text("utf-8")
    commands = [html.unescape(each) for each in re.findall(r'<code class="command">(.*?)</code>', page, re.DOTALL)]
    folder = re.search(r"the machine with Ansible, in ([^,]+),", page)
    assert folder is not None
    database, n8n = [each for each in commands if "chatbot.ops.restore_" in each]
    (elsewhere,) = [each for each in commands if "restore_repository" in each]
    (shown,) = [each for each in commands if each.startswith("less ") and str(other) in each]
    assert pathlib.Path(shlex.split(shown)[1]).read_text("utf-8").startswith("# Recovery of")
    before = stack.folder_digest(), stack.database_digest()
    shutil.rmtree(stack.n8n)
    stack.server.psql("DROP TABLE system_logs CASCADE", stack.database)
    follow(playbooks, html.unescape(folder[1]), database)
    shutil.rmtree(stack.backups)
    follow(playbooks, html.unescape(folder[1]), f"{n8n} {elsewhere}")
    assert (stack.folder_digest(), stack.database_digest()) == before


def test_a_contact_that_cannot_be_called_stops_the_page_and_no_backup(playbooks: Playbooks) -> None:
    wrong = extra(runbook_contacts=[{"name": "Ana", "telephone": "1"}])
    refused = playbooks.play("write_runbook", *wrong)
    assert refused.exit_status != 0
    assert "telephone, which is no field of a contact" in " ".join(refused.output.split())
    done = playbooks.play("backup_stack", *wrong)
    assert done.exit_status == 0, done.output
    assert "ATTENTION: the runbook is not beside the set" in done.output
    assert "telephone, which is no field" in " ".join(done.output.split())


@pytest.mark.thorough
def test_it_tells_of_the_last_rehearsals(playbooks: Playbooks) -> None:
    for _number in range(2):
        assert playbooks.play("rehearse_recovery", *extra(rehearsal_mode="scratch")).exit_status == 0
    reports = sorted(playbooks.reports.glob("rehearsal-*.html"))
    assert ["Hasta ahora" in each.read_text("utf-8") for each in reports] == [False, True]
    record = json.loads(max(playbooks.reports.glob("rehearsal-*.json")).read_text("utf-8"))
    assert playbooks.play("write_runbook").exit_status == 0
    page = (playbooks.reports / f"runbook-{STACK}.en.md").read_text("utf-8")
    assert "2 of the last 2 rehearsals met both objectives" in page
    assert f"rehearsed {record['ended'][8:10].lstrip('0')} " in page
