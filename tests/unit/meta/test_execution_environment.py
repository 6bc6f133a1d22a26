# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX runs the playbooks in can be built: ansible-builder itself reads it, and finds all that the modules need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.tools.link import CHECKOUT, link_checkout

_DEFINITION = CHECKOUT / "execution-environment.yml"


def builder(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("ansible-builder"))
    return subprocess.run([program, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a container engine would be given."""
    folder = tmp_path_factory.mktemp("context")
    done = builder("create", f"--context={folder}", f"--file={_DEFINITION}")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_it_holds_the_libraries_and_the_programs(context: Path) -> None:
    for kept, own in {"requirements.txt": "ee-requirements.txt", "bindep.txt": "ee-bindep.txt"}.items():
        assert (context / "_build" / kept).read_text(encoding="utf-8") == (CHECKOUT / "meta" / own).read_text(
            encoding="utf-8"
        )


def test_its_ansible_is_the_one_of_the_tests(context: Path) -> None:
    text = (context / "Dockerfile").read_text(encoding="utf-8")
    pins = [
        line.split(";")[0].strip() for line in (CHECKOUT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    used = yaml.safe_load(_DEFINITION.read_text(encoding="utf-8"))["dependencies"]
    for each in (used["ansible_core"]["package_pip"], used["ansible_runner"]["package_pip"]):
        assert each in pins
        assert each in text


def test_a_key_that_it_does_not_know_is_refused(tmp_path: Path) -> None:
    """So what passes here was read by a schema."""
    definition = yaml.safe_load(_DEFINITION.read_text(encoding="utf-8"))
    definition["dependencys"] = definition.pop("dependencies")
    path = tmp_path / "execution-environment.yml"
    path.write_text(yaml.safe_dump(definition), encoding="utf-8")
    done = builder("create", f"--context={tmp_path / 'context'}", f"--file={path}")
    assert done.returncode != 0
    assert "dependencys" in done.stdout + done.stderr


def test_another_s_environment_that_holds_the_collection_gets_the_same() -> None:
    done = builder("introspect", str(link_checkout()))
    assert done.returncode == 0, done.stderr
    for name in ("ee-requirements.txt", "ee-bindep.txt"):
        for line in (CHECKOUT / "meta" / name).read_text(encoding="utf-8").splitlines():
            assert line.split(">")[0].split(" ")[0] in done.stdout
