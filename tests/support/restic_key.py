# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of a restic repository, made cheap to open; and another id for one that is a copy.

restic makes its key so that half a second of processor is needed to open it, by each of its hundreds of runs in the
tests. That keeps guessers of a password away; nobody guesses at those of the tests.

The format: https://restic.readthedocs.io/en/stable/design.html#keys-encryption-and-mac
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pathlib
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

_IV, _MAC = 16, 16
_CHEAP = {"N": 2, "r": 1, "p": 1}
_SCRYPT_MEMORY = 256 << 20


def cheapen(repository: pathlib.Path, password: str) -> None:
    """Replace the only key of the ``repository`` in a folder by one for the same password that is quick to open."""
    old, key, master = _unlocked(repository, password)
    key |= _CHEAP
    key["data"] = base64.b64encode(_seal(master, _derive(key, password))).decode()
    text = json.dumps(key).encode()
    (old.parent / hashlib.sha256(text).hexdigest()).write_bytes(text)
    old.unlink()


def give_another_id(repository: pathlib.Path, password: str) -> None:
    """Make the ``repository`` another one than that of which it is a copy: by its id, restic finds its cache."""
    _path, _key, master = _unlocked(repository, password)
    words = json.loads(master)
    secret = b"".join(base64.b64decode(each) for each in (words["encrypt"], words["mac"]["k"], words["mac"]["r"]))
    config = repository / "config"
    settings = json.loads(_open(config.read_bytes(), secret)) | {"id": os.urandom(32).hex()}
    config.unlink()  # nobody may write to it
    config.write_bytes(_seal(json.dumps(settings).encode(), secret))


def _unlocked(repository: pathlib.Path, password: str) -> tuple[pathlib.Path, dict[str, Any], bytes]:
    """Return the file of the only key, what is in it, and the master key that it holds."""
    (path,) = (repository / "keys").iterdir()
    key = json.loads(path.read_text(encoding="utf-8"))
    return path, key, _open(base64.b64decode(key["data"]), _derive(key, password))


def _derive(key: dict[str, Any], password: str) -> bytes:
    salt = base64.b64decode(key["salt"])
    return hashlib.scrypt(
        password.encode(), salt=salt, n=key["N"], r=key["r"], p=key["p"], maxmem=_SCRYPT_MEMORY, dklen=64
    )


def _seal(plain: bytes, secret: bytes) -> bytes:
    iv = os.urandom(_IV)
    cipher = _stream(plain, iv, secret)
    return iv + cipher + _authenticate(cipher, iv, secret)


def _open(sealed: bytes, secret: bytes) -> bytes:
    iv, cipher, mac = sealed[:_IV], sealed[_IV:-_MAC], sealed[-_MAC:]
    assert _authenticate(cipher, iv, secret) == mac
    return _stream(cipher, iv, secret)


def _stream(text: bytes, iv: bytes, secret: bytes) -> bytes:
    return Cipher(algorithms.AES(secret[:32]), modes.CTR(iv)).encryptor().update(text)


def _authenticate(text: bytes, iv: bytes, secret: bytes) -> bytes:
    """Return the Poly1305-AES of ``text``."""
    key, r = secret[32:48], secret[48:]
    # ECB of the one block of the nonce is how Poly1305-AES is defined.
    nonce = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(iv)
    return Poly1305.generate_tag(r + nonce, text)
