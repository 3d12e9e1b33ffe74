"""Certificates that a test issues itself, with one detail changed."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from localservices.verification import certificates, trust
from localservices.verification.trust import TrustList

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp()) * 1000
DAY = timedelta(days=1)

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

VACCINATION = {
    "tg": "840539006",
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 2,
    "sd": 2,
    "dt": "2026-09-01",
    "co": "UA",
    "is": "Ministry",
    "ci": "URN:UVCI:01:UA:2#X",
}
TEST = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2026-11-22T10:00:00Z",
    "tr": "260415000",
    "co": "UA",
    "is": "Ministry",
    "ci": "URN:UVCI:01:UA:3#X",
}


def a_body(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "ver": "1.3.0",
        "nam": {"fn": "Лисенко", "fnt": "LYSENKO", "gn": "Оксана", "gnt": "OKSANA"},
        "dob": "1987-06-21",
        "r": [
            {
                "tg": "840539006",
                "fr": "2026-10-01",
                "co": "UA",
                "is": "Ministry",
                "df": "2026-10-12",
                "du": "2027-03-30",
                "ci": "URN:UVCI:01:UA:1#X",
            }
        ],
    }
    return {name: value for name, value in (plain | changes).items() if value is not ...}


@dataclass
class Issuer:
    """Signs as an authority would; ``usages`` are dotted OIDs of its certificate."""

    usages: tuple[str, ...] = ()
    ends: datetime = NOW + 300 * DAY
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UA")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(7)
            .not_valid_before(NOW - 100 * DAY)
            .not_valid_after(self.ends)
        )
        if self.usages:
            oids = [x509.ObjectIdentifier(usage) for usage in self.usages]
            builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)
        self.der = builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    @property
    def trusted(self) -> TrustList:
        return trust.of_certificates([self.der], NOW_MS)

    def issue(self, body: object = None, **claims: Any) -> str:
        """Give the QR code's text; ``claims`` replace those of the CWT, by names below."""
        plain: dict[int, Any] = {
            1: claims.get("issuer", "UA"),
            4: claims.get("expires", int((NOW + 30 * DAY).timestamp())),
            6: claims.get("issued", int((NOW - 30 * DAY).timestamp())),
            -260: {1: a_body() if body is None else body},
        }
        payload = cbor2.dumps({name: value for name, value in plain.items() if value is not ...})
        return packed(self.message(payload))

    def message(self, payload: bytes, protected: Mapping[int, Any] | None = None) -> bytes:
        kid = certificates.read(self.der).kid
        bound = cbor2.dumps({1: -7, 4: kid} if protected is None else dict(protected))
        data = cbor2.dumps(["Signature1", bound, b"", payload])
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(SHA256())))
        mark = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return cbor2.dumps(cbor2.CBORTag(18, [bound, {}, payload, mark]))


def packed(message: bytes) -> str:
    return "HC1:" + base45(zlib.compress(message))


def base45(data: bytes) -> str:
    text = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text.append(_ALPHABET[digit])
    return "".join(text)
