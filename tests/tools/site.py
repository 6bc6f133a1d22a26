# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation site into ``build/site``, from ``docs``, the plugins, the roles and the playbooks.

``python -m tests.tools.site``. A warning of Sphinx is a failure, and so is a link that leads nowhere within the site.
Nothing is fetched: what the pages name of Ansible's own documentation is linked by its well-known address.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.tools.link import CHECKOUT, COLLECTIONS
from tests.tools.playbook_pages import playbook_index, playbook_page

SITE = CHECKOUT / "build" / "site"
_SOURCE = CHECKOUT / "build" / "site-source"
_DOCTREES = CHECKOUT / "build" / "site-doctrees"
_INVENTORY = CHECKOUT / "build" / "site-objects.inv"
_PROGRAMS = Path(sys.executable).parent

_INDEX = """\
# chatbot.ops

An Ansible collection that keeps a self-hosted chatbot stack (n8n, PostgreSQL, Docker Compose) backed up, brings it back
when it is lost, and **proves** that it came back.

*Una colección de Ansible que respalda un chatbot propio (n8n, PostgreSQL, Docker Compose), lo recupera cuando se pierde y
**demuestra** que volvió.*

- [The operator's handbook](handbook.md) · [El manual del operador](handbook.es.md)
- [How it works](how-it-works.md) · [Cómo funciona](how-it-works.es.md)
- [What each message means](errors.md) · [Qué significa cada mensaje](errors.es.md)
- [Playbooks](playbooks/index.md)
- [Modules, filters and roles](collection/index.rst)
"""
# Where Ansible's documentation has what antsibull-docs refers to by a label.
_ADDRESSES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "callback_plugins": "plugins/callback.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
_ENGLISH = ("handbook", "how-it-works", "errors")
_SPANISH = tuple(f"{name}.es" for name in _ENGLISH)


def collect() -> None:
    """Put all pages into the source folder: those of ``docs``, and those made from plugins, roles and playbooks."""
    shutil.rmtree(_SOURCE, ignore_errors=True)
    shutil.copytree(CHECKOUT / "docs", _SOURCE, ignore=shutil.ignore_patterns("conf.py", "__pycache__"))
    for page in _SOURCE.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(text + _toctree(_pages_below(text, page.stem)), encoding="utf-8")
    _add_index()
    playbooks = sorted((CHECKOUT / "playbooks").glob("*.yml"))
    folder = _SOURCE / "playbooks"
    folder.mkdir()
    for playbook in playbooks:
        (folder / f"{playbook.stem}.md").write_text(playbook_page(playbook), encoding="utf-8")
    index = playbook_index(playbooks) + _toctree(playbook.stem for playbook in playbooks)
    (folder / "index.md").write_text(index, encoding="utf-8")
    # antsibull-docs refuses a folder that others may write to, as it is by default where each user has a group.
    (_SOURCE / "collection").mkdir(mode=0o755)
    options = ["--fail-on-error", "--use-current", "--squash-hierarchy"]
    _run("antsibull-docs", "collection", *options, "--dest-dir", str(_SOURCE / "collection"), "chatbot.ops")


def _pages_below(text: str, name: str) -> Iterator[str]:
    """Yield the pages in the folder ``name`` that the page ``text`` links to, each once, in its order."""
    yield from dict.fromkeys(re.findall(rf"\]\(({re.escape(name)}/[\w./-]+)\.md", text))


def _add_index() -> None:
    others = sorted(page.stem for page in _SOURCE.glob("*.md") if page.stem not in {*_ENGLISH, *_SPANISH})
    text = _INDEX + _toctree([*_ENGLISH, *(name for name in others if not name.endswith(".es"))], "In English")
    text += _toctree([*_SPANISH, *(name for name in others if name.endswith(".es"))], "En español")
    text += _toctree(["playbooks/index", "collection/index"], "Reference")
    (_SOURCE / "index.md").write_text(text, encoding="utf-8")


def _toctree(pages: Iterable[str], caption: str = "") -> str:
    """Return the lines that make ``pages`` the next ones in the site's navigation, shown there alone."""
    lines = list(pages)
    if not lines:
        return ""
    options = ":hidden:\n" + (f":caption: {caption}\n" if caption else "")
    return "\n```{toctree}\n" + options + "\n" + "\n".join(lines) + "\n```\n"


def write_inventory(target: Path, labels: Iterable[str]) -> None:
    """Write the list by which Sphinx turns ``labels`` into addresses of Ansible's documentation.

    The format is version 2 of intersphinx's: four lines, then ``name domain:role priority uri title``, compressed.
    """
    head = "# Sphinx inventory version 2\n# Project: Ansible\n# Version: latest\n# The remainder is compressed using zlib.\n"
    lines = "".join(f"{label} std:label -1 {_address(label)} {label}\n" for label in labels)
    target.write_bytes(head.encode() + zlib.compress(lines.encode()))


def _address(label: str) -> str:
    if match := re.fullmatch(r"ansible_collections\.(\w+)\.(\w+)\.(\w+)", label):
        return "collections/" + "/".join(match.groups()) + ".html"
    return _ADDRESSES[label]


def _foreign_labels() -> list[str]:
    """Return the labels that the pages refer to and that none of them has."""
    pages = [page.read_text(encoding="utf-8") for page in sorted(_SOURCE.glob("collection/*.rst"))]
    named = {label for text in pages for label in re.findall(r":ref:`(?:[^`<]*<)?([\w.]+)>?`", text)}
    named |= {f"ansible_collections.{name}_{kind}" for text in pages
              for name, kind in re.findall(r":ansplugin:`(?:[^`<]*<)?([\w.]+)#(\w+)", text)}  # fmt: skip
    own = {label.lower() for text in pages for label in re.findall(r"(?m)^\.\. _([^:\n]+):$", text)}
    return sorted(
        label for label in named if label.lower() not in own and not label.startswith("ansible_collections.chatbot.")
    )


def build() -> None:
    """Collect the pages and let Sphinx make the site of them.

    :raises subprocess.CalledProcessError: if a program fails, or Sphinx warns of anything.
    """
    collect()
    write_inventory(_INVENTORY, _foreign_labels())
    render()


def render() -> None:
    """Let Sphinx make the site of the pages that were collected.

    :raises subprocess.CalledProcessError: if it warns of anything.
    """
    shutil.rmtree(SITE, ignore_errors=True)
    arguments = ["-q", "-W", "--keep-going", "-n", "-E", "-b", "html", "-c", str(CHECKOUT / "docs"),
                 "-d", str(_DOCTREES)]  # fmt: skip
    _run("sphinx-build", *arguments, str(_SOURCE), str(SITE))


def _run(program: str, *arguments: str) -> None:
    environment = os.environ | {
        "PATH": os.pathsep.join([str(_PROGRAMS), os.environ["PATH"]]),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "CHATBOT_OPS_INVENTORY": str(_INVENTORY),
    }
    subprocess.run([str(_PROGRAMS / program), *arguments], check=True, cwd=CHECKOUT, env=environment)


def main() -> int:
    """Build the site and return the exit code."""
    try:
        build()
    except subprocess.CalledProcessError as error:
        print(f"{Path(error.cmd[0]).name} ended with {error.returncode}.")
        return 1
    print(os.path.relpath(SITE / "index.html"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
