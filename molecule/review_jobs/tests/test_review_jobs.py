# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The failure of a job came by mail, once for both runs, and nothing of the job that is well."""

from __future__ import annotations

import hashlib
import os
import pathlib

TO = hashlib.sha256(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"].encode()).hexdigest()[:16]


def test_the_failure_was_told_once() -> None:
    box = pathlib.Path(os.environ["BED_INVENTORY"]).parent / "mail" / "box" / "new"
    texts = [path.read_text("utf-8", errors="replace") for path in box.iterdir()]
    (mail,) = [text for text in texts if TO in text]
    assert "backup" in mail
    assert "prune" not in mail
