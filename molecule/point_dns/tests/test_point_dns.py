# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name server itself says where the name points."""

from __future__ import annotations

import os
from pathlib import Path

from tests.bed.services import resolve
from tests.bed.site import ADDRESSES, BOT, open_site


def test_the_name_points_to_the_replacement() -> None:
    site = open_site(Path(os.environ["BED_INVENTORY"]).parent)
    assert resolve(site, BOT) == ADDRESSES["replacement"]
