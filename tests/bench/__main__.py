# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares our speed and memory with other tools: ``python -m tests.bench [--only NAME] [--runs N] [--quick]``.

The data is made in a temporary folder below ``BENCH_DIR`` (by default /var/tmp; about 12 GB) and removed at the end.
The table goes to standard output, the same as JSON to build/bench.json; ``--docs`` makes the pages docs/bench.md and
docs/bench.es.md of that. The exit status is 0 only if every row was measured and keeps its limit.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import logs, n8n, postgres, restic, result, s3
from tests.bench.bench import Bench, Subject
from tests.bench.contest import say
from tests.bench.measure import BenchError
from tests.bench.page import PAGES, write_pages
from tests.bench.rows import Row, table
from tests.support.postgres_binaries import PostgresUnavailableError
from tests.support.postgres_server import PostgresServerError
from tests.support.s3_server import S3ServerError
from tests.tools.link import CHECKOUT

#: What is measured. A new subject is a file of its own and one line here.
SUBJECTS: dict[str, Subject] = {
    "n8n": n8n.measure,
    "postgres": postgres.measure,
    "logs": logs.measure,
    "s3": s3.measure,
    "restic": restic.measure,
}

_FAILURES = (BenchError, PostgresServerError, PostgresUnavailableError, S3ServerError)


def main() -> int:
    """Measure what the command line asks for and return the exit status."""
    options = _options()
    if options.docs:
        return _document()
    # So that the folder, the server and the running program go as they do after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(128 + signal.SIGTERM))
    rows: list[Row] = list(result.read().rows) if options.add else []
    missing = []
    for name in options.only or SUBJECTS:
        try:
            with _folder() as folder:
                for row in SUBJECTS[name](Bench(folder, options.runs, options.quick)):
                    rows = [*(each for each in rows if each.key != row.key), row]
        except _FAILURES as error:
            missing.append(f"Not measured to the end: {name}: {error}")
    result.write(rows, options.runs)
    print(table(rows))
    for line in missing:
        print(line)
    return 1 if missing or any(row.ok is False for row in rows) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Compare us with other tools.")
    parser.add_argument("--only", action="append", choices=list(SUBJECTS), help="a subject; may be given again")
    parser.add_argument("--runs", type=int, default=3, help="how many rounds (3)")
    parser.add_argument("--quick", action="store_true", help="small data and no verdict: see that it works")
    parser.add_argument("--add", action="store_true", help="keep what else was measured before")
    parser.add_argument(
        "--docs", action="store_true", help="put what was measured last into docs/, and measure nothing"
    )
    return parser.parse_args()


def _document() -> int:
    """Make the pages of what was measured last, and return the exit status."""
    try:
        measured = result.read()
    except FileNotFoundError:
        say("Nothing was measured yet: `make bench` does.")
        return 1
    if not measured.is_judged:
        say("What was measured last is small data without limits (--quick), which is nothing to tell others.")
        return 1
    write_pages(measured)
    for page, _template in PAGES.values():
        print(page.relative_to(CHECKOUT))
    return 0


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="chatbot-ops-bench-", dir=os.environ.get("BENCH_DIR", "/var/tmp")))
    folder.chmod(0o711)  # the server may run as another user, who has to pass through it
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("Interrupted: nothing was left behind.")
        sys.exit(128 + signal.SIGINT)
