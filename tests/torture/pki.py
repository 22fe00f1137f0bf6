# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small certificate authority for the tests, made anew for each run; its keys are worth nothing."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)
HOST = "vpn.torture.test"
_NAMES = (HOST, "*.torture.test", "localhost")
# What is wrong with each certificate: days until it begins and ends, names, whether our authority signs it.
_KINDS = {
    "good": (-1, 30, _NAMES, True),
    "expired": (-30, -1, _NAMES, True),
    "future": (5, 30, _NAMES, True),
    "other_name": (-1, 30, ("vpn.elsewhere.test",), True),
    "no_san": (-1, 30, (), True),
    "self_signed": (-1, 30, _NAMES, False),
}


class Authority:
    """Issues the certificates; C(ca) is the file to trust, C(other_ca) one of an authority that issued none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key, self._cert = _root("torture test CA")
        self.ca = _write(folder / "ca.pem", self._cert)
        self.other_ca = _write(folder / "other-ca.pem", _root("another test CA")[1])
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context(self, kind: str = "good") -> ssl.SSLContext:
        """Return what a server with this certificate needs; C(old_tls) speaks TLS 1.1 at most."""
        if kind not in self._contexts:
            self._contexts[kind] = self._new_context(kind)
        return self._contexts[kind]

    def _new_context(self, kind: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._issue("good" if kind == "old_tls" else kind))
        if kind == "old_tls":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that it is old is the point
                context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        return context

    def _issue(self, kind: str) -> str:
        begins, ends, names, ours = _KINDS[kind]
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(HOST)
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._cert.subject if ours else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins * _DAY)
            .not_valid_after(now + ends * _DAY)
            # Python 3.13 wants to be told whose certificate it is.
            .add_extension(_issued_by(self._key if ours else key), critical=False)
        )
        if names:
            shown = [*map(x509.DNSName, names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            builder = builder.add_extension(x509.SubjectAlternativeName(shown[: None if len(names) > 1 else 1]), False)
        certificate = builder.sign(self._key if ours else key, hashes.SHA256())
        return _write(self._folder / f"{kind}.pem", certificate, key)


def _root(name: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 30 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.KeyUsage(*(number == 5 for number in range(9))), critical=True)  # to sign certificates
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write(path: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey | None = None) -> str:
    pem = serialization.Encoding.PEM
    data = certificate.public_bytes(pem)
    if key:
        data += key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(data)
    return str(path)
