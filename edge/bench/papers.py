"""Documents to be judged by the benchmark: each as an issuer makes them, and whom to believe."""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from localservices.verification import trust
from localservices.verification.knowledge import Knowledge
from localservices.verification.trust import IssuerKey
from localservices.verification.verdict import State
from sync.wire import base45, delegation, edocument
from sync.wire.delegation import Delegation
from sync.wire.edocument import Mandate, Person, Term

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
_DAY_S = 24 * 3600
_ISSUER = "https://issuer.gov.ua"
_SIGNS_LICENCES = ObjectIdentifier("1.0.18013.5.1.2")
_PERSON = {
    "family_name": "Лисенко",
    "given_name": "Оксана",
    "birth_date": "1987-06-21",
    "issuing_country": "UA",
    "document_number": "ВХЕ123456",
    "issuing_authority": "ТСЦ 8041",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """``signatures``: what is verified of it, by the names of ``openssl speed``."""

    name: str
    text: str
    state: State
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority with its certificate, and one whom it entitled to sign licences."""

    key: ec.EllipticCurvePrivateKey
    der: bytes
    signer_key: ec.EllipticCurvePrivateKey
    signer_der: bytes


def an_issuer() -> Issuer:
    key, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    return Issuer(key, _authority(key), signer, _signer(signer, key))


def known(issuer: Issuer) -> Knowledge:
    """Whoever believes this issuer, for all of them."""
    key = IssuerKey(issuer.key.public_key(), _ISSUER)
    return Knowledge((replace(trust.of_certificates([issuer.der], NOW_S * 1000), keys=(key,)),))


def papers(issuer: Issuer) -> tuple[Paper, ...]:
    """One of each format, genuine; a licence alone shows nobody whose it is."""
    return (
        Paper("hcert", _hcert(issuer), State.VALID, ("ecdsap256",)),
        Paper("edocument", _edocument(issuer), State.VALID, ("ecdsap256", "ed25519")),
        Paper("mdoc", _mdoc(issuer), State.HOLDER_UNBOUND, ("ecdsap256",)),
        Paper("sdjwt", _sdjwt(issuer), State.VALID, ("ecdsap256",)),
    )


def _authority(key: ec.EllipticCurvePrivateKey) -> bytes:
    return (
        _certificate(key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def _signer(key: ec.EllipticCurvePrivateKey, authority: ec.EllipticCurvePrivateKey) -> bytes:
    return (
        _certificate(key)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([_SIGNS_LICENCES]), critical=True)
        .sign(authority, SHA256())
        .public_bytes(Encoding.DER)
    )


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UA")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=100))
        .not_valid_after(NOW + timedelta(days=100))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _hcert(issuer: Issuer) -> str:
    entry = {
        "tg": "840539006",
        "vp": "1119349007",
        "mp": "EU/1/20/1528",
        "ma": "ORG-100030215",
        "dn": 2,
        "sd": 2,
        "dt": "2026-03-01",
        "co": "UA",
        "is": "Ministry of Health of Ukraine",
        "ci": "URN:UVCI:01:UA:1A2B3C4D5E6F708192A3#K",
    }
    name = {"fn": "Лисенко", "fnt": "LYSENKO", "gn": "Оксана", "gnt": "OKSANA"}
    body = {"ver": "1.3.0", "dob": "1987-06-21", "nam": name, "v": [entry]}
    claims = {1: "UA", 4: NOW_S + _DAY_S, 6: NOW_S - _DAY_S, -260: {1: body}}
    header = {1: -7, 4: delegation.kid_of(issuer.der)}
    message = cbor2.CBORTag(18, _sign1(issuer.key, header, {}, cbor2.dumps(claims)))
    return "HC1:" + base45.encode(zlib.compress(cbor2.dumps(message)))


def _edocument(issuer: Issuer) -> str:
    own = Ed25519PrivateKey.generate()
    word = Delegation("kharkiv-07", own.public_key(), NOW_S - _DAY_S, NOW_S + _DAY_S)
    mandate = Mandate(own, delegation.sign(word, issuer.der, issuer.key))
    person = Person("kharkiv-07-039f4d-2-104", "Лисенко Оксана Іванівна", "1987-06-21", "f")
    return edocument.issue(person, Term(NOW_S - 60, NOW_S + _DAY_S), mandate)


def _mdoc(issuer: Issuer) -> str:
    """ISO/IEC 18013-5: six elements, no portrait; the device shows no key."""
    items = [
        cbor2.CBORTag(24, cbor2.dumps(_element(number, name, value)))
        for number, (name, value) in enumerate(_PERSON.items())
    ]
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    key = {1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    digests = {
        number: hashlib.sha256(cbor2.dumps(item)).digest() for number, item in enumerate(items)
    }
    signed_object = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "docType": "org.iso.18013.5.1.mDL",
        "valueDigests": {"org.iso.18013.5.1": digests},
        "deviceKeyInfo": {"deviceKey": key},
        "validityInfo": {
            "signed": _tdate(-2),
            "validFrom": _tdate(-1),
            "validUntil": _tdate(1),
        },
    }
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(signed_object)))
    auth = _sign1(issuer.signer_key, {1: -7}, {33: issuer.signer_der}, payload)
    told = {"nameSpaces": {"org.iso.18013.5.1": items}, "issuerAuth": auth}
    return base64.urlsafe_b64encode(cbor2.dumps(told)).decode()


def _element(number: int, name: str, value: str) -> dict[str, Any]:
    shown = cbor2.CBORTag(1004, value) if name.endswith("_date") else value
    salt = bytes([number]) * 32
    return {
        "digestID": number,
        "random": salt,
        "elementIdentifier": name,
        "elementValue": shown,
    }


def _tdate(days: int) -> cbor2.CBORTag:
    return cbor2.CBORTag(0, (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _sdjwt(issuer: Issuer) -> str:
    """Six disclosures, all shown; the holder proves nothing, for the issuer names no key."""
    told = [
        _base64(json.dumps([name * 2, name, value]).encode()) for name, value in _PERSON.items()
    ]
    digests = [_base64(hashlib.sha256(one.encode()).digest()) for one in told]
    claims = {
        "iss": _ISSUER,
        "vct": "https://credentials.gov.ua/licence",
        "nbf": NOW_S - _DAY_S,
        "exp": NOW_S + _DAY_S,
        "_sd_alg": "sha-256",
        "_sd": digests,
    }
    header = {"alg": "ES256", "typ": "dc+sd-jwt"}
    covered = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    mark = _base64(_sides(issuer.key, covered.encode()))
    return "~".join([f"{covered}.{mark}", *told, ""])


def _sign1(
    key: ec.EllipticCurvePrivateKey,
    header: Mapping[int, Any],
    loose: Mapping[int, Any],
    payload: bytes,
) -> list[Any]:
    """COSE_Sign1 (RFC 9052 section 4.2)."""
    protected = cbor2.dumps(header, canonical=True)
    covered = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    return [protected, dict(loose), payload, _sides(key, covered)]


def _sides(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    sides = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return b"".join(side.to_bytes(32, "big") for side in sides)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
