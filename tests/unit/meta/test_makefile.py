# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Makefile gives to all that it starts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_python_keeps_what_it_compiles_also_where_the_environment_forbids_it() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "GREETING": "hello"}
    recipe = 'said: ; @echo "$$GREETING [$$PYTHONDONTWRITEBYTECODE]"'
    done = subprocess.run(
        ["make", f"--eval={recipe}", "said"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "hello []\n"
