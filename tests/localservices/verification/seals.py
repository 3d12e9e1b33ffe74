"""Visible Digital Seals that a test issues itself, with one detail changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from localservices.verification import trust
from localservices.verification.knowledge import Knowledge
from localservices.verification.mrz import check_digit
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS

ISSUED = (NOW - 10 * DAY).date()
RESIDENCE_PERMIT = bytes.fromhex("fb06")
_CHARS = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def a_zone(expires: str = "331231", number: str = "FA1234567") -> str:
    """Two lines of 36 (TD2)."""
    first = "IDUKRLYSENKO<<OKSANA<IVANIVNA".ljust(36, "<")
    person = f"{number}{check_digit(number)}UKR870621{check_digit('870621')}F"
    second = f"{person}{expires}{check_digit(expires)}".ljust(35, "<")
    whole = second[0:10] + second[13:20] + second[21:35]
    return first + second + check_digit(whole)


def c40(text: str) -> bytes:
    """As seals have it: three characters in two bytes, a last one alone in ASCII."""
    out = b""
    for at in range(0, len(text), 3):
        part = text[at : at + 3].replace("<", " ")
        if len(part) == 1:
            out += bytes([254, ord(part) + 1])
            continue
        values = [_CHARS.index(char) + 3 for char in part] + [0] * (3 - len(part))
        out += (values[0] * 1600 + values[1] * 40 + values[2] + 1).to_bytes(2, "big")
    return out


def a_feature(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def a_date(day: date) -> bytes:
    return int(f"{day:%m%d%Y}").to_bytes(3, "big")


@dataclass
class Sealer:
    """Signs as UA / SG with the certificate 5B."""

    serial: int = 0x5B
    is_authority: bool = False
    begins: datetime = NOW - 100 * DAY
    ends: datetime = NOW + 300 * DAY
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.BrainpoolP256R1())
    )

    @property
    def der(self) -> bytes:
        country = x509.NameAttribute(NameOID.COUNTRY_NAME, "UA")
        subject = [country, x509.NameAttribute(NameOID.COMMON_NAME, "SG")]
        issuer = [country, x509.NameAttribute(NameOID.COMMON_NAME, "CSCA")]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(x509.Name(issuer))
            .public_key(self.key.public_key())
            .serial_number(self.serial)
            .not_valid_before(self.begins)
            .not_valid_after(self.ends)
            .add_extension(x509.BasicConstraints(self.is_authority, None), critical=True)
        )
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)

    @property
    def known(self) -> Knowledge:
        return Knowledge((trust.of_certificates([self.der], NOW_MS),))

    def seal(
        self,
        features: Mapping[int, bytes] | None = None,
        kind: bytes = RESIDENCE_PERMIT,
        issued: date = ISSUED,
        hashed: HashAlgorithm | None = None,
    ) -> bytes:
        told = {2: c40(a_zone()), 3: c40("UFO001979")} if features is None else features
        head = b"\xdc\x03" + c40("UKR") + c40("UASG02") + c40(f"{self.serial:02X}")
        head += a_date(issued) + a_date(issued) + kind
        return self.signed(
            head + b"".join(a_feature(tag, value) for tag, value in told.items()), hashed
        )

    def signed(self, data: bytes, hashed: HashAlgorithm | None = None) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashed or SHA256())))
        size = (self.key.key_size + 7) // 8
        return data + a_feature(0xFF, r.to_bytes(size, "big") + s.to_bytes(size, "big"))
