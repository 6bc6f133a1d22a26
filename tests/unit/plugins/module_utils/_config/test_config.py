# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's own files, backed up, lost and put back; looked at with tar."""

from __future__ import annotations

import hashlib
import os
import pathlib
import stat
import subprocess
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._config import files, target
from ansible_collections.chatbot.ops.plugins.module_utils._config.source import (
    ConfigOptions,
    ConfigSource,
    paths_of,
)
from ansible_collections.chatbot.ops.plugins.module_utils._config.target import (
    ConfigTarget,
    ConfigVerifier,
    RestoreOptions,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    OpsError,
    ProofError,
    RefusedError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.age_keys import age_pair
from tests.unit.plugins.module_utils._compose.documents import bind_mount, container
from tests.unit.plugins.module_utils._compose.test_engine import Client
from tests.unit.plugins.module_utils.made import no_warning

PLACE = Place("lottery-chatbot", "config")


class Stack:
    """A project's folder, and the repository that its backups go to."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder, self.kept = folder / "stack", folder / "previous"
        (self.folder / "nginx" / "sites").mkdir(parents=True)
        (self.folder / "compose.yml").write_text("services: {}\n")
        (self.folder / ".env").write_text("POSTGRES_PASSWORD=secret\n")
        (self.folder / ".env").chmod(0o600)
        (self.folder / "nginx" / "sites" / "n8n.conf").write_text("server {}\n")
        (self.folder / "nginx" / "enabled").symlink_to("sites/n8n.conf")
        (folder / "repository").mkdir()
        self.repository = LocalRepository(str(folder / "repository"))

    def back_up(self, *paths: str, recipients: tuple[str, ...] = ()) -> dict[str, Any]:
        options = ConfigOptions(None, paths or (str(self.folder),), (), None)
        request = Request(PLACE, None, None, check_mode=False, encoding=Encoding(recipients=recipients))
        return take_backup(self.repository, ConfigSource(options), request, no_warning)

    def restore(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        options = RestoreOptions(
            **{"root": "", "replace": True, "keep_previous": True, "previous_dir": str(self.kept), **more}
        )
        return restore_backup(self.repository, PLACE, Choice(), ConfigTarget(options), check_mode=check_mode)


@pytest.fixture
def stack(tmp_path: pathlib.Path) -> Stack:
    return Stack(tmp_path)


def test_what_was_changed_comes_back_and_is_kept(stack: Stack) -> None:
    stack.back_up()
    assert stack.restore()["changed"] is False
    env, site = stack.folder / ".env", stack.folder / "nginx" / "sites" / "n8n.conf"
    env.write_text("POSTGRES_PASSWORD=other\n")
    site.unlink()
    (stack.folder / "later").write_text("stays")
    planned = stack.restore(check_mode=True)
    assert planned["changed"] is True
    assert sorted(planned["diff"]["after"]) == [str(env), str(site)]
    assert planned["diff"]["before"][str(site)] is None
    assert [planned["diff"][each][str(env)]["content"] for each in ("before", "after")] == ["another", "the backup's"]
    assert env.read_text() == "POSTGRES_PASSWORD=other\n"
    done = stack.restore()
    assert done["proof"]["equal"] is True
    assert sorted(done["files"]) == [str(env), str(site)]
    assert env.read_text() == "POSTGRES_PASSWORD=secret\n"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert (stack.folder / "later").read_text() == "stays"
    kept = subprocess.run(["tar", "-xOf", done["previous"]], capture_output=True, check=True, text=True).stdout
    assert kept == "POSTGRES_PASSWORD=other\n"
    assert stat.S_IMODE(os.stat(done["previous"]).st_mode) == 0o600
    assert stack.restore()["changed"] is False


def test_below_another_folder(stack: Stack, tmp_path: pathlib.Path) -> None:
    stack.back_up()
    done = stack.restore(root=str(tmp_path / "elsewhere"), replace=False)
    assert done["previous"] is None
    there = tmp_path / "elsewhere" / str(stack.folder).lstrip("/")
    assert (there / "nginx" / "enabled").readlink() == pathlib.Path("sites/n8n.conf")
    assert (there / ".env").read_text() == "POSTGRES_PASSWORD=secret\n"


def test_it_opens_with_zstd_and_tar_alone(stack: Stack, tmp_path: pathlib.Path) -> None:
    manifest = stack.back_up()["manifest"]
    stored = tmp_path / "repository" / "lottery-chatbot" / "config" / manifest["backup_id"] / "config.tar.zst"
    plain = subprocess.run(["zstd", "-dc", stored], capture_output=True, check=True).stdout
    names = subprocess.run(["tar", "-t"], input=plain, capture_output=True, check=True).stdout.decode().split()
    assert f"{stack.folder}/.env".lstrip("/") in names
    assert "secret" not in str(manifest)


def test_nothing_tells_what_is_in_a_file_to_who_reads_the_repository_alone(stack: Stack) -> None:
    secret = stack.folder / ".env"
    manifests = [stack.back_up()["manifest"] for _number in range(2)]
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    for each in manifests:
        assert each["proof"]["files"][str(secret)] == {"mode": "0600", "owner": f"{os.getuid()}:{os.getgid()}"}
        assert digest not in str(each)
    # Nor can the whole of it be guessed.
    first, second = (each["objects"][0] for each in manifests)
    assert first["content_bytes"] == second["content_bytes"]
    assert first["content_sha256"] != second["content_sha256"]
    assert first["stored_sha256"] != second["stored_sha256"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_encrypted_one_is_not_compared_without_an_identity(
    stack: Stack, tmp_path: pathlib.Path, check_mode: bool
) -> None:
    stack.back_up(recipients=(age_pair(tmp_path / "identity").recipient,))
    with pytest.raises(RefusedError, match="Give the identity"):
        stack.restore(check_mode=check_mode)
    assert not stack.kept.exists()


def test_what_is_written_to_while_it_is_restored_is_told(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.back_up()
    env = stack.folder / ".env"
    env.write_text("POSTGRES_PASSWORD=other\n")
    put = target._put
    once = iter(["POSTGRES_PASSWORD=third\n"])

    def disturbed(path: str, file: files.File) -> None:
        put(path, file)
        env.write_text(next(once, env.read_text()))

    monkeypatch.setattr(target, "_put", disturbed)
    with pytest.raises(ProofError, match=r"\.env holds something else than the backup's"):
        stack.restore()
    assert env.read_text() == "POSTGRES_PASSWORD=other\n", "the message says that the target was left as it was"


def test_files_that_nobody_agreed_to_replace(stack: Stack) -> None:
    stack.back_up()
    (stack.folder / ".env").write_text("POSTGRES_PASSWORD=other\n")
    with pytest.raises(RefusedError, match="Say replace: true"):
        stack.restore(replace=False)
    (stack.folder / ".env").unlink()
    assert stack.restore(replace=False)["changed"] is True


def test_a_restore_that_fails_takes_back_what_it_wrote(stack: Stack) -> None:
    stack.back_up()
    (stack.folder / ".env").write_text("POSTGRES_PASSWORD=other\n")
    (stack.folder / "nginx" / "sites" / "n8n.conf").unlink()
    (stack.folder / "nginx" / "sites").rmdir()
    (stack.folder / "nginx" / "sites").write_text("a file where a folder was")
    with pytest.raises(OpsError, match="Failed to write"):
        stack.restore()
    assert (stack.folder / ".env").read_text() == "POSTGRES_PASSWORD=other\n"


def test_what_it_made_anew_goes_again_when_it_fails(stack: Stack) -> None:
    stack.back_up()
    (stack.folder / ".env").unlink()
    (stack.folder / "nginx" / "sites" / "n8n.conf").unlink()
    (stack.folder / "nginx" / "sites").rmdir()
    (stack.folder / "nginx" / "sites").write_text("a file where a folder was")
    with pytest.raises(OpsError, match="Failed to write"):
        stack.restore()
    assert not (stack.folder / ".env").exists()


def test_nothing_is_replaced_that_cannot_be_kept(stack: Stack) -> None:
    stack.back_up()
    (stack.folder / ".env").write_text("POSTGRES_PASSWORD=other\n")
    stack.kept.write_text("a file where the folder for safety copies should be")
    with pytest.raises(RefusedError, match="Nothing was replaced"):
        stack.restore()
    assert (stack.folder / ".env").read_text() == "POSTGRES_PASSWORD=other\n"
    assert stack.restore(keep_previous=False)["changed"] is True


def test_an_archive_that_holds_other_files_than_its_manifest_says(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.back_up()
    (stack.folder / ".env").unlink()
    more = files.File(str(stack.folder / "more"), b"x", 0o644, 0, 0, 0)
    monkeypatch.setattr(target, "unpack", lambda archive: [*files.unpack(archive), more])
    with pytest.raises(ProofError, match="more was not in the backup"):
        stack.restore()
    assert not (stack.folder / "more").exists()
    assert not (stack.folder / ".env").exists()


def test_verified_in_memory(stack: Stack, tmp_path: pathlib.Path) -> None:
    backup_id = stack.back_up()["backup_id"]
    manifest = choose(stack.repository.entries(PLACE), Choice(), "x")
    fetcher = Fetcher(stack.repository, manifest)
    ConfigVerifier().structure(manifest, fetcher)
    assert ConfigVerifier().restore(manifest, fetcher).equal
    payload = tmp_path / "repository" / "lottery-chatbot" / "config" / backup_id / "config.tar.zst"
    payload.write_bytes(payload.read_bytes()[:-3])
    with pytest.raises(DamagedError):
        ConfigVerifier().structure(manifest, fetcher)


def test_a_missing_path(stack: Stack) -> None:
    with pytest.raises(RefusedError, match=r"Failed to read .*missing: No such file"):
        stack.back_up(str(stack.folder / "missing"))


def test_too_much_of_it(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LIMIT", 20)
    with pytest.raises(RefusedError, match="come to more than"):
        stack.back_up()


def test_an_archive_that_is_none_of_ours() -> None:
    hostile = files.pack([files.File("/etc/../../x", b"", 0o644, 0, 0, 0)])
    with pytest.raises(DamagedError, match="none of them"):
        files.unpack(hostile)
    with pytest.raises(DamagedError, match="cannot be read"):
        files.unpack(b"no archive" * 100)


class TestLinks:
    """Nothing is written through a link, and none that is among the files hides what is behind it."""

    def made(self, stack: Stack, link_to: str) -> pathlib.Path:
        """Return the folder of releases, whose ``current`` is a link to the one that holds compose.yml."""
        app = stack.folder.parent / "app"
        (app / "releases" / "5").mkdir(parents=True)
        (app / "releases" / "5" / "compose.yml").write_text("services: {}\n")
        (app / "current").symlink_to(link_to.format(app=app))
        return app

    @pytest.mark.parametrize("link_to", ["releases/5", "{app}/releases/5", "../app/./releases/5/"])
    def test_a_file_behind_one_is_kept_where_it_leads_to_and_comes_back(self, stack: Stack, link_to: str) -> None:
        app = self.made(stack, link_to)
        compose, current = app / "releases" / "5" / "compose.yml", app / "current"
        proof = stack.back_up(str(app), f"{current}/compose.yml")["manifest"]["proof"]["files"]
        assert sorted(proof) == [str(current), str(compose)]
        compose.unlink()
        compose.parent.rmdir()
        current.unlink()
        assert stack.restore()["proof"]["equal"] is True
        assert (current / "compose.yml").read_text() == "services: {}\n"
        assert current.is_symlink()
        assert stack.restore()["changed"] is False

    def test_links_behind_links(self, stack: Stack) -> None:
        app = self.made(stack, "stable")
        (app / "stable").symlink_to("releases/5")
        (app / "releases" / "5" / "nginx").symlink_to("sites")
        (app / "releases" / "5" / "sites").mkdir()
        (app / "releases" / "5" / "sites" / "n8n.conf").write_text("server {}\n")
        paths = [f"{app}/current", f"{app}/stable", f"{app}/current/nginx", f"{app}/current/nginx/n8n.conf"]
        found = [each.path for each in files.read_files(paths)]
        release = f"{app}/releases/5"
        assert found == [f"{app}/current", f"{release}/nginx", f"{release}/sites/n8n.conf", f"{app}/stable"]
        left_out = [each.path for each in files.read_files(paths, [f"{release}/sites"])]
        assert left_out == [f"{app}/current", f"{release}/nginx", f"{app}/stable"]

    def test_two_dots_behind_a_link_that_is_in_no_backup(self, stack: Stack) -> None:
        app = self.made(stack, "../app/releases/5")
        (stack.folder.parent / "deep" / "er").mkdir(parents=True)
        (stack.folder.parent / "alias").symlink_to("deep/er")
        (stack.folder.parent / "deep" / "up").symlink_to("..")
        (app / "odd").symlink_to("../alias/../up/app/releases")
        found = [each.path for each in files.read_files([f"{app}/odd", f"{app}/odd/5/compose.yml"])]
        assert found == [f"{app}/odd", f"{app}/releases/5/compose.yml"]

    def test_one_that_leads_to_itself(self, stack: Stack) -> None:
        loop = stack.folder / "loop"
        loop.symlink_to("loop")
        with pytest.raises(RefusedError, match=r"Failed to read .*loop/x"):
            files.read_files([str(loop), f"{loop}/x"])

    def test_a_backup_with_a_file_behind_one_is_refused(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        app = self.made(stack, "releases/5")
        # As a hand that may write to the repository would make it.
        monkeypatch.setattr(files, "_beside_links", lambda paths: paths)
        stack.back_up(str(app / "current"), f"{app}/current/compose.yml")
        monkeypatch.undo()
        (app / "releases" / "5" / "compose.yml").write_text("other")
        manifest = choose(stack.repository.entries(PLACE), Choice(), "x")
        with pytest.raises(DamagedError, match=r"compose\.yml' behind '.*current', which is no folder"):
            ConfigVerifier().structure(manifest, Fetcher(stack.repository, manifest))
        for check_mode in (True, False):
            with pytest.raises(DamagedError, match="Nothing was restored"):
                stack.restore(check_mode=check_mode, root=str(app / "elsewhere"))
        assert (app / "releases" / "5" / "compose.yml").read_text() == "other"
        assert not (app / "elsewhere").exists()

    def test_a_link_below_another_root_does_not_lead_out_of_it(self, stack: Stack, tmp_path: pathlib.Path) -> None:
        stack.back_up()
        root, outside = tmp_path / "elsewhere", tmp_path / "production"
        place = root / str(stack.folder).lstrip("/")
        place.mkdir(parents=True)
        (place / "nginx").symlink_to(outside)  # there or not
        for check_mode in (True, False):
            with pytest.raises(RefusedError, match=f"would have .* written to {outside}"):
                stack.restore(check_mode=check_mode, root=str(root))
        assert not outside.exists()
        assert list(place.iterdir()) == [place / "nginx"]
        (place / "nginx").unlink()
        (root / "real").mkdir()
        (place / "nginx").symlink_to(root / "real")
        assert stack.restore(root=str(root))["changed"] is True


def test_what_belongs_to_a_project_is_what_its_containers_tell() -> None:
    nginx = container(
        "nginx", mounts=[bind_mount("/opt/lottery-chatbot/nginx", "/etc/nginx"), bind_mount("/etc/x", "/x")]
    )
    found = paths_of([read_container(container("n8n")), read_container(nginx)])
    assert found == ["/opt/lottery-chatbot/compose.yml", "/opt/lottery-chatbot/nginx"]


def test_a_compose_file_that_is_gone_is_missed_and_no_env_is_not(stack: Stack) -> None:
    labels = {
        "com.docker.compose.project.config_files": f"{stack.folder}/compose.yml",
        "com.docker.compose.project.working_dir": str(stack.folder),
    }
    engine = Engine(Client([container("n8n", labels=labels)], []))
    source = ConfigSource(ConfigOptions("lottery-chatbot", (), (), engine))
    assert source.preflight() == {"files": 2}
    (stack.folder / ".env").unlink()
    assert source.preflight() == {"files": 1}
    (stack.folder / "compose.yml").unlink()
    with pytest.raises(RefusedError, match=r"Failed to read .*compose\.yml"):
        source.preflight()


def test_a_project_that_is_not_there() -> None:
    options = ConfigOptions("lottery", (), (), Engine(Client([], [])))
    with pytest.raises(RefusedError, match="no container of the Docker Compose project 'lottery'"):
        ConfigSource(options).preflight()


def test_what_is_excluded_is_left_out_with_all_below_it(tmp_path: pathlib.Path) -> None:
    for name in ("compose.yml", "volumes/db/data/1", "volumes/db/init.sql", "volumes/db/database.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    exclude = [f"{tmp_path}/volumes/db/data/", f"{tmp_path}/volumes/db/init.sql"]
    paths = [str(tmp_path), f"{tmp_path}/volumes/db/data"]
    found = [each.path for each in files.read_files(paths, exclude)]
    assert found == [f"{tmp_path}/compose.yml", f"{tmp_path}/volumes/db/database.md"]


def test_what_is_excluded_is_left_out_however_a_path_is_spelt(tmp_path: pathlib.Path) -> None:
    for name in ("conf/site.conf", "conf/data/1"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    source = ConfigSource(ConfigOptions(None, (f"{tmp_path}//conf/",), (f"{tmp_path}/conf/data",), None))
    assert source.preflight() == {"files": 1}
