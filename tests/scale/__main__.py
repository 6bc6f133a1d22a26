# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how the playbooks grow with the fleet: ``python -m tests.scale [--hosts 10 100 1000] [--forks N] [--wave N]``.

Simulated hosts, each with a small stack of its own, run the real playbooks over local connections against a real S3
server. The table goes to standard output, the same as JSON and as a picture to build/scale.json and build/scale.svg.
The exit status is 0 only if everything ended well and keeps its limits.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scale import plot, result
from tests.scale.fleet import Api, Fleet
from tests.scale.measure import play
from tests.scale.result import Row
from tests.scale.servers import Servers
from tests.scale.store import Store
from tests.support.chromium import look
from tests.tools.link import CHECKOUT

PICTURE = result.RESULT.with_suffix(".svg")
NOTHING = Path(__file__).with_name("nothing.yml")
#: What is run, in this order: a name, the playbook, and its arguments.
RUNS = {
    "five short tasks": (str(NOTHING), ()),
    "pruning": ("prune_backups", ()),
    "backup, a new one": ("backup_stack", ()),
    "backup, nothing to do": ("backup_stack", ()),
    "health, with the page of all": ("health_check", ()),
}


def main() -> int:
    """Measure what the command line asks for and return the exit status."""
    options = _options()
    if options.docs:
        return _document(result.read())
    # So that the folders and the servers go as they do after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(128 + signal.SIGTERM))
    rows = result.read() if options.add else []
    for hosts in options.hosts:
        for row in measured(hosts, options.forks, options.wave, options.runs):
            rows = [*(each for each in rows if (each.name, each.hosts) != (row.name, row.hosts)), row]
            result.write(rows)
            print(" | ".join(row.cells), file=sys.stderr, flush=True)
    print(result.table(rows))
    PICTURE.write_text(plot.svg(rows), encoding="utf-8")
    problems = list(result.problems(rows))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def measured(hosts: int, forks: int, wave: int, names: list[str]) -> Iterator[Row]:
    """Yield a row for each of the runs of that name over so many hosts, in waves of ``wave``."""
    with _folder() as folder, Servers(folder) as servers, Store() as store, Api() as api:
        fleet = Fleet(folder / "fleet", hosts, servers, store, api)
        for name in names:
            store.begin()
            playbook, arguments = RUNS[name]
            run = play(fleet, playbook, forks, f"--extra-vars=wave={wave}", *arguments)
            result.keep(f"{Path(playbook).stem}-{hosts}", run.output)
            page = fleet.reports / "fleet.html"
            seconds = _opened(page) if playbook == "health_check" and page.exists() else None
            yield Row.of(name, hosts, forks, run, store.load, wave=wave, page_seconds=seconds)


def _opened(page: Path) -> float:
    """Return how many seconds the page takes to show: the best of three, as others use this machine, too."""
    shown = {"page": page, "width": 1280, "height": 900, "scheme": "light"}
    return min(float(seen["painted"]) for seen in look([shown] * 3)) / 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description="Measure the growth with the fleet.")
    parser.add_argument("--hosts", type=int, nargs="+", default=[10, 100, 1000], help="fleets of so many hosts")
    parser.add_argument("--forks", type=int, default=10, help="how many hosts at once (10)")
    parser.add_argument("--wave", type=int, default=100, help="how many hosts after the others (100)")
    parser.add_argument("--runs", nargs="+", choices=list(RUNS), default=list(RUNS), help="what to run")
    parser.add_argument("--add", action="store_true", help="keep what else was measured before")
    parser.add_argument(
        "--docs", action="store_true", help="put what was measured last into docs/, and measure nothing"
    )
    return parser.parse_args()


def _document(rows: list[Row]) -> int:
    for language, name in (("en", "scale.md"), ("es", "scale.es.md")):
        page = CHECKOUT / "docs" / name
        page.write_text(result.into_page(page.read_text("utf-8"), rows, language), encoding="utf-8")
    (CHECKOUT / "docs" / "images" / "scale.svg").write_text(plot.svg(rows), encoding="utf-8")
    return 0


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="chatbot-ops-scale-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # forks that are just ending may still write


if __name__ == "__main__":
    sys.exit(main())
