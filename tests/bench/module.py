# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module as the bench runs it: ``python -m tests.bench.module NAME REPORT``, parameters by standard input.

At its end it leaves in ``REPORT`` the peak memory of its own process and that of its largest child, in KiB.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path

from tests.support import modules


def main() -> None:
    """Run the module, and report."""
    try:
        modules.main()
    finally:
        # Not ru_maxrss: a process inherits that from the one that started it.
        peak = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
        assert peak is not None
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        Path(sys.argv[2]).write_text(json.dumps({"own": int(peak.group(1)), "child": child}))


if __name__ == "__main__":
    main()
