# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection's tarball, and checks it where nothing of the checkout is in reach.

``python -m tests.tools.package build`` leaves the tarball in ``build/``; ``check`` also installs it into an empty
folder, compares it with the checkout, has Ansible read each module's documentation and each playbook there, and lets
Galaxy's own importer judge it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.tools.checkout import copy_files, list_files
from tests.tools.link import CHECKOUT

_NO_ADDRESS = "https://example.org/chatbot/ops"
_IMPORTED = "Importer processing completed successfully"
_MADE_BY_GALAXY = {"MANIFEST.json", "FILES.json"}
_MUST_BE_IN = ("plugins/", "roles/", "playbooks/", "meta/", "docs/", "LICENSE", "README.md", "CHANGELOG.md")


class PackageError(Exception):
    """The tarball is not what it should be; the message says why."""


def build(source: Path = CHECKOUT, folder: Path = CHECKOUT / "build") -> Path:
    """Build the tarball of the checkout ``source`` into ``folder`` and return its path."""
    for old in folder.glob("chatbot-ops-*.tar.gz"):
        old.unlink()
    _ansible("galaxy", "collection", "build", "--output-path", str(folder), cwd=source)
    (tarball,) = folder.glob("chatbot-ops-*.tar.gz")
    return tarball


def compare(tarball: Path) -> None:
    """Check that ``tarball`` holds what a user needs, and nothing that Git does not know.

    :raises PackageError: if a file is missing, or is one of those that the tools leave in a checkout.
    """
    with tarfile.open(tarball) as archive:
        packed = {member.name for member in archive.getmembers() if not member.isdir()} - _MADE_BY_GALAXY
    known = set(list_files())
    if extra := packed - known:
        raise PackageError(f"in the tarball, but not in Git: {', '.join(sorted(extra))}; add it to build_ignore")
    if absent := {path for path in known if path.startswith(_MUST_BE_IN)} - packed:
        raise PackageError(f"not in the tarball: {', '.join(sorted(absent))}; build_ignore takes too much")


def check_installed(tarball: Path, folder: Path) -> None:
    """Install ``tarball`` into the empty ``folder``, and let Ansible read all of its modules and playbooks there.

    :raises PackageError: if a module's documentation does not come from there.
    """
    (folder / "ansible.cfg").touch()
    _ansible("galaxy", "collection", "install", str(tarball), "--offline", "-p", str(folder), cwd=folder)
    _ansible("galaxy", "collection", "verify", "chatbot.ops", "--offline", cwd=folder)
    modules = [f"chatbot.ops.{path.stem}" for path in sorted((CHECKOUT / "plugins" / "modules").glob("*.py"))]
    documented = json.loads(_ansible("doc", "--json", "--type", "module", *modules, cwd=folder))
    for module in modules:
        if not documented[module]["doc"]["filename"].startswith(str(folder)):
            raise PackageError(f"the documentation of {module} is not the installed one")
    playbooks = [f"chatbot.ops.{path.stem}" for path in sorted((CHECKOUT / "playbooks").glob("*.yml"))]
    _ansible("playbook", "--syntax-check", "-i", "localhost,", *playbooks, cwd=folder)


def check_importable(folder: Path) -> None:
    """Let Galaxy's importer judge a tarball that is built in the empty ``folder``; a warning of it is a failure, too.

    Galaxy asks for the address of the repository. Where ``galaxy.yml`` names none yet, the tarball gets one that does not
    exist, so that the rest is judged. The importer's own run of ansible-lint is left out: the part ``lint`` has it.

    :raises PackageError: if it finds anything.
    """
    copy_files(folder / "checkout")
    galaxy = folder / "checkout" / "galaxy.yml"
    text = galaxy.read_text(encoding="utf-8")
    if "\nrepository:" not in text:
        galaxy.write_text(f"{text.rstrip()}\nrepository: {_NO_ADDRESS}\n", encoding="utf-8")
    tarball = build(folder / "checkout", folder)
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "false",
    }
    command = [sys.executable, "-m", "galaxy_importer.main", str(tarball)]
    print("$", *command, flush=True)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment, check=False
    )
    complaints = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "WARNING", "CRITICAL"))]
    if complaints or done.returncode or _IMPORTED not in done.stdout:
        raise PackageError("Galaxy's importer says: " + "\n".join(complaints or done.stdout.splitlines()[-20:]))


def _ansible(program: str, *arguments: str, cwd: Path) -> str:
    """Run ``ansible-<program>`` with the settings and collections in ``cwd`` alone; return its standard output."""
    command = [str(Path(sys.executable).parent / f"ansible-{program}"), *arguments]
    print("$", *command, flush=True)
    environment = os.environ | {
        "ANSIBLE_CONFIG": str(cwd / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(cwd),
        # Those that it builds upon are where `ansible` was installed.
        "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "true",
    }
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=cwd, env=environment).stdout


def main(arguments: Sequence[str]) -> int:
    """Do what the one argument says, and return the exit code."""
    if arguments not in (["build"], ["check"]):
        print("usage: python -m tests.tools.package build|check", file=sys.stderr)
        return os.EX_USAGE
    try:
        tarball = build()
        print(os.path.relpath(tarball))
        if arguments == ["check"]:
            compare(tarball)
            with tempfile.TemporaryDirectory(prefix="chatbot-ops-package-") as folder:
                check_installed(tarball, Path(folder).resolve())
            with tempfile.TemporaryDirectory(prefix="chatbot-ops-import-") as folder:
                check_importable(Path(folder).resolve())
    except (PackageError, subprocess.CalledProcessError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
