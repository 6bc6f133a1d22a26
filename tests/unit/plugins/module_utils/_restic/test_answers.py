# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restic says, as recorded of 0.14, and with what newer ones (0.17, 0.18) add or write another way."""

from __future__ import annotations

import json
import stat
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import (
    Backed,
    Label,
    lines,
    nanoseconds,
    read_node,
    read_snapshots,
)
from ansible_collections.chatbot.ops.plugins.module_utils._restic.refusal import explained, is_denied
from ansible_collections.chatbot.ops.plugins.module_utils._restic.settings import ResticSettings, read_restic_settings

LABEL = Label("lottery", "n8n", "20261124T031500Z-n8n-7f3a", "data")
NODE = {
    "name": "a",
    "type": "dir",
    "path": "/a",
    "uid": 0,
    "gid": 1000,
    "mode": 2151678461,
    "permissions": "dgrwxrwxr-x",
    "mtime": "2026-11-24T20:53:35.759019024Z",
    "struct_type": "node",
}


def snapshot(**more: Any) -> dict[str, Any]:
    document = {
        "time": "2026-11-24T20:53:36.112011945Z",
        "tree": "7558",
        "paths": ["/srv/n8n"],
        "hostname": "lottery",
        "username": "root",
        "tags": LABEL.to_tags(files=True).split(","),
        "id": "868c",
        "short_id": "868c",
    }
    return {**document, **more}


def test_snapshots_are_told_by_their_tags() -> None:
    later = snapshot(id="999", time="2026-11-24T21:53:36+00:00", program_version="restic 0.18.0", summary={})
    foreign = [snapshot(tags=None), snapshot(tags=["chatbot.ops"]), snapshot(tags=["stack=lottery", "id=1"])]
    found = read_snapshots(json.dumps([later, *foreign, snapshot()]))
    assert [each.identifier for each in found] == ["868c", "999"]
    assert (found[0].label, found[0].files, found[0].tree) == (LABEL, True, "7558")
    assert read_snapshots("null") == []


def test_what_is_no_list_is_told() -> None:
    for text in ("", "{", '[{"tags": ["chatbot.ops", "stack=a", "source=b", "id=c", "name=d"]}]'):
        with pytest.raises(ToolError, match="no list of snapshots"):
            read_snapshots(text)


def test_a_node_has_the_modes_of_the_system_and_all_of_its_time() -> None:
    node = read_node(json.dumps(NODE))
    assert node is not None
    assert (node.path, node.st_uid, node.st_gid, node.st_size) == ("a", 0, 1000, 0)
    assert stat.S_ISDIR(node.st_mode)
    assert stat.S_IMODE(node.st_mode) == 0o2775
    assert node.st_mtime_ns % 10**9 == 759019024
    newer = {key: value for key, value in NODE.items() if key != "struct_type"}
    assert read_node(json.dumps({**newer, "message_type": "node", "inode": 7})) == node
    device = read_node(json.dumps({**NODE, "type": "dev", "mode": 0o600}))
    assert device is not None
    assert stat.S_IFMT(device.st_mode) == 0
    assert read_node('{"struct_type": "snapshot", "id": "868c"}') is None


@pytest.mark.parametrize("line", ["", "[]", '{"struct_type": "node", "path": "/a"}'])
def test_a_line_that_is_no_node_is_told(line: str) -> None:
    with pytest.raises(ToolError, match="what is no file"):
        read_node(line)


def test_times() -> None:
    assert nanoseconds("1970-01-01T00:00:01Z") == 10**9
    assert nanoseconds("1970-01-01T01:00:00.5+01:00") == 5 * 10**8
    assert nanoseconds("1969-12-31T19:00:00-05:00") == 0
    with pytest.raises(ValueError, match="is no time"):
        nanoseconds("yesterday")


def test_a_backup_says_what_it_kept_and_what_it_could_not_read() -> None:
    backed = Backed()
    for line in (
        "unable to open cache",
        "[]",
        '{"message_type":"status","percent_done":0}',
        '{"message_type":"error","error":{},"during":"scan","item":"/srv/n8n/gone"}',
        '{"message_type":"error","error":{"message":"open /srv/n8n/gone: no such file"},"during":"archival","item":"gone"}',
        '{"message_type":"summary","snapshot_id":"868cc77a","total_bytes_processed":3,"data_added":1955}',
    ):
        backed.see(line)
    assert backed == Backed("868cc77a", 3, ["gone"])


def test_lines_may_come_in_pieces() -> None:
    assert list(lines(iter([b"on", b"e\ntwo\nth", b"ree"]))) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("words", "kind", "advice"),
    [
        ("exit status 1; its last words: Fatal: wrong password or no key found", RefusedError, "Check password"),
        ("exit status 12; its last words: Fatal: wrong password or no key found", RefusedError, "Check password"),
        (
            "Fatal: unable to open config file: stat /none/config: no such file or directory\n"
            "Is there a repository at the following location?\n/none",
            RepositoryError,
            "restic init",
        ),
        ("Fatal: repository does not exist: unable to open config file", RepositoryError, "restic init"),
        ("repo already locked, waiting up to 0s for the lock\nFatal: unable to create lock", BusyError, "Try again"),
        ("write /srv/restic/data/00: no space left on device", RepositoryError, "Free some space"),
        ("open /srv/restic/locks/0: permission denied", RepositoryError, "do not allow"),
        ("Fatal: server response unexpected: 403 Forbidden (403)", RepositoryError, "do not allow"),
        ("Load(<data/0011>) returned error: ciphertext verification failed", DamagedError, "restic check"),
        ("Fatal: dial tcp: connection refused", RepositoryError, "Check"),
    ],
)
def test_a_refusal_says_what_to_do(words: str, kind: type[OpsError], advice: str) -> None:
    error = explained(ToolError(words), "Failed to list the restic repository /none", local=True)
    assert error.__class__ is kind  # and not one of its kin
    assert advice in error.message
    assert is_denied(error) is ("do not allow" in error.message)


ATTEMPT = "Load(<data/5f5c>, 1525, 1474) returned error, retrying after 552.3ms"


@pytest.mark.parametrize(
    ("location", "words", "kind"),
    [
        # What restic 0.14 says of a folder.
        ("/srv", f"{ATTEMPT}: EOF\ncannot dump file: ReadFull(<data/5f5c>): EOF", DamagedError),
        ("/srv", f"{ATTEMPT}: unexpected EOF\nloading failed: ReadFull(<data/8199>): unexpected EOF", DamagedError),
        ("/srv", "ReadFull(<data/5f5c>): open /srv/data/5f/5f5c: no such file or directory", DamagedError),
        ("/srv", 'loading snapshot "af9c" failed: load <snapshot/af9c>: invalid data returned', DamagedError),
        ("/srv", "loading tree failed: id 48cd not found in repository", DamagedError),
        # What newer ones say.
        ("/srv", "Load(<data/5f5c>, 1525, 1474) failed: file is too short", DamagedError),
        ("s3:https://s3.example.org/b", "Load(<data/5f5c>, 0, 0) failed: restic-file-too-short", DamagedError),
        ("s3:https://s3.example.org/b", "ReadFull(<data/5f5c>): The specified key does not exist.", DamagedError),
        # A connection that breaks.
        ("rest:http://nas/", f"{ATTEMPT}: unexpected EOF\nReadFull(<data/5f5c>): unexpected EOF", RepositoryError),
        ("sftp:nas:/srv", f"{ATTEMPT}: unexpected EOF\nFatal: connection lost", RepositoryError),
        ("rest:http://nas/", f"{ATTEMPT}: <data/5f5c> does not exist\nFatal: dial tcp: no route", RepositoryError),
        ("local:/srv", f"exit status 1; its last words: {ATTEMPT}: invalid data returned\nread: I/O", RepositoryError),
        ("rest:https://nas/", "x509: the name does not match, and the file size is 9", RepositoryError),
    ],
)
def test_only_what_is_said_of_content_is_damage(location: str, words: str, kind: type[OpsError]) -> None:
    settings = ResticSettings(location, "x")
    assert explained(ToolError(words), "Failed", local=settings.local).__class__ is kind


def test_no_message_tells_who_may_enter() -> None:
    settings = ResticSettings("rest:https://ana:secret@nas.example.org/", "another")
    assert "secret" not in settings.title + repr(settings)
    assert "another" not in repr(settings)
    with pytest.raises(RefusedError, match="RESTIC_REST_PASSWORD") as refused:
        read_restic_settings({"location": settings.location, "password": "x", "password_file": None})
    assert "secret" not in refused.value.message
    error = explained(ToolError("Get https://ana:secret@nas.example.org/: EOF"), "Failed", local=False)
    assert "secret" not in error.message


def test_without_a_password_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    params = {"location": "/srv/restic", "password": None, "password_file": None, "environment": {"B2_ACCOUNT_ID": 7}}
    with pytest.raises(RefusedError, match="opened by a password"):
        read_restic_settings(params)
    monkeypatch.setenv("RESTIC_PASSWORD_FILE", "/etc/restic")
    assert read_restic_settings(params).to_environment() == {"B2_ACCOUNT_ID": "7", "RESTIC_REPOSITORY": "/srv/restic"}
    given = read_restic_settings({**params, "password_file": "/etc/mine"})
    assert given.to_environment()["RESTIC_PASSWORD_FILE"] == "/etc/mine"
