# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small n8n data folder, a repository, and the two ends between them."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.source import BackupOptions, N8nSource
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.target import N8nTarget, RestoreOptions
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.sample_n8n import Plan, Sample, make
from tests.unit.plugins.module_utils.made import PLACE, no_warning


@dataclass
class N8n:
    """The folder ``n8n`` in ``root``; what was taken from it goes to the folder ``repository``."""

    root: pathlib.Path
    sample: Sample

    @property
    def folder(self) -> pathlib.Path:
        return self.root / "n8n"

    @property
    def repository(self) -> LocalRepository:
        return LocalRepository(str(self.root / "repository"))

    def source(self, **options: Any) -> N8nSource:
        """Return the source, with ``options`` instead of the defaults."""
        defaults = {
            "path": str(self.folder),
            "database_file": "database.sqlite",
            "table_prefix": "",
            "encryption_key": None,
            "allow_unrecoverable": False,
            "work_dir": str(self.root / "work"),
            "n8n_version": None,
        }
        return N8nSource(BackupOptions(**{**defaults, **options}))

    def back_up(self, **options: Any) -> dict[str, Any]:
        """Take a backup and return the result."""
        return take_backup(
            self.repository, self.source(**options), Request(PLACE, None, None, check_mode=False), no_warning
        )

    def target(self, **options: Any) -> N8nTarget:
        """Return the target, with ``options`` instead of the defaults; it is agreed to replace."""
        defaults = {
            "path": str(self.folder),
            "encryption_key": None,
            "replace": True,
            "keep_previous": True,
            "allow_older_n8n": False,
            "n8n_version": None,
            "others_stop_n8n": bool(options.pop("check_mode", False)),
        }
        return N8nTarget(RestoreOptions(**{**defaults, **options}))

    def restore(self, choice: Choice | None = None, **options: Any) -> dict[str, Any]:
        """Restore the newest backup, or ``choice``, and return the result."""
        target = self.target(**options)
        return restore_backup(
            self.repository, PLACE, choice or Choice(), target, check_mode=bool(options.get("check_mode"))
        )


@pytest.fixture
def made(tmp_path: pathlib.Path) -> Callable[..., N8n]:
    """Give a function that makes an n8n data folder according to a plan."""

    def make_it(**plan: Any) -> N8n:
        for name in ("repository", "work"):
            (tmp_path / name).mkdir()
        sample = make(tmp_path / "n8n", Plan(**{"executions": 40, "binary_files": 8, **plan}))
        return N8n(tmp_path, sample)

    return make_it


@pytest.fixture
def n8n(made: Callable[..., N8n]) -> N8n:
    """An n8n 2.x."""
    return made()
