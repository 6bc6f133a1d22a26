# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flipped bit or a cut at any place of what is stored is found before anything is touched."""

from __future__ import annotations

import functools
import pathlib
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.stack import SampleStack
from tests.support.zygote import Zygote

PLACES = 50  # of each of the two sources


def damages(folder: pathlib.Path, rng: random.Random) -> Iterator[Callable[[], object]]:
    """Yield a way to damage one of the files in ``folder`` at a random place, payloads and manifest alike."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith((".zst", "manifest.json")))
    for number in range(PLACES):
        path = files[number % len(files)]
        content = path.read_bytes()
        place = rng.randrange(len(content))
        flipped = content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
        yield functools.partial(path.write_bytes, rng.choice([flipped, content[:place]]))
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("backup", "restore", "source"),
    [("n8n_volume_backup", "n8n_volume_restore", "n8n"), ("pg_dump", "pg_restore", "database")],
)
def test_damage_is_found_before_anything_is_touched(
    zygote: Zygote,
    stack: SampleStack,
    parameters: dict[str, dict[str, Any]],
    backup: str,
    restore: str,
    source: str,
) -> None:
    backup_id = zygote.run(backup, parameters[backup])["backup_id"]
    # Were it equal to the backup, a restore would have nothing to do.
    (stack.n8n / "nodes" / "mark").write_text("later", encoding="utf-8")
    stack.server.psql("CREATE TABLE later (x int)", stack.database)
    before = stack.folder_digest(), stack.database_digest()
    folder = stack.manifests(source)[0].parent
    verify = parameters[f"verify {source}"]
    for damage in damages(folder, random.Random(source)):
        damage()
        for choice in ("latest", backup_id):
            result = zygote.run(restore, {**parameters[restore], "backup_id": choice}, fails=True)
            assert "damaged" in result["msg"] or "cannot be" in result["msg"], result
            assert "Traceback" not in result["msg"]
        assert zygote.run("backup_verify", {**verify, "level": "checksum"}, fails=True)["verified"] is False
        for verdict in folder.glob("verdict.*"):
            verdict.unlink()
    assert (stack.folder_digest(), stack.database_digest()) == before
    assert zygote.run(restore, parameters[restore])["proof"]["equal"] is True
