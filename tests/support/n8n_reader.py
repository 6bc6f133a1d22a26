# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a data folder of n8n holds, read without the collection: rows, and credentials opened by their key."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support import n8n_cipher
from tests.support.n8n_store import DATABASE


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """What the folder's database answers."""
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        return database.execute(sql).fetchall()


def decrypted(encryption_key: str, data: str, keys: dict[str, tuple[str, str]]) -> object:
    """The content of a credential; `keys` are the algorithm and the wrapped value of each row of deployment_key."""
    identifier, colon, text = data.partition(":")
    if not colon:
        return json.loads(n8n_cipher.decrypt_cbc(data, encryption_key))
    algorithm, wrapped = keys[identifier]
    key = n8n_cipher.decrypt_gcm(wrapped, n8n_cipher.wrapping_key(encryption_key))
    decrypt = n8n_cipher.decrypt_gcm if algorithm == "aes-256-gcm" else n8n_cipher.decrypt_cbc
    return json.loads(decrypt(text, key))


def deployment_keys(folder: Path) -> dict[str, tuple[str, str]]:
    """The algorithm and the value of each key by its id."""
    found = rows(folder, "SELECT id, algorithm, value FROM deployment_key WHERE type = 'data_encryption'")
    return {str(row[0]): (str(row[1]), str(row[2])) for row in found}


def credentials(folder: Path, encryption_key: str) -> dict[str, object]:
    """The content of each credential by its id.

    :raises ValueError: if the key does not open one.
    """
    has_keys = rows(folder, "SELECT 1 FROM sqlite_master WHERE name = 'deployment_key'")
    keys = deployment_keys(folder) if has_keys else {}
    stored = rows(folder, "SELECT id, data FROM credentials_entity")
    return {str(name): decrypted(encryption_key, str(data), keys) for name, data in stored}
