"""Whether a device holds the key that a mobile document names (ISO/IEC 18013-5, section 9.1.3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from localservices.verification.formats import cose
from localservices.verification.formats.cose import Embedded, Signed
from localservices.verification.verdict import DocumentError, Reason

_HMAC_256 = 5
_PAIRED = {
    -7: ("secp256r1", "brainpoolP256r1"),
    -35: ("secp384r1", "brainpoolP320r1", "brainpoolP384r1"),
    -36: ("secp521r1", "brainpoolP512r1"),
}
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


def proves(
    device: Mapping[Any, Any], kind: str, key: PublicKeyTypes, session: Session
) -> bool | None:
    """Whether ``device`` (DeviceSigned) is by this key and for this session.

    None: by a MAC that cannot be checked here. Raises DocumentError: it is no proof at all.
    """
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
    signature = auth.get("deviceSignature")
    parts = _parts(auth.get("deviceMac") if signature is None else signature)
    if parts[2] not in (None, covered):  # it travels elsewhere; some send it here all the same
        return False
    if signature is None:
        return _has_mac(parts, covered, key, session)
    signed = cose.of_parts([*parts[:2], covered, parts[3]])
    return has_named_algorithm(signed, key) and cose.is_signed_by(signed, key)


def has_named_algorithm(signed: Signed, key: PublicKeyTypes) -> bool:
    """Whether the signed header names an algorithm, and one that goes with the key's curve.

    Section 9.1.2.4 pairs hashes and curves, Brainpool's (RFC 5639) among them.
    """
    bound = cose.load(signed.protected) if signed.protected else {}
    if not isinstance(bound, Mapping) or bound.get(1) != signed.algorithm:
        return False
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in _PAIRED.get(signed.algorithm, ())
    return isinstance(key, ed25519.Ed25519PublicKey)


def _has_mac(
    parts: list[Any], covered: bytes, key: PublicKeyTypes, session: Session
) -> bool | None:
    """COSE_Mac0 (RFC 9052 section 6.2) under EMacKey (section 9.1.3.5).

    None: there is no key of ours that goes with the device's.
    """
    own = session.reader_key
    if own is None or not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    if own.curve.name != key.curve.name:
        return None
    protected, _, _, tag = parts
    bound = cose.load(protected)
    if not isinstance(bound, Mapping) or bound.get(1) != _HMAC_256:
        raise DocumentError(Reason.ALGORITHM)
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


def _parts(found: object) -> list[Any]:
    """A COSE message, with its content or without."""
    match found:
        case [bytes(), Mapping(), bytes() | None, bytes()]:
            return list(found)
        case _:
            raise DocumentError(Reason.HOLDER_PROOF)
