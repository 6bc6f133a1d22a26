# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings. `make site` collects the pages into build/site-source and lets Sphinx read them there."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

# The folder of this file is the checkout's docs; the pages are elsewhere.
_GALAXY = yaml.safe_load((Path(__file__).resolve().parent.parent / "galaxy.yml").read_text(encoding="utf-8"))

project = f"{_GALAXY['namespace']}.{_GALAXY['name']}"
author = ", ".join(_GALAXY["authors"])
version = release = _GALAXY["version"]

extensions = ["myst_parser", "sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
myst_heading_anchors = 3

# What the modules' pages name of Ansible's own documentation. The list is made on this machine: nobody is asked.
intersphinx_mapping = {
    "ansible": ("https://docs.ansible.com/ansible/latest/", os.environ.get("CHATBOT_OPS_INVENTORY", "objects.inv"))
}

highlight_language = "none"
html_theme = "furo"
html_title = f"{project} {release}"
html_show_copyright = False
html_copy_source = False
