# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was said of the logs of containers, and whether anything else of them was changed since."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.log_rotation_changed import FilterModule as Changed
from ansible_collections.chatbot.ops.plugins.filter.log_rotation_present import FilterModule as Present

from tests.unit.plugins.module_utils._compose.documents import container

OVERRIDE = "/opt/lottery-chatbot/compose.override.yml"
present = Present().filters()["log_rotation_present"]
changed = Changed().filters()["log_rotation_changed"]


def made(service: str, *files: str, log: dict[str, Any] | None = None, depends_on: str = "postgres") -> dict[str, Any]:
    """A container that was made from those files."""
    labels = {
        "com.docker.compose.project.config_files": ",".join(files),
        "com.docker.compose.depends_on": depends_on,
    }
    log = log or {"Type": "json-file", "Config": {}}
    return container(service, labels=labels, HostConfig={"LogConfig": log})


def test_only_containers_that_the_file_made_count() -> None:
    limited = {"Type": "local", "Config": {"max-size": "10m"}}
    documents = [made("api", "/opt/compose.yml", OVERRIDE, log=limited), made("n8n", "/opt/compose.yml")]
    said = {"api": {"logging": {"driver": "local", "options": {"max-size": "10m"}}}}
    assert yaml.safe_load(present(documents, OVERRIDE, ["api", "n8n"])) == {"services": said}
    assert yaml.safe_load(present(documents, OVERRIDE, ["n8n"])) == {"services": {}}
    bare = present([made("api", OVERRIDE, log={"Type": "local", "Config": None})], OVERRIDE, ["api"])
    assert yaml.safe_load(bare)["services"]["api"]["logging"]["options"] == {}


def test_dependencies_that_were_left_alone_are_taken_away() -> None:
    documents = [made("api", "/opt/compose.yml", depends_on=""), made("n8n", "/opt/compose.yml")]
    assert present(documents, OVERRIDE, ["api", "n8n"]) == '{"services": {"api": {"depends_on": !reset null}}}'


def test_what_differs_by_its_hash() -> None:
    documents = [made("api"), made("n8n"), made("nginx")]
    assert changed(documents, "api 0c4a\nn8n ffff\n") == ["n8n"]
    assert changed(documents, "") == []


def test_other_documents_are_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="no containers"):
        present([{}], OVERRIDE, [])
    with pytest.raises(AnsibleFilterError, match="no containers"):
        changed([{}], "")
