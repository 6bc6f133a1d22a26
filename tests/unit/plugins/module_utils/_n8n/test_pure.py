# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no folder: where things lie, what tar says, what is mounted, and n8n's two ciphers."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n import crypto
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import Keyring, NotDecryptedError, WrappedKey
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import execution_of, is_left_out, is_log
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import (
    Mount,
    has_unreliable_locks,
    holder_of,
    mounted_within,
    mounts,
    parse_mounts,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import (
    CHANGED,
    OTHER,
    VANISHED,
    XATTR,
    parse_line,
    unescape,
)

from tests.support.n8n_cipher import encrypt_cbc
from tests.tools.link import CHECKOUT

VECTORS = json.loads((CHECKOUT / "tests/support/n8n_cipher_vectors.json").read_text(encoding="utf-8"))
KEY = VECTORS["key"]
WRAPPED = {name: WrappedKey(algorithm, value) for name, (algorithm, value) in VECTORS["deks"].items()}


class TestLayout:
    @pytest.mark.parametrize(
        ("path", "left_out"),
        [
            ("crash.journal", True),
            ("database.sqlite-wal", True),
            ("database.sqlite-shm", True),
            ("database.sqlite-journal", True),
            ("node-definitions", True),
            ("database.sqlite", False),
            ("config", False),
            ("custom/crash.journal", False),
            ("other.sqlite-wal", False),
        ],
    )
    def test_left_out(self, path: str, left_out: bool) -> None:
        assert is_left_out(path, "database.sqlite") is left_out

    def test_without_a_database_nothing_is_its_log(self) -> None:
        assert not is_left_out("database.sqlite-wal", None)

    @pytest.mark.parametrize(
        ("path", "log"),
        [("n8nEventLog.log", True), ("n8nEventLog-1.log", True), ("logs/n8n.txt", True), ("nodes/a.log", False)],
    )
    def test_logs(self, path: str, log: bool) -> None:
        assert is_log(path) is log

    @pytest.mark.parametrize(
        ("path", "execution"),
        [
            ("storage/workflows/abc/executions/12/binary_data/0b5f", "12"),
            ("storage/workflows/abc/executions/12", "12"),
            ("binaryData/workflows/abc/executions/temp/binary_data/x", "temp"),
            ("binaryData/12a1b2c3d4-0000-4000-8000-0123456789ab", "12"),
            ("binaryData/12a1b2c3d4-0000-4000-8000-0123456789ab.metadata", "12"),
            ("storage/workflows", None),
            ("nodes/workflows/abc/executions/12/x", None),
        ],
    )
    def test_executions(self, path: str, execution: str | None) -> None:
        assert execution_of(path) == execution


class TestTar:
    @pytest.mark.parametrize(
        ("line", "kind", "path"),
        [
            pytest.param(
                "tar: ./n8nEventLog.log: file changed as we read it", CHANGED, "./n8nEventLog.log", id="changed"
            ),
            pytest.param("tar: ./a: File shrank by 12 bytes; padding with zeros", CHANGED, "./a", id="shrank"),
            pytest.param("tar: ./b: File removed before we read it", VANISHED, "./b", id="removed"),
            pytest.param("tar: ./c: Cannot stat: No such file or directory", VANISHED, "./c", id="1.34"),
            pytest.param("tar: ./c: Warning: Cannot open: No such file or directory", VANISHED, "./c", id="warning"),
            pytest.param("tar: ./d: Cannot open: Permission denied", OTHER, "", id="not ours to read"),
            pytest.param("tar: Cannot set 'user.x' extended attribute", OTHER, "", id="no file named"),
            pytest.param(
                "tar: setxattrat: Cannot set 'user.x' extended attribute for file './e': Operation not supported",
                XATTR,
                "",
                id="attribute not taken",
            ),
            pytest.param("tar: Unexpected EOF in archive", OTHER, "", id="cut"),
        ],
    )
    def test_what_it_says(self, line: str, kind: str, path: str) -> None:
        event = parse_line(line)
        assert event is not None
        assert (event.kind, event.path, event.text) == (kind, path, line)

    def test_the_line_that_sums_up_says_nothing(self) -> None:
        assert parse_line("tar: Exiting with failure status due to previous errors") is None

    @pytest.mark.parametrize(
        ("written", "path"), [(r"./a\nb", "./a\nb"), (r"./\303\261and\303\272", "./ñandú"), (r"./a\\b", r"./a\b")]
    )
    def test_escaped_names(self, written: str, path: str) -> None:
        assert unescape(written) == path


class TestMounts:
    TABLE = parse_mounts(
        [
            "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
            "30 22 0:40 / /mnt/my\\040share rw - nfs4 server:/x rw",
            "31 30 0:41 / /mnt/my\\040share/local rw - tmpfs none rw",
            "no mount at all",
        ]
    )

    @pytest.mark.parametrize(
        ("path", "kind", "unreliable"),
        [
            ("/srv/n8n", "ext4", False),
            ("/mnt/my share", "nfs4", True),
            ("/mnt/my share/n8n", "nfs4", True),
            ("/mnt/my share/local/n8n", "tmpfs", False),
            ("/mnt/my shares", "ext4", False),
        ],
    )
    def test_the_file_system_of_a_path(self, path: str, kind: str, unreliable: bool) -> None:
        mount = holder_of(path, self.TABLE)
        assert (mount.type, has_unreliable_locks(mount)) == (kind, unreliable)

    @pytest.mark.parametrize("kind", ["nfs", "virtiofs", "9p", "cifs", "fuse.sshfs", "fuse"])
    def test_where_locks_cannot_be_relied_on(self, kind: str) -> None:
        assert has_unreliable_locks(Mount("/", kind))

    def test_what_is_mounted_within(self) -> None:
        assert mounted_within("/mnt", self.TABLE) == ["/mnt/my share", "/mnt/my share/local"]
        assert mounted_within("/srv", self.TABLE) == []

    def test_this_host_and_no_table_at_all(self) -> None:
        assert holder_of("/proc", mounts()).type == "proc"
        assert holder_of("/x", []).type == "unknown"


class TestCiphers:
    @pytest.mark.parametrize("form", ["cbc", "prefixed_gcm", "prefixed_cbc"])
    def test_n8ns_own_ciphertexts_open(self, form: str) -> None:
        assert isinstance(Keyring(KEY, WRAPPED).open(VECTORS[form]), dict)

    @pytest.mark.parametrize("form", ["cbc", "prefixed_gcm", "prefixed_cbc"])
    def test_no_other_key_opens_them(self, form: str) -> None:
        for number in range(300):  # one in 256 passes the padding of CBC
            with pytest.raises(NotDecryptedError):
                Keyring(f"{number:032}", WRAPPED).open(VECTORS[form])

    @pytest.mark.parametrize(
        ("secret", "reason"),
        [
            pytest.param("", "no salted ciphertext", id="empty"),
            pytest.param("abc", "not base64", id="no base64"),
            pytest.param("ñ", "not base64", id="no ASCII"),
            pytest.param(base64.b64encode(b"hello").decode(), "no salted ciphertext", id="no salt"),
            pytest.param("unknown:AAAA", "not in deployment_key", id="unknown key"),
            pytest.param("gcm_key-1:AAAA", "no ciphertext of a known version", id="too short for GCM"),
            pytest.param("odd:" + VECTORS["cbc"], "cipher rot13 is not known", id="unknown cipher"),
            pytest.param(VECTORS["cbc"][:-8], "padding|JSON|text|ciphertext", id="cut"),
        ],
    )
    def test_what_is_no_secret_says_why(self, secret: str, reason: str) -> None:
        odd = {**WRAPPED, "odd": WrappedKey("rot13", WRAPPED["gcm_key-1"].value)}
        with pytest.raises(NotDecryptedError, match=reason):
            Keyring(KEY, odd).open(secret)

    def test_a_fingerprint_tells_keys_apart_and_gives_none_away(self) -> None:
        one, other = crypto.fingerprint(KEY), crypto.fingerprint(KEY + "x")
        assert one != other
        assert KEY not in one


def test_what_other_code_encrypted_opens() -> None:
    """The maker of sample folders writes by code of its own."""
    assert Keyring(KEY, {}).open(encrypt_cbc('{"a": 1}', KEY, b"8 bytes.")) == {"a": 1}
