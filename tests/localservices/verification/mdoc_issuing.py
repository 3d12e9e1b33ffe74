"""Mobile documents that a test issues itself: authority, signer, device, and one detail changed."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from localservices.verification.formats.mdoc_device import Session
from tests.localservices.verification.authorities import (
    Certified,
    Wanted,
    curve_key,
    raw_signature,
    root,
)
from tests.localservices.verification.issuing import NOW

LICENCE, SPACE = "org.iso.18013.5.1.mDL", "org.iso.18013.5.1"
MAY_SIGN_LICENCES = "1.0.18013.5.1.2"
SIGNER = Wanted("Signer", usages=(MAY_SIGN_LICENCES,))
IACA = root()
STATUS = "https://status.example/mdoc"
ELEMENTS = {"family_name": "Лисенко", "birth_date": "1987-06-21", "document_number": "ЛВ123456"}


def embedded(value: object) -> cbor2.CBORTag:
    return cbor2.CBORTag(24, cbor2.dumps(value))


TRANSCRIPT = cbor2.dumps(embedded([None, None, "a test"]))


def sign1(
    key: ec.EllipticCurvePrivateKey,
    payload: bytes | None,
    protected: Mapping[int, Any],
    loose: Mapping[int, Any],
    covered: bytes | None = None,
) -> list[Any]:
    """COSE_Sign1 (RFC 9052 section 4.2); ``covered``: what is signed where nothing is carried."""
    bound = cbor2.dumps(dict(protected)) if protected else b""
    data = cbor2.dumps(["Signature1", bound, b"", payload if covered is None else covered])
    return [bound, dict(loose), payload, raw_signature(key, data)]


def cose_key(key: ec.EllipticCurvePrivateKey) -> dict[int, Any]:
    numbers = key.public_key().public_numbers()
    return {1: 2, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


@dataclass(frozen=True)
class Licence:
    """``kind``: what its wrapping says it is; None: nothing. ``elements``: in their order."""

    signer: Certified = field(default_factory=lambda: IACA.certify(SIGNER))
    device: ec.EllipticCurvePrivateKey = field(default_factory=curve_key)
    kind: Any = LICENCE
    signed_kind: str = LICENCE
    elements: Sequence[tuple[str, Any]] = tuple(ELEMENTS.items())
    protected: Mapping[int, Any] = field(default_factory=lambda: {1: -7})
    loose: Mapping[int, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def response(self, auth: Mapping[str, Any] | None = None) -> bytes:
        """DeviceResponse (section 8.3.2.1.2). ``auth``: DeviceAuth; None: there is none."""
        items = [
            embedded(
                {
                    "digestID": number,
                    "random": bytes([number]) * 16,
                    "elementIdentifier": name,
                    "elementValue": value,
                }
            )
            for number, (name, value) in enumerate(self.elements)
        ]
        loose = {33: self.signer.der} | dict(self.loose)
        payload = cbor2.dumps(embedded(self._mso(items)))
        document: dict[str, Any] = {
            "issuerSigned": {
                "nameSpaces": {SPACE: items},
                "issuerAuth": sign1(self.signer.key, payload, self.protected, loose),
            }
        }
        if self.kind is not None:
            document["docType"] = self.kind
        if auth is not None:
            document["deviceSigned"] = {"nameSpaces": embedded({}), "deviceAuth": dict(auth)}
        return cbor2.dumps({"version": "1.0", "documents": [document], "status": 0})

    def _mso(self, items: Sequence[cbor2.CBORTag]) -> dict[str, Any]:
        digests = {n: hashlib.sha256(cbor2.dumps(one)).digest() for n, one in enumerate(items)}
        return {
            "version": "1.0",
            "digestAlgorithm": "SHA-256",
            "valueDigests": {SPACE: digests},
            "deviceKeyInfo": {"deviceKey": cose_key(self.device)},
            "docType": self.signed_kind,
            "validityInfo": {
                name: _tdate(NOW + timedelta(days=days))
                for name, days in (("signed", -9), ("validFrom", -9), ("validUntil", 9))
            },
        } | dict(self.more)

    def signature(self) -> dict[str, Any]:
        """Of the device, for the session of these tests (section 9.1.3.6)."""
        return {"deviceSignature": sign1(self.device, None, {1: -7}, {}, self._covered())}

    def mac(self, reader: ec.EllipticCurvePublicKey) -> dict[str, Any]:
        """By the device, which only this reader can check (section 9.1.3.5)."""
        shared = self.device.exchange(ec.ECDH(), reader)
        salt = hashlib.sha256(TRANSCRIPT).digest()
        maker = HMAC(HKDF(SHA256(), 32, salt, b"EMacKey").derive(shared), SHA256())
        bound = cbor2.dumps({1: 5})
        maker.update(cbor2.dumps(["MAC0", bound, b"", self._covered()]))
        return {"deviceMac": [bound, {}, None, maker.finalize()]}

    def _covered(self) -> bytes:
        transcript = cbor2.loads(cbor2.loads(TRANSCRIPT).value)
        parts = ["DeviceAuthentication", transcript, self.signed_kind, embedded({})]
        return cbor2.dumps(embedded(parts))


def a_session(reader: ec.EllipticCurvePrivateKey | None = None) -> Session:
    return Session(TRANSCRIPT, reader)


def a_status_list(signer: Certified, revoked: int) -> bytes:
    """A CWT (Token Status List, section 5.2) by whose certificate stands in it."""
    data = bytearray(8)
    data[revoked // 8] |= 1 << revoked % 8
    told = {"bits": 1, "lst": zlib.compress(bytes(data))}
    payload = cbor2.dumps({2: STATUS, 6: int(NOW.timestamp()), 65533: told})
    protected = {1: -7, 16: "application/statuslist+cwt"}
    return cbor2.dumps(cbor2.CBORTag(18, sign1(signer.key, payload, protected, {33: signer.der})))


def _tdate(moment: datetime) -> cbor2.CBORTag:
    return cbor2.CBORTag(0, moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
