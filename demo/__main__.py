# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from demo.progress import Progress, run_playbook
from demo.stack import DATABASE, LOG_ROWS, DemoStack
from tests.tools.link import CHECKOUT, link_checkout

_PLAYBOOK = "chatbot.ops.rehearse_recovery"


def _language() -> str:
    """The language of the terminal, if we speak it."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "es" if spoken.startswith("es") else "en"


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the demo; 0 means that all came back, proven."""
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("--language", choices=["en", "es"], default=_language())
    language = parser.parse_args().language
    signal.signal(signal.SIGTERM, _interrupt)
    reports = CHECKOUT / "build" / "demo" / f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
    progress = Progress(language)
    progress.tell(
        f"Starting a PostgreSQL with {LOG_ROWS:,} log rows, an n8n data folder, and writers for both",
        f"Arranque de un PostgreSQL con {LOG_ROWS:,} filas de registro, una carpeta de n8n y quien escribe en ambos",
    )
    try:
        with DemoStack(language, reports) as stack:
            proven = run_playbook(_PLAYBOOK, stack.folder, {"rehearsal_confirm": "lottery-chatbot"}, progress)
            if proven:
                _look(stack, progress)
    except KeyboardInterrupt:
        print("\nInterrupted; everything was removed.", file=sys.stderr)
        return 130
    return _tell(reports, progress, proven)


def _look(stack: DemoStack, progress: Progress) -> None:
    """Look at what came back by another way than the collection's own: does the stack go on writing?"""
    rows = stack.server.psql("SELECT count(*) FROM system_logs", DATABASE).strip()
    written = [writer.state.acknowledged for writer in stack.writers]
    progress.tell(
        f"The stack goes on: {int(rows):,} log rows, {written[0]} new visits, {written[1]} new executions",
        f"El sistema sigue: {int(rows):,} filas de registro, {written[0]} visitas y {written[1]} ejecuciones nuevas",
    )


def _tell(reports: Path, progress: Progress, proven: bool) -> int:
    """Print the summary and, as the last line, where the page is."""
    sys.path.append(str(link_checkout()))
    from ansible_collections.chatbot.ops.plugins.module_utils._report.summary import summary_lines

    print()
    for record in reports.glob("*.json"):
        print("\n".join(summary_lines(json.loads(record.read_text(encoding="utf-8")))))
    for failure in [] if proven else (progress.failures or [progress.last_words]):
        print(failure)
    for page in reports.glob("*.html"):
        print(f"\n{page}")
    return 0 if proven else 1


if __name__ == "__main__":
    sys.exit(main())
