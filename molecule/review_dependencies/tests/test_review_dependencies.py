# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report tells of the vulnerable package and of each image; the patch fixes the project, which is as it was."""

from __future__ import annotations

import json
import os
import pathlib

from testinfra.host import Host

LOCK = "/srv/review/api/package-lock.json"
PATCH = "/srv/review/patches/lottery-chatbot-api.patch"


def test_the_report_tells_of_packages_and_images() -> None:
    folder = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "reports"
    checks = {each["id"]: each for each in json.loads(max(folder.glob("*.json")).read_text("utf-8"))}
    assert checks["dependencies.api.vulnerable"]["status"] == "warning"
    assert checks["dependencies.api.vulnerable"]["value"] == 1
    assert checks["dependencies.api.outdated"]["status"] == "warning"
    for service in ("api", "n8n", "nginx", "postgres"):
        assert checks[f"image.{service}.running"]["status"] == "ok"
        assert checks[f"image.{service}.registry"]["status"] == "ok"
    page = max(folder.glob("*.html")).read_text("utf-8")
    assert "Greets strangers" in page
    assert "Paquetes de api" in page


def test_the_patch_fixes_it_and_was_not_applied(host: Host) -> None:
    assert json.loads(host.file(LOCK).content_string)["packages"]["node_modules/greeter"]["version"] == "1.0.0"
    assert not host.file("/srv/review/api/node_modules").exists
    patch = host.file(PATCH).content_string
    assert '+      "version": "1.0.1"' in patch
    assert host.run("docker ps --all --quiet --filter name=chatbot-ops-npm").stdout == ""
