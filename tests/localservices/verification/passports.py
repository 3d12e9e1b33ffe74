"""Passports that a test issues itself: the chip's files, with one detail changed."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.asymmetric import ec

from localservices.verification.mrz import check_digit
from tests.localservices.verification.issuing import NOW
from tests.localservices.verification.states import (
    Authority,
    PrivateKey,
    an_algorithm,
    raw_signature,
    signed_anew,
)
from tests.localservices.verification.written_out import a_key

LDS, MASTER_LIST = "2.23.136.1.1.1", "2.23.136.1.1.2"
_SHA256 = bytes.fromhex("300b0609608648016503040201")  # 2.16.840.1.101.3.4.2.1


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return (b"\x5f\x1f" if tag == 0x5F1F else bytes([tag])) + length + content


def a_zone(expires: str = "331231", number: str = "FA1234567") -> str:
    """Two lines of 44 (TD3)."""
    first = "P<UKRLYSENKO<<OKSANA<IVANIVNA".ljust(44, "<")
    person = f"{number}{check_digit(number)}UKR870621{check_digit('870621')}F"
    second = f"{person}{expires}{check_digit(expires)}".ljust(43, "<")
    whole = second[0:10] + second[13:20] + second[21:43]
    return first + second + check_digit(whole)


def a_group_1(zone: str) -> bytes:
    return der(0x61, der(0x5F1F, zone.encode()))


def a_security_object(groups: Mapping[int, bytes]) -> bytes:
    hashes = b"".join(
        der(0x30, der(2, bytes([number])) + der(4, hashlib.sha256(data).digest()))
        for number, data in groups.items()
    )
    return der(0x30, der(2, b"\0") + _SHA256 + der(0x30, hashes))


@dataclass
class Signer:
    """Signs CMS; ``certificates``: further ones that it puts inside."""

    key: PrivateKey
    certificate: bytes
    is_pss: bool = False
    certificates: tuple[bytes, ...] = ()

    def message(
        self, content: bytes, kind: str = LDS, attributes: Mapping[str, Any] | None = None
    ) -> bytes:
        """``attributes`` replace the signed ones; ``...``: without it."""
        plain: dict[str, Any] = {
            "content_type": kind,
            "signing_time": cms.Time("utc_time", NOW),
            "message_digest": hashlib.sha256(content).digest(),
        }
        told = plain | dict(attributes or {})
        signed = cms.CMSAttributes(
            [{"type": name, "values": [value]} for name, value in told.items() if value is not ...]
        )
        own = asn1.Certificate.load(self.certificate)
        sid = {"issuer": own.issuer, "serial_number": own.serial_number}
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", sid),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": signed,
            "signature_algorithm": an_algorithm(self.key, self.is_pss),
            "signature": raw_signature(self.key, signed.dump(), self.is_pss),
        }
        inside = [asn1.Certificate.load(one) for one in (*self.certificates, self.certificate)]
        whole = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": kind,
                    "content": core.ParsableOctetString(content),
                },
                "certificates": [cms.CertificateChoices("certificate", one) for one in inside],
                "signer_infos": [signer],
            }
        )
        found = cms.ContentInfo({"content_type": "signed_data", "content": whole})
        return bytes(found.dump())


def a_state() -> Authority:
    """Whose certificate writes its curve out, as real ones do."""
    key = ec.generate_private_key(ec.BrainpoolP256R1())
    return Authority(key, a_key(key.public_key()))


@dataclass
class Passports:
    """A state's passports; the document signer's curve is written out, too."""

    state: Authority = field(default_factory=a_state)
    key: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    is_pss: bool = False
    usages: tuple[str, ...] = ()
    expires: str = "331231"

    def __post_init__(self) -> None:
        certificate = self.state.certify("DS", self.key, usages=self.usages)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            certificate = signed_anew(certificate, a_key(self.key.public_key()), self.state.key)
        self.signer = Signer(self.key, certificate, self.is_pss)
        self.groups = {1: a_group_1(a_zone(self.expires)), 2: der(0x75, b"portrait")}

    def security_object(self, **changes: Any) -> bytes:
        return der(0x77, self.signer.message(a_security_object(self.groups), **changes))

    def text(self, sod: bytes | None = None, groups: Mapping[int, bytes] | None = None) -> str:
        told = {"sod": self.security_object() if sod is None else sod}
        told |= {f"dg{number}": data for number, data in (groups or self.groups).items()}
        return json.dumps({name: base64.b64encode(data).decode() for name, data in told.items()})
