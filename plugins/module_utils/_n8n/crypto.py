# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's two ciphers, read only, as n8n 2.41 has them (n8n-core, encryption/cipher, aes-256-cbc, aes-256-gcm).

CBC: every n8n 1.x, and 2.x by default. It is ``openssl enc -aes-256-cbc -md md5 -base64 -A`` with the key as passphrase.
GCM: n8n 2.x with key rotation. The secret names a row of ``deployment_key``, whose value the instance's key unwraps.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError as _error:
    _MISSING: ImportError | None = _error
else:
    _MISSING = None

_KEY_ID = re.compile(r"^[A-Za-z0-9_-]{1,36}$")
_SALTED = b"Salted__"
_BLOCK = 16
_GCM_VERSION, _GCM_SALT, _GCM_TAG = b"\x01", 32, 16
_CBC, _GCM = "aes-256-cbc", "aes-256-gcm"


class NotDecryptedError(ValueError):
    """A secret does not open: the wrong key, a missing one, or damaged data."""


def require_cryptography() -> None:
    """Make sure that this Python has the library that opens n8n's secrets.

    :raises RefusedError: if it has not.
    """
    if _MISSING is not None:
        raise RefusedError(
            "n8n's credentials cannot be checked: the Python that runs this module lacks the library cryptography. "
            "Apply the role chatbot.ops.toolchain to this host, and let its interpreter run this module."
        ) from _MISSING


def fingerprint(key: str) -> str:
    """Return what tells ``key`` from another one, and costs too much to guess a key from."""
    return hashlib.pbkdf2_hmac("sha256", key.encode("utf-8"), b"chatbot.ops n8n encryption key", 100_000, 16).hex()


@dataclass(frozen=True)
class WrappedKey:
    """A row of ``deployment_key`` whose value the instance's key unwraps."""

    algorithm: str
    value: str


class Keyring:
    """The instance's key, and the keys that it unwraps.

    :param key: as in n8n's ``config``.
    :param wrapped: the rows of ``deployment_key`` with type ``data_encryption``, by their id.
    """

    def __init__(self, key: str, wrapped: Mapping[str, WrappedKey]) -> None:
        self._key, self._wrapped = key, wrapped

    def open(self, secret: str) -> dict[str, object]:
        """Return what ``secret``, the ``data`` of a credential, holds.

        :raises NotDecryptedError: if it does not open. One wrong key in 256 passes the padding of CBC: what comes out
            has to be a JSON object, too.
        """
        decrypted = self._decrypt(secret)
        try:
            plain = json.loads(decrypted.decode("utf-8"))
        except ValueError as error:
            raise NotDecryptedError("it does not decrypt to a JSON object") from error
        if not isinstance(plain, dict):
            raise NotDecryptedError("it does not decrypt to a JSON object")
        return plain

    def unwrap(self, wrapped: WrappedKey) -> str:
        """Return the key in a row of ``deployment_key``.

        :raises NotDecryptedError: if the instance's key does not unwrap it.
        """
        hex_key = hashlib.sha256(self._key.encode("utf-8")).hexdigest()
        return _text(_decrypt_gcm(wrapped.value, hex_key))

    def _decrypt(self, secret: str) -> bytes:
        key_id, colon, rest = secret.partition(":")
        if not colon:
            return _decrypt_cbc(secret, self._key)
        if _KEY_ID.match(key_id) is None or key_id not in self._wrapped:
            raise NotDecryptedError("it names a key that is not in deployment_key")
        wrapped = self._wrapped[key_id]
        decrypt = {_CBC: _decrypt_cbc, _GCM: _decrypt_gcm}.get(wrapped.algorithm)
        if decrypt is None:
            raise NotDecryptedError(f"its cipher {wrapped.algorithm} is not known")
        return decrypt(rest, self.unwrap(wrapped))


def _decrypt_cbc(secret: str, key: str) -> bytes:
    raw = _bytes(secret)
    salt, text = raw[len(_SALTED) : _BLOCK], raw[_BLOCK:]
    if not raw.startswith(_SALTED) or not text or len(text) % _BLOCK:
        raise NotDecryptedError("it is no salted ciphertext")
    # Node's "binary" keeps the low byte of each character, as latin-1 does for those that have no more.
    password = bytes(ord(character) & 0xFF for character in key) + salt
    blocks = [b""]
    for _number in range(3):
        blocks.append(_md5(blocks[-1] + password))
    decryptor = Cipher(algorithms.AES(blocks[1] + blocks[2]), modes.CBC(blocks[3])).decryptor()
    return _unpadded(decryptor.update(text) + decryptor.finalize())


def _md5(data: bytes) -> bytes:
    # OpenSSL's old way from a passphrase to a key: no digest that anything relies on, hence no "security" for FIPS.
    return hashlib.md5(data, usedforsecurity=False).digest()


def _unpadded(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= _BLOCK or padded[-count:] != bytes([count]) * count:
        raise NotDecryptedError("its padding is wrong")
    return padded[:-count]


def _decrypt_gcm(secret: str, hex_key: str) -> bytes:
    raw = _bytes(secret)
    if not raw.startswith(_GCM_VERSION) or len(raw) < 1 + _GCM_SALT + _GCM_TAG:
        raise NotDecryptedError("it is no ciphertext of a known version")
    salt, rest = raw[1 : 1 + _GCM_SALT], raw[1 + _GCM_SALT :]
    try:
        secret_key = bytes.fromhex(hex_key)
    except ValueError as error:
        raise NotDecryptedError("its key is none") from error
    derived = HKDF(hashes.SHA256(), 44, salt, b"n8n-encryption-v1").derive(secret_key)
    try:
        return AESGCM(derived[:32]).decrypt(derived[32:], rest[_GCM_TAG:] + rest[:_GCM_TAG], None)
    except InvalidTag as error:
        raise NotDecryptedError("the key is another one") from error


def _bytes(secret: str) -> bytes:
    try:
        return base64.b64decode(secret)
    except ValueError as error:
        raise NotDecryptedError("it is not base64") from error


def _text(plain: bytes) -> str:
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotDecryptedError("it is no text") from error
