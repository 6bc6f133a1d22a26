# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules with a bucket of a real S3 server: over TLS, with identities, killed, cut short, refused."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import pathlib
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.playbooks import Playbooks
from tests.support.s3_backups import put_backups
from tests.support.s3_server import BUCKET, S3Server, SeaweedServer, objects
from tests.support.stack import STACK, SampleStack
from tests.support.zygote import Zygote

_NUMBERS = itertools.count(1)
#: More than one part, so that it takes a multipart upload, and long enough to be killed in its middle.
LARGE = 100_000_000
KILLS = 5

Parameters = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with SeaweedServer() as running:
        yield running


@pytest.fixture
def prefix() -> str:
    return f"test{next(_NUMBERS)}"


@pytest.fixture
def parameters(stack: SampleStack, s3: S3Server, prefix: str) -> Parameters:
    """The parameters of each module, with a place in the bucket as the repository."""
    repository = s3.repository(prefix)
    common: Parameters = {"repository_check": {"stack": STACK, "repository": repository}}
    return {**common, **{name: {**each, "repository": repository} for name, each in stack.parameters().items()}}


@pytest.fixture
def large(stack: SampleStack) -> SampleStack:
    """The stack with a file that no compression makes smaller."""
    (stack.n8n / "binaryData").mkdir(exist_ok=True)
    (stack.n8n / "binaryData" / "large").write_bytes(os.urandom(LARGE))
    return stack


def stored(s3: S3Server, prefix: str, name: str) -> dict[str, bytes]:
    """What boto3 finds under keys that end with ``name``."""
    keys = [key for key in objects(s3, f"{prefix}/") if key.endswith(f"/{name}")]
    return {key: s3.client().get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def whole_backups(s3: S3Server, prefix: str) -> list[str]:
    """Look at each backup with boto3, zstd and sha256 alone, and return the ids."""
    ids = []
    for key, manifest in stored(s3, prefix, "manifest.json").items():
        for each in json.loads(manifest)["objects"]:
            content = stored(s3, key.rpartition("/")[0], each["name"]).popitem()[1]
            assert hashlib.sha256(content).hexdigest() == each["stored_sha256"], key
            plain = subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
            assert hashlib.sha256(plain).hexdigest() == each["content_sha256"], key
        ids.append(key.split("/")[-2])
    return sorted(ids)


def unfinished(s3: S3Server, prefix: str) -> list[str]:
    answer = s3.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/")
    return [each["Key"] for each in answer.get("Uploads", [])]


def wait_for(condition: Callable[[], object]) -> None:
    for _attempt in range(600):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within twelve seconds")


def test_what_is_lost_comes_back_from_the_bucket(
    zygote: Zygote, stack: SampleStack, s3: S3Server, prefix: str, parameters: Parameters
) -> None:
    before = stack.folder_digest(), stack.database_digest()
    results = [zygote.run(name, parameters[name]) for name in ("n8n_volume_backup", "pg_dump")]
    assert whole_backups(s3, prefix) == sorted(each["backup_id"] for each in results)
    fresh = {**parameters["n8n_volume_backup"], "max_age": "1h"}
    assert zygote.run("n8n_volume_backup", fresh)["changed"] is False
    for source in ("n8n", "database"):
        verified = zygote.run("backup_verify", {**parameters[f"verify {source}"], "level": "restore"})
        assert (verified["changed"], verified["verified"]) == (True, True)
        results.append(verified)
    listed = zygote.run("backup_info", parameters["backup_info"])["backups"]
    assert [each["verified"]["level"] for each in listed] == ["restore", "restore"]
    (stack.n8n / "config").unlink()
    stack.server.psql("DROP TABLE system_logs CASCADE", stack.database)
    for name in ("n8n_volume_restore", "pg_restore"):
        results.append(zygote.run(name, parameters[name]))
        assert results[-1]["proof"]["equal"] is True
    assert (stack.folder_digest(), stack.database_digest()) == before
    documents = [json.dumps(each).encode() for each in results] + list(stored(s3, prefix, "manifest.json").values())
    assert all(s3.secret_key.encode() not in each for each in documents)


def test_a_killed_backup_is_none_and_the_next_one_clears_up(
    zygote: Zygote, large: SampleStack, s3: S3Server, prefix: str, parameters: Parameters
) -> None:
    params = parameters["n8n_volume_backup"]
    for _number in range(KILLS):
        run = zygote.start("n8n_volume_backup", params)
        wait_for(lambda: unfinished(s3, prefix))
        run.kill()
        assert len(unfinished(s3, prefix)) == 1, "the one before was cleared up, this one was left"
        assert zygote.run("backup_info", parameters["backup_info"])["backups"] == []
    backup_id = zygote.run("n8n_volume_backup", params)["backup_id"]
    assert unfinished(s3, prefix) == []
    assert whole_backups(s3, prefix) == [backup_id]
    assert os.listdir(large.work) == []


def test_a_backup_that_is_told_to_end_aborts_its_upload(
    zygote: Zygote, large: SampleStack, s3: S3Server, prefix: str, parameters: Parameters
) -> None:
    run = zygote.start("n8n_volume_backup", parameters["n8n_volume_backup"])
    wait_for(lambda: unfinished(s3, prefix))
    os.kill(run.pid, 15)
    assert "Ended by SIGTERM" in run.result()["msg"]
    assert unfinished(s3, prefix) == []
    assert [key for key in objects(s3, f"{prefix}/") if large.n8n.name in key or "/." not in key] == []


@pytest.mark.usefixtures("large")
def test_of_two_writers_the_second_says_who_holds_the_lease(
    zygote: Zygote, s3: S3Server, prefix: str, parameters: Parameters
) -> None:
    first = zygote.start("n8n_volume_backup", parameters["n8n_volume_backup"])
    wait_for(lambda: unfinished(s3, prefix))
    second = zygote.run("n8n_volume_backup", parameters["n8n_volume_backup"], fails=True)
    assert "Another writer is at work on lottery-chatbot/n8n" in second["msg"]
    assert str(first.pid) in second["msg"]
    backup_id = first.result()["backup_id"]
    assert whole_backups(s3, prefix) == [backup_id]


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: content[:-1] + b"x"])
def test_a_damaged_object_is_found_before_anything_is_touched(
    zygote: Zygote,
    stack: SampleStack,
    s3: S3Server,
    prefix: str,
    parameters: Parameters,
    damage: Callable[[bytes], bytes],
) -> None:
    zygote.run("n8n_volume_backup", parameters["n8n_volume_backup"])
    (stack.n8n / "nodes" / "mark").write_text("later", encoding="utf-8")
    before = stack.folder_digest()
    ((key, content),) = stored(s3, prefix, "data.tar.zst").items()
    s3.client().put_object(Bucket=BUCKET, Key=key, Body=damage(content))
    result = zygote.run("n8n_volume_restore", parameters["n8n_volume_restore"], fails=True)
    assert "damaged" in result["msg"] or "were written" in result["msg"]
    verify = {**parameters["verify n8n"], "level": "checksum"}
    assert zygote.run("backup_verify", verify, fails=True)["verified"] is False
    assert stack.folder_digest() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"secret_key": "wrong"}, "the secret key is not that of the access key", id="wrong credentials"),
        pytest.param({"access_key": "RESTORE"}, "these credentials may not do so", id="only reads"),
        pytest.param({"bucket": "missing"}, "there is no such bucket", id="wrong bucket"),
        pytest.param({"endpoint_url": "https://127.0.0.1:1"}, "the server does not answer", id="unreachable"),
        pytest.param({"ca_bundle": None}, "set ca_bundle", id="untrusted"),
        pytest.param({"secret_key": None}, "belong together", id="half the credentials"),
        pytest.param({"object_lock_days": 7}, "has no Object Lock", id="no lock"),
    ],
)
def test_what_cannot_work_says_why(
    zygote: Zygote, s3: S3Server, prefix: str, parameters: Parameters, change: dict[str, Any], message: str
) -> None:
    params = parameters["n8n_volume_backup"]
    params["repository"] = {**params["repository"], **change}
    result = zygote.run("n8n_volume_backup", params, fails=True)
    assert message in result["msg"]
    assert s3.secret_key not in json.dumps(result)
    assert list(objects(s3, f"{prefix}/")) == []


def test_a_long_history_is_listed_whole(zygote: Zygote, s3: S3Server, prefix: str, parameters: Parameters) -> None:
    ids = put_backups(s3, prefix, 1_200)
    listed = zygote.run("backup_info", parameters["backup_info"])["backups"]
    assert [each["backup_id"] for each in listed] == ids
    assert all(each["good"] for each in listed)


def test_the_doctor_tells_what_could_be_done(zygote: Zygote, s3: S3Server, prefix: str, parameters: Parameters) -> None:
    params = parameters["repository_check"]
    checked = zygote.run("repository_check", params, check=True)
    assert (checked["can_list"], checked["can_write"]) == (True, None)
    assert list(objects(s3, f"{prefix}/")) == []
    result = zygote.run("repository_check", {**params, "keep_for": "30d"})
    assert (result["changed"], result["can_write"], result["can_destroy"]) == (False, True, True)
    assert list(objects(s3, f"{prefix}/")) == []
    reader = {**params, "repository": {**params["repository"], "access_key": "RESTORE"}}
    result = zygote.run("repository_check", reader)
    assert (result["can_list"], result["can_write"]) == (True, False)


def test_the_doctor_looks_at_folders_too(zygote: Zygote, stack: SampleStack) -> None:
    params = stack.parameters()["backup_info"]
    assert zygote.run("repository_check", params, check=True)["can_write"] is None
    result = zygote.run("repository_check", params)
    assert (result["can_write"], result["can_delete"], result["can_destroy"]) == (True, True, True)
    assert list(stack.backups.iterdir()) == []


@pytest.mark.thorough
def test_the_playbooks_take_a_bucket_and_keep_its_key_to_themselves(
    stack: SampleStack, s3: S3Server, prefix: str, tmp_path: pathlib.Path
) -> None:
    playbooks = Playbooks(stack, tmp_path)
    variables = tmp_path / "repository.json"
    variables.touch(mode=0o600)
    repository = s3.repository(prefix)
    variables.write_text(
        json.dumps(
            {
                "backup_repositories": [repository],
                "verification_repositories": [repository],
                "restore_repository": repository,
            }
        )
    )
    for arguments in (["backup_stack"], ["verify_backups"], ["restore_n8n", "-e", f"restore_confirm={STACK}"]):
        result = playbooks.play(*arguments, "-e", f"@{variables}", "-vvv", "--diff")
        assert result.exit_status == 0, result.output
        assert s3.secret_key not in result.output
    assert len(whole_backups(s3, prefix)) == 2
    assert len(stored(s3, prefix, "verdict.restore.json")) == 2


def test_twenty_stacks_at_once_into_one_bucket_and_two_writers_of_one(
    zygote: Zygote, stack: SampleStack, s3: S3Server, prefix: str, parameters: Parameters
) -> None:
    def writer(name: str) -> Any:
        folder = stack.work / name
        folder.mkdir(exist_ok=True)
        (folder / ".env").write_text(f"STACK={name}\n")
        where = {"stack": name, "repository": parameters["backup_info"]["repository"]}
        return zygote.start("config_backup", {**where, "paths": [str(folder)]})

    names = [f"stack{number:02}" for number in range(20)]
    running = [(name, writer(name)) for name in [*names, "stack00"]]
    results = [(name, each.result()) for name, each in running]
    failed = [(name, each["msg"]) for name, each in results if each.get("failed")]
    made = {each["backup_id"]: name for name, each in results if not each.get("failed")}
    # Of the two of one stack, the second one waits for nothing: it made its own before or after, or says who is at work.
    assert [name for name, _message in failed] in ([], ["stack00"]), failed
    assert all("Another writer is at work" in message for _name, message in failed)
    assert set(made.values()) == set(names)
    assert whole_backups(s3, prefix) == sorted(made)
    for key, content in stored(s3, prefix, "config.tar.zst").items():
        plain = subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
        *_before, name, source, backup_id, _file = key.split("/")
        assert (source, made[backup_id], f"STACK={name}\n".encode() in plain) == ("config", name, True)
    assert unfinished(s3, prefix) == []
