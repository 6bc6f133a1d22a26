# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of images mean what they mean to Docker."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._images.reference import is_image_id, parse_reference

DIGEST = "sha256:" + "a" * 64
NAMES = {
    "postgres": ("docker.io", "library/postgres", "latest", None),
    "n8nio/n8n:2.41.3": ("docker.io", "n8nio/n8n", "2.41.3", None),
    "docker.io/n8nio/n8n": ("docker.io", "n8nio/n8n", "latest", None),
    "index.docker.io/library/node:22": ("docker.io", "library/node", "22", None),
    "docker.n8n.io/n8nio/n8n": ("docker.n8n.io", "n8nio/n8n", "latest", None),
    "registry.bed:5000/lottery/api:1": ("registry.bed:5000", "lottery/api", "1", None),
    "localhost/api": ("localhost", "api", "latest", None),
    f"node:22@{DIGEST}": ("docker.io", "library/node", "22", DIGEST),
    f"ghcr.example.org/a/b/c@{DIGEST}": ("ghcr.example.org", "a/b/c", None, DIGEST),
}


@pytest.mark.parametrize(("name", "parts"), NAMES.items(), ids=NAMES)
def test_names(name: str, parts: tuple[str, str, str, str | None]) -> None:
    found = parse_reference(name)
    assert (found.registry, found.repository, found.tag, found.digest) == parts


def test_the_hub_answers_by_another_name() -> None:
    assert parse_reference("postgres").host == "registry-1.docker.io"
    assert parse_reference("postgres").name == "docker.io/library/postgres:latest"
    assert parse_reference("registry.bed:5000/a").host == "registry.bed:5000"


@pytest.mark.parametrize("name", ["", "Node:22", "a b", "node@sha256:1", "node:22:23", "../etc", "http://a/b"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(RefusedError):
        parse_reference(name)


def test_ids_are_no_names() -> None:
    assert is_image_id(DIGEST)
    assert is_image_id("a" * 64)
    assert not is_image_id("node:22")
