# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site is refused if a link in it leads nowhere, and it knows by itself where Ansible's documentation is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.tools import site


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the site be made of one folder of pages, with its results in a folder of the test's own."""
    folder = tmp_path / "pages"
    folder.mkdir()
    monkeypatch.setattr(site, "SITE", tmp_path / "site")
    monkeypatch.setattr(site, "_SOURCE", folder)
    monkeypatch.setattr(site, "_DOCTREES", tmp_path / "doctrees")
    monkeypatch.setattr(site, "_INVENTORY", tmp_path / "objects.inv")
    return folder


def test_a_sound_page_becomes_a_site_that_names_ansibles_own_documentation(pages: Path) -> None:
    (pages / "index.md").write_text(
        "# Title\n\n{ref}`apt <ansible_collections.ansible.builtin.apt_module>`\n\n[on](#title)\n"
    )
    site.write_inventory(pages.parent / "objects.inv", ["ansible_collections.ansible.builtin.apt_module"])
    site.render()
    made = (pages.parent / "site" / "index.html").read_text()
    assert 'href="https://docs.ansible.com/ansible/latest/collections/ansible/builtin/apt_module.html"' in made


@pytest.mark.parametrize(
    "link",
    ["[gone](gone.md)", "[gone](#gone)", "{ref}`gone`", "![gone](gone.png)"],
    ids=["page", "heading", "label", "picture"],
)
def test_a_link_that_leads_nowhere_is_a_failure(pages: Path, link: str) -> None:
    (pages / "index.md").write_text(f"# Title\n\n{link}\n")
    site.write_inventory(pages.parent / "objects.inv", [])
    with pytest.raises(subprocess.CalledProcessError):
        site.render()


def test_a_label_whose_place_nobody_knows_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="new_label"):
        site.write_inventory(tmp_path / "objects.inv", ["new_label"])
