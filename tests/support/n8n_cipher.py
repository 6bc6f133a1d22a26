# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's two ciphers, written from their description and apart from the collection's own reader of them.

CBC: every n8n 1.x, and 2.x by default; what `openssl enc -aes-256-cbc -md md5 -a -A` makes.
GCM: n8n 2.x, for the keys in `deployment_key` and for secrets that name such a key.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.padding import PKCS7

SALTED = b"Salted__"
GCM_VERSION = b"\x01"
GCM_SALT_BYTES, GCM_TAG_BYTES = 32, 16


def encrypt_cbc(plain: str, key: str, salt: bytes) -> str:
    """Encrypts with a passphrase and 8 bytes of salt; base64."""
    padder = PKCS7(AES.block_size).padder()
    encryptor = _cbc(key, salt).encryptor()
    padded = padder.update(plain.encode()) + padder.finalize()
    return b64encode(SALTED + salt + encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt_cbc(data: str, key: str) -> str:
    """The reverse of `encrypt_cbc`.

    :raises ValueError: if the key is wrong; one wrong key in 256 gives rubbish instead, or an error of decoding.
    """
    raw = b64decode(data)
    if not raw.startswith(SALTED):
        raise ValueError("no salted ciphertext")
    decryptor = _cbc(key, raw[8:16]).decryptor()
    unpadder = PKCS7(AES.block_size).unpadder()
    padded = decryptor.update(raw[16:]) + decryptor.finalize()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def encrypt_gcm(plain: str, hex_key: str, salt: bytes) -> str:
    """Encrypts with a key of hexadecimal digits and 32 bytes of salt; base64."""
    key, nonce = _gcm(hex_key, salt)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), None)
    text, tag = sealed[:-GCM_TAG_BYTES], sealed[-GCM_TAG_BYTES:]
    return b64encode(GCM_VERSION + salt + tag + text).decode()


def decrypt_gcm(data: str, hex_key: str) -> str:
    """The reverse of `encrypt_gcm`.

    :raises cryptography.exceptions.InvalidTag: if the key is wrong or the data were changed.
    """
    raw = b64decode(data)
    if not raw.startswith(GCM_VERSION):
        raise ValueError("no ciphertext of the known version")
    salt_end = 1 + GCM_SALT_BYTES
    salt, tag, text = raw[1:salt_end], raw[salt_end : salt_end + GCM_TAG_BYTES], raw[salt_end + GCM_TAG_BYTES :]
    key, nonce = _gcm(hex_key, salt)
    return AESGCM(key).decrypt(nonce, text + tag, None).decode()


def wrapping_key(encryption_key: str) -> str:
    """The key, in hexadecimal digits, under which n8n keeps the rows of `deployment_key`."""
    return hashlib.sha256(encryption_key.encode()).hexdigest()


def instance_id(encryption_key: str) -> str:
    """What n8n calls itself: it follows from the second half of the key."""
    return hashlib.sha256(encryption_key[len(encryption_key) // 2 :].encode()).hexdigest()


def _cbc(key: str, salt: bytes) -> Cipher[CBC]:
    password = key.encode("latin-1") + salt
    blocks = [b""]
    for _block in range(3):
        blocks.append(hashlib.md5(blocks[-1] + password, usedforsecurity=False).digest())
    return Cipher(AES(blocks[1] + blocks[2]), CBC(blocks[3]))


def _gcm(hex_key: str, salt: bytes) -> tuple[bytes, bytes]:
    derived = HKDF(hashes.SHA256(), 44, salt, b"n8n-encryption-v1").derive(bytes.fromhex(hex_key))
    return derived[:32], derived[32:]
