"""Whether a device holds the key that a mobile document names (ISO/IEC 18013-5, section 9.1.3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from localservices.verification.formats import cose
from localservices.verification.formats.cose import Embedded
from localservices.verification.verdict import DocumentError, Reason

_HMAC_256 = 5
_CURVES: dict[int, ec.EllipticCurve] = {
    1: ec.SECP256R1(),
    2: ec.SECP384R1(),
    3: ec.SECP521R1(),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What the device spoke in. ``transcript``: SessionTranscriptBytes, whole.

    Attributes:
        reader_key: our own of this session, without which no MAC can be checked.
    """

    transcript: bytes
    reader_key: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)


def device_key(mso: Mapping[str, Any]) -> PublicKeyTypes:
    """A COSE_Key (RFC 9053 section 7). Raises DocumentError."""
    match mso.get("deviceKeyInfo"):
        case {"deviceKey": {1: 2, -1: int(curve), -2: bytes(x), -3: bytes(y)}} if curve in _CURVES:
            numbers = ec.EllipticCurvePublicNumbers(
                int.from_bytes(x, "big"), int.from_bytes(y, "big"), _CURVES[curve]
            )
            try:
                return numbers.public_key()
            except ValueError as error:
                raise DocumentError(Reason.HOLDER_PROOF) from error
        case {"deviceKey": {1: 1, -1: 6, -2: bytes(x)}} if len(x) == 32:
            return ed25519.Ed25519PublicKey.from_public_bytes(x)
        case _:
            raise DocumentError(Reason.HOLDER_PROOF)


def proves(device: Mapping[Any, Any], kind: str, key: PublicKeyTypes, session: Session) -> bool:
    """Whether ``device`` (DeviceSigned) is by this key and for this session."""
    spaces, auth = device.get("nameSpaces"), device.get("deviceAuth")
    if not isinstance(spaces, Embedded) or not isinstance(auth, Mapping):
        raise DocumentError(Reason.HOLDER_PROOF)
    transcript = cose.load(session.transcript, embedded=True)
    if not isinstance(transcript, Embedded):
        raise DocumentError(Reason.HOLDER_PROOF)
    # Put together as bytes, for what the device encoded must stay as it encoded it.
    authentication = b"".join(
        [
            b"\x84",
            cbor2.dumps("DeviceAuthentication"),
            transcript.data,
            cbor2.dumps(kind),
            spaces.encoded,
        ]
    )
    covered = cbor2.dumps(cbor2.CBORTag(24, authentication))
    if (signature := auth.get("deviceSignature")) is not None:
        signed = cose.of_parts(_detached(signature, covered))
        return cose.is_signed_by(replace(signed, payload=covered), key)
    return _has_mac(_detached(auth.get("deviceMac"), covered), covered, key, session)


def _has_mac(parts: list[Any], covered: bytes, key: PublicKeyTypes, session: Session) -> bool:
    """COSE_Mac0 (RFC 9052 section 6.2) under EMacKey (section 9.1.3.5)."""
    own = session.reader_key
    if own is None or not isinstance(key, ec.EllipticCurvePublicKey):
        raise DocumentError(Reason.HOLDER_PROOF)
    protected, _, _, tag = parts
    bound = cose.load(protected)
    if not isinstance(bound, Mapping) or bound.get(1) != _HMAC_256:
        raise DocumentError(Reason.ALGORITHM)
    if own.curve.name != key.curve.name:
        raise DocumentError(Reason.HOLDER_PROOF)
    shared = own.exchange(ec.ECDH(), key)
    salt = hashlib.sha256(session.transcript).digest()
    mac_key = HKDF(SHA256(), 32, salt, b"EMacKey").derive(shared)
    mac = HMAC(mac_key, SHA256())
    mac.update(cbor2.dumps(["MAC0", protected, b"", covered]))
    try:
        mac.verify(tag)
    except InvalidSignature:
        return False
    return True


def _detached(found: object, covered: bytes) -> list[Any]:
    """A COSE message whose content travels elsewhere."""
    match found:
        case [bytes(protected), Mapping() as loose, None, bytes(mark)]:
            return [protected, loose, covered, mark]
        case _:
            raise DocumentError(Reason.HOLDER_PROOF)
