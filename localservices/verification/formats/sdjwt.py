"""SD-JWT (RFC 9901): a signed JSON object of which the holder shows parts, each by its digest."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from localservices.verification import jwk, strict_json
from localservices.verification.formats import jose
from localservices.verification.formats.jose import Jws
from localservices.verification.verdict import DocumentError, Reason

DISCLOSURES_MAX = 1_000
DEPTH_MAX = 32
_HASHES = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
_DIGESTS, _ALGORITHM, _ELEMENT = "_sd", "_sd_alg", "..."


@dataclass(frozen=True, slots=True)
class Presented:
    """What a holder handed over, not yet believed.

    Attributes:
        shown: the text that the holder's own signature covers by its hash.
        binding: the holder's proof; None: there is none.
    """

    jws: Jws
    disclosures: tuple[str, ...] = field(repr=False)
    shown: str = field(repr=False)
    binding: str | None = field(default=None, repr=False)


def read(text: str) -> Presented:
    """Compact (section 4), or JSON (section 8). Raises DocumentError."""
    text = text.strip("\ufeff \r\n\t")
    if len(text) > jose.TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    signed, *parts = (_compact(text) if text.startswith("{") else text).split("~")
    if not signed or not 1 <= len(parts) <= DISCLOSURES_MAX + 1:
        raise DocumentError(Reason.JWS)
    *disclosures, last = parts
    shown = "~".join([signed, *disclosures, ""])
    return Presented(jose.read(signed), tuple(disclosures), shown, last or None)


def digest(claims: Mapping[str, Any], text: str) -> str:
    """By the algorithm that the issuer chose. Raises DocumentError."""
    return jwk.text_of(_hash_of(claims)(text.encode("ascii")).digest())


def _hash_of(claims: Mapping[str, Any]) -> Callable[[bytes], Any]:
    algorithm = claims.get(_ALGORITHM, "sha-256")
    if not isinstance(algorithm, str) or algorithm not in _HASHES:
        raise DocumentError(Reason.ALGORITHM)
    return _HASHES[algorithm]


def claims_of(presented: Presented) -> tuple[dict[str, Any], frozenset[str]]:
    """The object with all that was disclosed, and the names that were at its top (section 7.1).

    Raises DocumentError: a disclosure fits nowhere, twice, or where it must not.
    """
    signed = presented.jws.claims()
    try:
        hashed = _hash_of(signed)
        by_digest = {
            jwk.text_of(hashed(one.encode("ascii")).digest()): _disclosure(one)
            for one in presented.disclosures
        }
    except ValueError as error:
        raise DocumentError(Reason.DISCLOSURE) from error
    if len(by_digest) != len(presented.disclosures):
        raise DocumentError(Reason.DISCLOSURE)
    opening = _Opening(by_digest)
    whole = opening.opened(signed, 0)
    if opening.used != set(by_digest):
        raise DocumentError(Reason.DISCLOSURE)
    whole.pop(_ALGORITHM, None)
    return whole, frozenset(set(whole) - set(signed))


class _Opening:
    """Puts disclosures where their digests stand, each once."""

    def __init__(self, by_digest: Mapping[str, Sequence[Any]]) -> None:
        self.used: set[str] = set()
        self._by_digest = by_digest
        self._met: set[str] = set()

    def opened(self, told: Mapping[str, Any], depth: int) -> dict[str, Any]:
        found = {
            name: self._value(value, depth) for name, value in told.items() if name != _DIGESTS
        }
        if _ELEMENT in found or (depth and _ALGORITHM in found):
            raise DocumentError(Reason.DISCLOSURE)
        digests = told.get(_DIGESTS, [])
        if not isinstance(digests, list):
            raise DocumentError(Reason.DISCLOSURE)
        for one in digests:
            match self._disclosed(one):
                case None:
                    continue
                case [_, str(name), value] if (
                    name not in (_DIGESTS, _ELEMENT) and name not in found
                ):
                    found[name] = self._value(value, depth)
                case _:
                    raise DocumentError(Reason.DISCLOSURE)
        return found

    def _value(self, told: Any, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise DocumentError(Reason.DISCLOSURE)
        if isinstance(told, dict):
            return self.opened(told, depth + 1)
        if isinstance(told, list):
            return [one for item in told for one in self._element(item, depth)]
        return told

    def _element(self, item: Any, depth: int) -> list[Any]:
        """One, or none where it stays hidden."""
        if not isinstance(item, dict) or _ELEMENT not in item:
            return [self._value(item, depth + 1)]
        if len(item) != 1:
            raise DocumentError(Reason.DISCLOSURE)
        match self._disclosed(item[_ELEMENT]):
            case None:
                return []
            case [_, value]:
                return [self._value(value, depth + 1)]
            case _:
                raise DocumentError(Reason.DISCLOSURE)

    def _disclosed(self, name: object) -> Sequence[Any] | None:
        """None: a decoy, or what the holder does not show. No digest may stand twice."""
        if not isinstance(name, str) or name in self._met:
            raise DocumentError(Reason.DISCLOSURE)
        self._met.add(name)
        found = self._by_digest.get(name)
        if found is not None:
            self.used.add(name)
        return found


def _disclosure(text: str) -> list[Any]:
    """Raises ValueError."""
    found = strict_json.loads(jwk.octets(text))
    if not isinstance(found, list) or len(found) not in (2, 3) or not isinstance(found[0], str):
        raise ValueError("not a disclosure")
    return found


def _compact(text: str) -> str:
    """Of the flattened or the general JSON form with one signature. Raises DocumentError."""
    try:
        told = strict_json.loads(text.encode("utf-8"))
    except ValueError as error:
        raise DocumentError(Reason.JSON) from error
    match told:
        case {"payload": payload, "signatures": [dict() as one]} if "signature" not in told:
            return _of_one(payload, one)
        case {"payload": _, "signatures": [_, _, *_]} if "signature" not in told:
            raise DocumentError(Reason.ALGORITHM)
        case {"payload": payload, "signature": _} if "signatures" not in told:
            return _of_one(payload, told)
        case _:
            raise DocumentError(Reason.JWS)


def _of_one(payload: object, signed: Mapping[str, Any]) -> str:
    """RFC 9901, section 8.1: disclosures and the holder's proof stand in what nobody signed."""
    header = signed.get("header", {})
    if not isinstance(header, dict) or not isinstance(header.get("disclosures", []), list):
        raise DocumentError(Reason.JWS)
    token = [signed.get("protected"), payload, signed.get("signature")]
    shown = [*header.get("disclosures", []), header.get("kb_jwt", "")]
    if not all(isinstance(part, str) and "~" not in part for part in [*token, *shown]):
        raise DocumentError(Reason.JWS)
    return "~".join([".".join(map(str, token)), *shown])
