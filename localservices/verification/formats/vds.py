"""Visible Digital Seals on paper (ICAO Doc 9303 part 13): what is printed, signed by its issuer.

The signer's certificate is not inside: it must stand on the trust list itself, where its subject's
country and name and its serial number are those that the seal gives. A seal that says until when
it is valid says so in its machine-readable zone. It proves what is written, not that the paper is
no copy: staff compare it with the person.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA224, SHA256, SHA384, SHA512, HashAlgorithm

from localservices.verification import mrz
from localservices.verification.certificates import COMMON_NAME, COUNTRY, Certificate
from localservices.verification.formats import c40, vds_reading
from localservices.verification.formats.mrz import claims_of, end_ms
from localservices.verification.formats.vds_reading import Seal
from localservices.verification.knowledge import Knowledge, Purpose, When
from localservices.verification.mrz import Zone
from localservices.verification.signatures import dss, made
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, DocumentError, Reason, State, Verdict, replace

FORMAT = "vds"


def recognises(text: str) -> bool:
    """Never raises."""
    return vds_reading.is_one(text)


def judge(text: str, known: Knowledge, when: When) -> Verdict:
    """Never raises."""
    trust = known.trust(Purpose.VDS)
    verdict = Verdict(
        State.MALFORMED, Reason.SEAL, FORMAT, when.at_ms, trust_age_s=trust.age_s(when.at_ms)
    )
    try:
        return _judged(verdict, vds_reading.read(text), trust)
    except DocumentError as error:
        return replace(verdict, reason=error.code, details=error.details)


def _judged(verdict: Verdict, seal: Seal, trust: TrustList) -> Verdict:
    verdict = replace(verdict, issuer=seal.signer[:2], checks=(Check.READABLE,))
    signers = [one for one in trust.certificates if _is_of(one, seal)]
    if not signers:
        return replace(verdict, state=State.UNTRUSTED_ISSUER, reason=Reason.ISSUER_UNKNOWN)
    verdict = replace(verdict, checks=(*verdict.checks, Check.ISSUER))
    signer = next((one for one in signers if _signed(one, seal)), None)
    if signer is None:
        return replace(verdict, state=State.TAMPERED, reason=Reason.SIGNATURE)
    verdict = replace(verdict, checks=(*verdict.checks, Check.SIGNATURE))
    if signer.is_revoked:
        return replace(verdict, state=State.ISSUER_REVOKED, reason=Reason.ISSUER_REVOKED)
    if seal.kind not in _KINDS:
        return replace(verdict, state=State.UNSUPPORTED, reason=Reason.KIND)
    return _dated(_shown(verdict, seal), signer)


def _is_of(one: Certificate, seal: Seal) -> bool:
    """Part 13, section 2.2; an authority signs certificates and no seals."""
    subject = dict(one.subject)
    name = (subject.get(COUNTRY, "") + subject.get(COMMON_NAME, "")).upper()
    return one.serial == seal.serial and name == seal.signer and not one.is_authority


def _signed(signer: Certificate, seal: Seal) -> bool:
    """The hash is as long as the key, or longer (part 13, section 2.4)."""
    key = signer.key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    digest = next(one for bits, one in _DIGESTS if key.key_size <= bits)
    try:
        return made(key, dss(seal.signature, key.curve), seal.signed, digest)
    except ValueError:
        return False


def _shown(verdict: Verdict, seal: Seal) -> Verdict:
    """Raises DocumentError: not the features of its kind."""
    kind, features = _KINDS[seal.kind]
    today = datetime.fromtimestamp(max(0, verdict.judged_at_ms) / 1000, UTC).date()
    zone: Zone | None = None
    claims: list[tuple[str, str]] = []
    for tag, (label, decode) in features.items():
        if tag not in seal.features:
            continue
        if label != "mrz":
            claims.append((label, decode(seal.features[tag])))
            continue
        lines = mrz.lines_of(decode(seal.features[tag]))
        if lines is None:
            raise DocumentError(Reason.SCHEMA, field="MRZ")
        zone = mrz.read(lines, today)
        claims += claims_of(zone)
    if not claims:
        raise DocumentError(Reason.SCHEMA, field="MRZ")
    return replace(
        verdict,
        document_type=kind,
        claims=tuple((label, text) for label, text in claims if text),
        not_before_ms=seal.issued_ms,
        not_after_ms=end_ms(zone) if zone else None,
        details={"field": "MRZ"} if zone and zone.slips else {},
    )


def _dated(verdict: Verdict, signer: Certificate) -> Verdict:
    at_ms, end = verdict.judged_at_ms, verdict.not_after_ms
    verdict = replace(verdict, checks=(*verdict.checks, Check.KEY_USAGE, Check.CONTENT))
    if verdict.not_before_ms is not None and at_ms < verdict.not_before_ms:
        return replace(verdict, state=State.NOT_YET_VALID, reason=Reason.NOT_YET_VALID)
    if end is not None and at_ms > end:
        return replace(verdict, state=State.EXPIRED, reason=Reason.EXPIRED)
    if not signer.not_before_ms <= at_ms <= signer.not_after_ms:
        return replace(verdict, state=State.ISSUER_EXPIRED, reason=Reason.ISSUER_EXPIRED)
    verdict = replace(verdict, checks=(*verdict.checks, Check.DATES))
    if verdict.details:  # a slip that the issuer signed
        return replace(verdict, state=State.SCHEMA_WARNING, reason=Reason.SCHEMA)
    return replace(verdict, state=State.VALID, reason=Reason.VALID)


def _zone(chars: int = 0) -> Callable[[bytes], str]:
    """A machine-readable zone of so many characters; visas leave the end of theirs out."""
    return lambda data: c40.decode(data).replace(" ", "<").ljust(chars, "<")


def _words(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(Reason.SEAL) from error


_DIGESTS: tuple[tuple[int, HashAlgorithm], ...] = (
    (224, SHA224()),
    (256, SHA256()),
    (384, SHA384()),
    (1024, SHA512()),
)

Features = Mapping[int, tuple[str, Callable[[bytes], str]]]
_PERSON: Features = {2: ("mrz", _zone()), 3: ("passport_number", c40.decode)}
_PLACE: Features = {1: ("number", c40.decode), 3: ("address", c40.decode)}

# By reference and category: ICAO's own, and Germany's (BSI TR-03137 part 1), which has most kinds.
_KINDS: Mapping[bytes, tuple[str, Features]] = {
    bytes.fromhex("5d01"): (
        "visa",
        {
            1: ("mrz", _zone(88)),
            2: ("mrz", _zone(72)),
            5: ("passport_number", c40.decode),
        },
    ),
    bytes.fromhex("5e03"): ("emergency_travel_document", _PERSON),
    bytes.fromhex("fb06"): ("residence_permit", _PERSON),
    bytes.fromhex("fd02"): ("arrival_attestation", {2: ("mrz", _zone())}),
    bytes.fromhex("fa06"): ("residence_document", {4: ("mrz", _zone())}),
    bytes.fromhex("01fe"): ("residence_document", _PERSON),
    bytes.fromhex("f50c"): ("residence_document", _PERSON),
    bytes.fromhex("f48f"): (
        "residence_document",
        {1: ("number", c40.decode), 2: ("passport_number", c40.decode)},
    ),
    bytes.fromhex("f60d"): ("passport", {2: ("mrz", _zone())}),
    bytes.fromhex("f70b"): ("identity_card", {2: ("mrz", _zone())}),
    bytes.fromhex("fc04"): (
        "social_insurance_card",
        {1: ("number", c40.decode), 2: ("family_name", _words), 3: ("given_name", _words)},
    ),
    bytes.fromhex("f908"): ("address_sticker", _PLACE),
    bytes.fromhex("f80a"): ("address_sticker", {1: ("number", c40.decode)}),
}
