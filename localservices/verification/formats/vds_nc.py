"""Seals for what is not constrained in room (ICAO Technical Report VDS-NC, version 1): JSON.

The signer's certificate is inside; an authority on the trust list vouches for it. Proofs of
vaccination and of testing have no end of their own: who asks for them decides how old they may be.
"""

from collections.abc import Mapping
from typing import Any

from localservices.verification import canonical_json, certificates, jwk, strict_json
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.issuers import of_chain
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.signatures import Algorithm, verifies
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

FORMAT = "vds-nc"
TEXT_CHARS_MAX = 16 * 1024  # a QR code holds less than 5 KB
_VERSION = 1
_SIGNER = bytes.fromhex("67810801010e02")  # 2.23.136.1.1.14.2, who may sign
_ALGORITHMS = frozenset({Algorithm.ES256, Algorithm.ES384, Algorithm.ES512})
_TYPES = {"icao.vacc": "vaccination", "icao.test": "test"}
_SEXES = {"M": "male", "F": "female", "X": "other"}

Told = Mapping[str, Any]


def recognises(text: str) -> bool:
    """Never raises."""
    return text[:200].lstrip("\ufeff \r\n\t").startswith("{") and '"sigvl"' in text


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Never raises."""
    trust = known.trust(Purpose.VDS)
    verdict = Verdict(
        State.MALFORMED, Reason.JSON, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        return _judged(verdict, _read(text), trust)
    except DocumentError as error:
        state = State.UNSUPPORTED if error.code is Reason.ALGORITHM else State.MALFORMED
        return replace(verdict, state=state, reason=error.code, details=error.details)


def _read(text: str) -> Told:
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    try:
        told = strict_json.loads(text.lstrip("\ufeff \r\n\t").encode())
    except ValueError as error:
        raise DocumentError(Reason.JSON) from error
    match told:
        case {
            "data": {"hdr": {"t": str(), "is": str()}, "msg": dict()},
            "sig": {"alg": str(), "cer": str(), "sigvl": str()},
        }:
            return dict(told)
        case _:
            raise DocumentError(Reason.JSON)


def _judged(verdict: Verdict, told: Told, trust: TrustList) -> Verdict:
    data, mark, leaf = told["data"], told["sig"], _leaf(told["sig"]["cer"])
    verdict = replace(verdict, issuer=certificates.country(leaf), checks=(Check.READABLE,))
    found = of_chain([leaf.der], trust, verdict.judged_at_ms)
    if not found:
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.CHAIN)
    [signer] = found
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    if not _is_signed(data, mark, leaf):
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    if _SIGNER not in leaf.usages or not signer.may_sign:
        return replace(verdict, state=State.WRONG_KEY_USAGE, reason=Reason.KEY_USAGE)
    kind = _TYPES.get(data["hdr"]["t"])
    if kind is None or data["hdr"].get("v") != _VERSION:
        return replace(verdict, state=State.UNSUPPORTED, reason=Reason.KIND)
    claims = tuple((label, text) for label, text in _claims(kind, data["msg"]) if text)
    checks = (*verdict.checks, Check.KEY_USAGE, Check.CONTENT)
    verdict = replace(verdict, document_type=kind, claims=claims, checks=checks)
    if not signer.is_in_force:
        return replace(verdict, state=State.ISSUER_EXPIRED, reason=Reason.ISSUER_EXPIRED)
    return replace(verdict, state=State.VALID, reason=Reason.VALID, checks=(*checks, Check.DATES))


def _leaf(text: str) -> Certificate:
    try:
        return certificates.read(_octets(text))
    except CertificateError as error:
        raise DocumentError(Reason.CHAIN) from error


def _is_signed(data: Told, mark: Told, leaf: Certificate) -> bool:
    if mark["alg"] not in _ALGORITHMS:
        raise DocumentError(Reason.ALGORITHM)
    try:
        signed = canonical_json.encoded(data)
    except ValueError as error:
        raise DocumentError(Reason.JSON) from error
    return verifies(leaf.key, Algorithm(mark["alg"]), _octets(mark["sigvl"]), signed)


def _octets(text: str) -> bytes:
    """Of base64url, padded or not. Raises DocumentError."""
    try:
        return jwk.octets(text.rstrip("="))
    except ValueError as error:
        raise DocumentError(Reason.JSON) from error


def _claims(kind: str, message: Told) -> list[tuple[str, str]]:
    """What staff compare with the person, and what the proof is of. Raises DocumentError."""
    person = _object(message, "pid")
    name = " ".join(_text(person, "n").split())
    if not name:
        raise DocumentError(Reason.SCHEMA, field="n")
    claims = [
        ("name", name),
        ("birth", _text(person, "dob")),
        ("sex", _SEXES.get(_text(person, "sex"), "")),
        ("number", _text(person, "i") or _text(person, "dn")),
    ]
    return claims + (_vaccination(message) if kind == "vaccination" else _test(message))


def _vaccination(message: Told) -> list[tuple[str, str]]:
    """The last dose, whatever the order in which they are told."""
    doses = [
        (_whole(dose, "seq"), _text(dose, "dvc"), _text(dose, "ctr"), _text(event, "nam"))
        for event in _objects(message, "ve")
        for dose in _objects(event, "vd")
    ]
    if not doses:
        raise DocumentError(Reason.SCHEMA, field="vd")
    number, day, country, vaccine = max(doses)
    return [
        ("vaccine", vaccine),
        ("doses", str(number)),
        ("vaccinated", day),
        ("country", country),
    ]


def _test(message: Told) -> list[tuple[str, str]]:
    found = _object(message, "tr")
    return [
        ("result", _text(found, "r")),
        ("test_type", _text(found, "tc")),
        ("sampled", _text(_object(message, "dat"), "sc")),
        ("country", _text(_object(message, "sp"), "ctr")),
    ]


def _object(told: Told, name: str) -> Told:
    found = told.get(name)
    if not isinstance(found, dict):
        raise DocumentError(Reason.SCHEMA, field=name)
    return found


def _objects(told: Told, name: str) -> list[Told]:
    found = told.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DocumentError(Reason.SCHEMA, field=name)
    return found


def _text(told: Told, name: str) -> str:
    """Empty, where it is not there."""
    found = told.get(name, "")
    if not isinstance(found, str):
        raise DocumentError(Reason.SCHEMA, field=name)
    return found


def _whole(told: Told, name: str) -> int:
    found = told.get(name)
    if type(found) is not int:
        raise DocumentError(Reason.SCHEMA, field=name)
    return found
