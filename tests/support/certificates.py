# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority of the tests' own, and the certificates that it signs."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = timedelta(days=30)
# Containers count the seconds as the machine does; still, a clock that was set back must not make them invalid.
_BEGUN = timedelta(hours=1)


class Authority:
    """The authority in a folder: ``ca.crt`` and ``ca.key``; made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        certificate, key = folder / "ca.crt", folder / "ca.key"
        if not certificate.exists():
            self._key = ec.generate_private_key(ec.SECP256R1())
            self._name = _name("chatbot.ops tests")
            builder = self._builder(self._name, self._key.public_key())
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
            _write_key(key, self._key)
            _write(certificate, builder.sign(self._key, hashes.SHA256()))
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self._key = loaded
        self._name = x509.load_pem_x509_certificate(certificate.read_bytes()).subject

    def issue(self, name: str, hosts: Sequence[str]) -> None:
        """Makes ``{name}.crt`` and ``{name}.key`` for a server, if they are not there.

        :param hosts: the names that it is reached by, beside 127.0.0.1.
        """
        certificate = self._folder / f"{name}.crt"
        if certificate.exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives: list[x509.GeneralName] = [x509.DNSName(host) for host in hosts]
        alternatives.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = self._builder(_name(hosts[0]), key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        _write_key(self._folder / f"{name}.key", key)
        _write(certificate, builder.sign(self._key, hashes.SHA256()))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - _BEGUN).not_valid_after(now + _LIFETIME)
        return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
