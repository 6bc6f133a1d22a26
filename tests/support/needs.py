# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What some tests need of the machine: where it is missing, the test run names it at its end."""

from __future__ import annotations

import shutil

import pytest

needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no ssh here: install openssh-client")
