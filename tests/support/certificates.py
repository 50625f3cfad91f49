"""Certificates for tests: an authority, and who is signed by it."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

DAY = dt.timedelta(days=1)
LOCALHOST = x509.SubjectAlternativeName(
    [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
)


@dataclass(frozen=True)
class Signed:
    """The files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; its own is in the file `certificate`."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        whole = x509.BasicConstraints(ca=True, path_length=None)
        signed = self._build(self._name, self._key).add_extension(whole, critical=True)
        signed = signed.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        self.certificate = folder / f"{name}.pem"
        self._write(self.certificate, signed)

    def sign(self, name: str, *more: tuple[x509.ObjectIdentifier, str]) -> Signed:
        """Return a new certificate for localhost, with a subject that begins with `more`."""
        key = ec.generate_private_key(ec.SECP256R1())
        parts = [*more, (NameOID.COMMON_NAME, name)]
        subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])
        files = Signed(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        signed = self._build(subject, key).add_extension(LOCALHOST, critical=False)
        self._write(files.certificate, signed.add_extension(authority, critical=False))
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    def _build(self, subject: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )

    def _write(self, file: Path, built: x509.CertificateBuilder) -> None:
        signed = built.sign(self._key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
