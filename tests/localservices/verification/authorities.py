"""Authorities and those whom they certify, each with one detail changed; and tokens they sign."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.localservices.verification.issuing import DAY, NOW

SIGNING, CERTIFYING = "digital_signature", "key_cert_sign"
_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def curve_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


@dataclass(frozen=True)
class Wanted:
    """What a certificate says. ``use``: None: nothing of key usage; ``names``: URIs or DNS names.

    ``usages``: dotted OIDs; ``below``: how many authorities may stand below this one.
    """

    name: str = "Signer"
    use: str | None = SIGNING
    names: tuple[str, ...] = ()
    usages: tuple[str, ...] = ()
    is_authority: bool = False
    below: int | None = None
    begins: datetime = NOW - 100 * DAY
    ends: datetime = NOW + 300 * DAY
    limited_to: str | None = None  # a DNS name


AUTHORITY = Wanted("Authority", CERTIFYING, is_authority=True)


@dataclass(frozen=True)
class Certified:
    """A key with a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def certify(self, wanted: Wanted, key: ec.EllipticCurvePrivateKey | None = None) -> "Certified":
        key = key or curve_key()
        return Certified(key, _certificate(wanted, key, self.key, self.certificate.subject))

    def token(
        self,
        claims: dict[str, Any],
        typ: str = "dc+sd-jwt",
        chain: Sequence["Certified"] | None = None,
        **header: Any,
    ) -> str:
        """``chain``: whose certificates the header shows; None: none."""
        if chain is not None:
            header["x5c"] = [base64.b64encode(one.der).decode() for one in chain]
        return jwt(self.key, claims, typ, **header)


def root(wanted: Wanted = AUTHORITY, key: ec.EllipticCurvePrivateKey | None = None) -> Certified:
    key = key or curve_key()
    return Certified(key, _certificate(wanted, key, key, None))


def _certificate(
    wanted: Wanted,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    issuer: x509.Name | None,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wanted.name)])
    builder = x509.CertificateBuilder(
        issuer or name, name, key.public_key(), x509.random_serial_number()
    )
    builder = builder.not_valid_before(wanted.begins).not_valid_after(wanted.ends)
    constraints = x509.BasicConstraints(wanted.is_authority, wanted.below)
    builder = builder.add_extension(constraints, critical=True)
    if wanted.use is not None:
        usage = x509.KeyUsage(**{use: use == wanted.use for use in _USES})
        builder = builder.add_extension(usage, critical=True)
    if wanted.names:
        names = [
            x509.UniformResourceIdentifier(one) if ":" in one else x509.DNSName(one)
            for one in wanted.names
        ]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if wanted.usages:
        oids = [x509.ObjectIdentifier(usage) for usage in wanted.usages]
        builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=True)
    if wanted.limited_to:
        limits = x509.NameConstraints([x509.DNSName(wanted.limited_to)], None)
        builder = builder.add_extension(limits, critical=True)
    return builder.sign(by, SHA256())


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """R and s side by side, of the SHA-256."""
    size = (key.curve.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def jwt(key: ec.EllipticCurvePrivateKey, payload: dict[str, Any], typ: str, **header: Any) -> str:
    head = b64(json.dumps({"alg": "ES256", "typ": typ} | header).encode())
    signed = f"{head}.{b64(json.dumps(payload).encode())}"
    return f"{signed}.{b64(raw_signature(key, signed.encode()))}"
