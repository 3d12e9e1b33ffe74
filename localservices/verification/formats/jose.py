"""JWS in its compact form (RFC 7515) of documents that others issued: read, and tried with a key.

Algorithm and key id come from the protected header, for there is no other in this form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import jwk, strict_json
from localservices.verification.signatures import CURVES, Algorithm, verifies
from localservices.verification.verdict import DocumentError, Reason

TEXT_CHARS_MAX = 1024 * 1024
_ALGORITHMS = frozenset(Algorithm)


@dataclass(frozen=True, slots=True)
class Jws:
    """A message that is read and not yet believed. ``signed`` is what the signature covers."""

    header: Mapping[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes

    @property
    def algorithm(self) -> Algorithm:
        return Algorithm(self.header["alg"])

    @property
    def kid(self) -> str | None:
        return self.header.get("kid")

    @property
    def typ(self) -> str | None:
        """Without the prefix that may be left out (RFC 7515 section 4.1.9), in lower case."""
        found = self.header.get("typ")
        return None if found is None else found.lower().removeprefix("application/")

    def claims(self) -> dict[str, Any]:
        """The payload as a JSON object. Raises DocumentError."""
        return _object(self.payload)


def read(text: str) -> Jws:
    """Raises DocumentError."""
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    try:
        head, body, mark = text.split(".")
        header, payload, signature = _object(jwk.octets(head)), jwk.octets(body), jwk.octets(mark)
        signed = f"{head}.{body}".encode("ascii")
    except ValueError as error:
        raise DocumentError(Reason.JWS) from error
    if header.get("alg") not in _ALGORITHMS or "crit" in header or "b64" in header:
        raise DocumentError(Reason.ALGORITHM)
    if not all(isinstance(header.get(name, ""), str) for name in ("kid", "typ")):
        raise DocumentError(Reason.JWS)
    return Jws(header, payload, signed, signature)


def is_signed_by(jws: Jws, key: PublicKeyTypes) -> bool:
    """Whether ``key`` made the signature; JOSE binds curve and hash (RFC 7518 section 3.4)."""
    wanted = CURVES.get(jws.algorithm)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name != wanted:
        return False
    return verifies(key, jws.algorithm, jws.signature, jws.signed)


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = strict_json.loads(data)
    except ValueError as error:
        raise DocumentError(Reason.JSON) from error
    if not isinstance(found, dict):
        raise DocumentError(Reason.JSON)
    return found
