# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ``ansible-test sanity`` on a copy of the checkout: of what hosts and controllers run, on the oldest Python and ours.

``python -m tests.tools.sanity [--all] REPORT``: REPORT takes the results as JUnit XML; with ``--all``, every Python
that is found, and the code of the tests too, which takes twice as long. Nothing is needed from outside but the package
index: ansible-test would fetch its pip bootstrap from elsewhere, so it is put into its cache beforehand.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

from ansible_test._internal.python_requirements import get_venv_packages

from tests.tools.checkout import copy_files, list_files
from tests.tools.link import CHECKOUT
from tests.tools.results import UNAVAILABLE

_CACHE = Path.home() / ".ansible" / "test" / "cache"
# The newest and the oldest Python that ansible-test is run on, as minor versions of 3.
_NEWEST, _OLDEST = "14", "9"
# Each must have found files to test: ansible-test ends with 0 also when it skips everything.
_CORE_TESTS = ("compile", "import", "pep8", "pylint", "validate-modules", "yamllint")

_BOOTSTRAP = """\
import os
import sys

wheel = os.path.join(os.path.dirname(os.path.abspath(__file__)), {wheel!r})
sys.path.insert(0, wheel)
from pip._internal.cli.main import main

sys.exit(main(["install", "--no-index", "--no-deps", "--disable-pip-version-check", "-q", wheel]))
"""


def seed_pip_bootstrap() -> None:
    """Put a script that installs pip from its wheel where ansible-test keeps the one that it would fetch.

    :raises subprocess.CalledProcessError: if the index does not give the wheel.
    """
    version = get_venv_packages(SimpleNamespace(version="3.12"))["pip"]
    script = _CACHE / f"get_pip_{version.replace('.', '_')}.py"
    if script.exists():
        return
    _CACHE.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(_CACHE), f"pip=={version}"], check=True
    )
    script.write_text(_BOOTSTRAP.format(wheel=f"pip-{version}-py3-none-any.whl"), encoding="utf-8")


def find_pythons() -> list[Path]:
    """Return the working interpreters that ansible-test may use."""
    found = subprocess.run(
        ["sh", str(CHECKOUT / "tests/tools/pythons.sh"), _NEWEST, _OLDEST], check=True, capture_output=True, text=True
    )
    return [Path(line) for line in found.stdout.splitlines()]


def is_run_by_users(path: str) -> bool:
    """Tell whether a file of the checkout is more than a test; the one that ansible-test itself reads is."""
    return not path.startswith("tests/") or path == "tests/config.yml"


def search_path(pythons: Iterable[Path]) -> str:
    """Return a PATH with the interpreters' own folders and the system's, so without any version manager's shims."""
    folders = [Path(sys.executable).parent, *(python.parent for python in pythons)]
    system = ["/usr/local/bin", "/usr/bin", "/bin"]
    return os.pathsep.join(dict.fromkeys([*map(str, folders), *system]))


def run_sanity(collection: Path, pythons: Iterable[Path]) -> tuple[int, str]:
    """Run ansible-test in the folder ``collection``, showing its output; return its exit code and that output."""
    program = str(Path(sys.executable).parent / "ansible-test")
    lines = []
    with subprocess.Popen(
        [program, "sanity", "--python", "default", "--junit", "--color", "no"],
        cwd=collection,
        env=os.environ | {"PATH": search_path(pythons)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def read_cases(folder: Path) -> list[ElementTree.Element]:
    """Return the test cases of ansible-test's reports in ``folder``: not those of absent Pythons or without a file."""
    cases = [case for path in sorted(folder.glob("*.xml")) for case in ElementTree.parse(path).iter("testcase")]
    return [case for case in cases if not re.search("No tests applicable|could not be found", _skipped(case))]


def _skipped(case: ElementTree.Element) -> str:
    """Return why ``case`` was skipped; empty if it was not."""
    return case.findtext("skipped", default="")


def find_absent(output: str) -> list[str]:
    """Return the Pythons and programs that ansible-test says it did not find."""
    pythons = re.findall(r"on (Python [0-9.]+) because it could not be found", output)
    programs = re.findall(r'WARNING: Required program "(.+)" not found', output)
    return list(dict.fromkeys(pythons + programs))


def write_report(report: Path, cases: Iterable[ElementTree.Element], note: str) -> None:
    """Write ``cases`` to ``report`` as one JUnit suite with the property ``note``."""
    suite = ElementTree.Element("testsuite", name="sanity")
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="note", value=note)
    suite.extend(cases)
    report.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)


def main(arguments: Sequence[str]) -> int:
    """Run the sanity tests, write the report that the arguments name, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.sanity", description="Run ansible-test sanity.")
    parser.add_argument("--all", action="store_true", help="on every Python, and the code of the tests too")
    parser.add_argument("report", type=Path, metavar="REPORT")
    options = parser.parse_args(arguments)
    found = find_pythons()
    # Ours comes by itself: what both can import, those between can. ruff and mypy read the tests' code as well.
    pythons = found if options.all else found[-1:]
    try:
        seed_pip_bootstrap()
    except subprocess.CalledProcessError:
        print("the package index does not give pip")
        return UNAVAILABLE
    with tempfile.TemporaryDirectory(prefix="chatbot-ops-sanity-") as folder:
        # ansible-test skips a folder that Git ignores as a whole, so the copy is made outside of the checkout.
        collection = Path(folder) / "ansible_collections" / "chatbot" / "ops"
        copy_files(collection, [path for path in list_files() if options.all or is_run_by_users(path)])
        code, output = run_sanity(collection, pythons)
        cases = read_cases(collection / "tests" / "output" / "junit")
    write_report(options.report, cases, f"not used: {', '.join(find_absent(output)) or 'nothing'}")
    ran = {str(case.get("name")).partition("-python-")[0] for case in cases if not _skipped(case)}
    idle = [name for name in _CORE_TESTS if name not in ran]
    if idle:
        print(f"ansible-test tested no file with {', '.join(idle)}")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
