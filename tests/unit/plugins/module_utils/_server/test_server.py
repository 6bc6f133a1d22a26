# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host keys are believed, and what a provider's refusal means."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.server_advice import FilterModule as Advice
from ansible_collections.chatbot.ops.plugins.filter.server_host_keys import FilterModule as HostKeys
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._server.host_keys import fingerprint, judge_host_keys

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHNPDAVsbYLRxkjHxUEPbqHZtUkhiRwpAoXGhkQxfNQv"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOthero0ther0ther0ther0ther0ther0ther0ther0thA"
SHOWN = ["# 192.0.2.1:22 SSH-2.0-OpenSSH_10.0", f"192.0.2.1 {KEY}"]
DIGEST = hashlib.sha224(KEY.encode()).hexdigest()


@pytest.mark.parametrize(
    ("beliefs", "source", "remember"),
    [
        pytest.param({"pinned": f"{KEY} root@bot"}, "pinned", [KEY], id="pinned, with a comment"),
        pytest.param({"digest": DIGEST}, "provider", [KEY], id="by the provider's digest"),
        pytest.param({"known": ["# Host found: line 1", f"|1|a=|b= {KEY}"]}, "known", [], id="known, hashed"),
        pytest.param({"accept_new": True}, "new", [KEY], id="new, on demand"),
        pytest.param({"digest": DIGEST, "known": [f"h {OTHER}"]}, "provider", [KEY], id="the address had another"),
    ],
)
def test_a_key_is_believed(beliefs: dict[str, Any], source: str, remember: list[str]) -> None:
    judged = judge_host_keys(SHOWN, **beliefs)
    assert judged == {"source": source, "remember": remember, "fingerprints": [fingerprint(KEY)]}


@pytest.mark.parametrize(
    ("beliefs", "reason"),
    [
        pytest.param({"pinned": OTHER}, "not the key in server_host_key", id="not the pinned one"),
        pytest.param({"pinned": OTHER, "digest": DIGEST, "accept_new": True}, "server_host_key", id="not mixed"),
        pytest.param(
            {"digest": "0" * 56, "accept_new": True}, "not the key that it was made with", id="not the digest"
        ),
        pytest.param({"known": [f"h {OTHER}"], "accept_new": True}, "has other keys of this address", id="not known"),
        pytest.param({"known": [f"@revoked h {KEY}"]}, "has other keys", id="revoked"),
        pytest.param({}, "nobody knows whether that is its key", id="nothing is known"),
    ],
)
def test_a_key_is_not_believed_and_its_fingerprint_is_told(beliefs: dict[str, Any], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason) as caught:
        judge_host_keys(SHOWN, **beliefs)
    assert fingerprint(KEY) in caught.value.message


def test_no_key_at_all_is_a_refusal() -> None:
    with pytest.raises(AnsibleFilterError, match="showed no host key"):
        HostKeys().filters()["server_host_keys"](SHOWN[:1], accept_new=True)


def test_the_fingerprint_is_the_one_of_openssh() -> None:
    # What `ssh-keygen -lf` tells of it.
    assert fingerprint(KEY) == "SHA256:St9QNX9XlKRu2QqU9564Hu4k9PZK+9FzpfBDznAvi9g"


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        pytest.param("Unable to authenticate you (unauthorized, status 401)", "does not take the key", id="token"),
        pytest.param("AuthFailure: AWS was not able to validate", "does not take the key", id="aws key"),
        pytest.param("server limit exceeded (resource_limit_exceeded)", "have the limit raised", id="quota"),
        pytest.param("The image id '[ami-1]' does not exist", "has such a server_type", id="image"),
        pytest.param("image not found: debian-99", "has such a server_type", id="no image"),
        pytest.param("a meteorite", "", id="nothing known"),
    ],
)
def test_a_refusal_says_what_to_do(reason: str, part: str) -> None:
    advice = Advice().filters()["server_advice"](reason)
    assert part in advice
    assert bool(advice) == bool(part)
