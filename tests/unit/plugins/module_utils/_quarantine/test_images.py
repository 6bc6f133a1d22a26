# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy runs the images that ran when the backup was taken, or says that they cannot be had."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.images import Wanted, have_images, wanted_image

KEPT = {"image": "n8n:2", "id": "sha256:1d", "digests": ["registry/n8n@sha256:77"]}


@pytest.mark.parametrize(
    ("config", "said", "wanted"),
    [
        pytest.param(
            {"image": "n8n:latest"},
            KEPT,
            Wanted("n8n:2", ("sha256:1d", "registry/n8n@sha256:77"), ("registry/n8n@sha256:77",)),
            id="what the backup says",
        ),
        pytest.param({"image": "n8n:2"}, "n8n:3", Wanted("n8n:3", ("n8n:3",), ("n8n:3",)), id="another that is named"),
        pytest.param({"image": "n8n:2"}, None, Wanted("n8n:2", ("n8n:2",), ("n8n:2",)), id="what the file says"),
        pytest.param({"build": {}}, None, Wanted("bot-n8n", ("bot-n8n",), ()), id="one that is built here"),
        pytest.param(
            {"build": {}},
            {"image": "bot-n8n", "id": "sha256:1d", "digests": []},
            Wanted("bot-n8n", ("sha256:1d",), ()),
            id="one that was built here",
        ),
    ],
)
def test_which_image_is_wanted(config: dict[str, Any], said: Any, wanted: Wanted) -> None:
    assert wanted_image("bot", "n8n", config, said) == wanted


class Host:
    """A host with images, and a registry behind it."""

    def __init__(self, there: set[str], registry: set[str]) -> None:
        self.there, self.registry = there, registry
        self.pulled: list[str] = []

    def image_id(self, reference: str) -> str | None:
        return "sha256:1d" if reference in self.there else None

    def pull(self, reference: str) -> None:
        if reference not in self.registry:
            raise ToolError("docker pull: exit status 1; its last words: not found")
        self.pulled.append(reference)
        self.there.add(reference)


WANTED = wanted_image("bot", "n8n", {}, KEPT)


def test_what_is_there_is_not_pulled() -> None:
    host = Host({"sha256:1d"}, set())
    assert have_images({"n8n": WANTED}, host.image_id, host.pull) == {"n8n": "sha256:1d"}
    assert host.pulled == []


def test_what_is_not_there_is_pulled_by_its_digest() -> None:
    host = Host(set(), {"registry/n8n@sha256:77"})
    assert have_images({"n8n": WANTED}, host.image_id, host.pull) == {"n8n": "registry/n8n@sha256:77"}
    assert host.pulled == ["registry/n8n@sha256:77"]


def test_all_that_cannot_be_had_are_named_with_their_reasons() -> None:
    host = Host(set(), set())
    built = wanted_image("bot", "api", {"build": {}}, None)
    with pytest.raises(RefusedError, match=r"n8n:2 of n8n \(docker pull: .*not found\), bot-api of api \(no registry"):
        have_images({"n8n": WANTED, "api": built}, host.image_id, host.pull)
