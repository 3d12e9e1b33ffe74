"""A wallet, written by the standards alone: it reads a request and presents what it holds."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from localservices.verification.knowledge import Knowledge, Purpose
from localservices.verification.trust import IssuerKey, TrustList
from tests.localservices.verification import test_sdjwt as sdjwt
from tests.localservices.verification.authorities import jwt
from tests.localservices.verification.issuing import NOW, NOW_MS, Issuer

HOLDER = sdjwt.HOLDER
SIGNER = Issuer()
SPACE, LICENCE = "org.iso.18013.5.1", "org.iso.18013.5.1.mDL"
PERSON = {"family_name": "Лисенко", "given_name": "Оксана", "birth_date": "1987-06-21"}


def known() -> Knowledge:
    """Who judges what this wallet holds believes its issuers."""
    keys = (IssuerKey(sdjwt.KEY.public_key(), sdjwt.ISSUER),)
    of_mdocs = replace(SIGNER.trusted, purposes=frozenset({Purpose.MDOC}))
    return Knowledge((TrustList(made_at_ms=NOW_MS, keys=keys), of_mdocs))


def read(uri: str) -> dict[str, Any]:
    """The request that stands in a link (OpenID4VP 1.0, section 5)."""
    assert uri.startswith("openid4vp://?")
    told: dict[str, Any] = dict(parse_qsl(urlsplit(uri).query))
    for name in ("dcql_query", "client_metadata"):
        told[name] = json.loads(told[name])
    return told


def sd_jwt(request: dict[str, Any], **changes: Any) -> str:
    """A credential, and the holder's word that it is for this request."""
    iat = NOW_MS // 1000
    text = sdjwt.issued(cnf={"jwk": sdjwt.public(HOLDER)}, iat=iat - 60, exp=iat + 60)
    said = {"iat": iat, "aud": request["client_id"], "nonce": request["nonce"]}
    said |= {"sd_hash": sdjwt.digest(text)} | changes
    return text + jwt(HOLDER, said, "kb+jwt")


def handover(client_id: str, nonce: str, thumbprint: bytes | None, response_uri: str) -> list[Any]:
    """OpenID4VP 1.0, appendix B.2.6.1."""
    info = cbor2.dumps([client_id, nonce, thumbprint, response_uri])
    return ["OpenID4VPHandover", hashlib.sha256(info).digest()]


def mdoc(request: dict[str, Any], **changes: str) -> str:
    """A licence, signed by its device for this request."""
    told = {name: request[name] for name in ("client_id", "nonce", "response_uri")} | changes
    shown = handover(told["client_id"], told["nonce"], None, told["response_uri"])
    spaces = _embedded({})
    authentication = ["DeviceAuthentication", [None, None, shown], LICENCE, spaces]
    signature = _sign1(HOLDER, {}, cbor2.dumps(_embedded(authentication)))
    signature[2] = None  # it travels elsewhere
    document = {
        "docType": LICENCE,
        "issuerSigned": _issued(),
        "deviceSigned": {"nameSpaces": spaces, "deviceAuth": {"deviceSignature": signature}},
    }
    response = {"version": "1.0", "documents": [document], "status": 0}
    return base64.urlsafe_b64encode(cbor2.dumps(response)).rstrip(b"=").decode()


def _issued() -> dict[str, Any]:
    items = [
        _embedded(
            {"digestID": n, "random": bytes(16), "elementIdentifier": name, "elementValue": value}
        )
        for n, (name, value) in enumerate(PERSON.items())
    ]
    point = HOLDER.public_key().public_numbers()
    key = {1: 2, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    digests = {n: hashlib.sha256(cbor2.dumps(item)).digest() for n, item in enumerate(items)}
    dates = {"signed": NOW, "validFrom": NOW, "validUntil": NOW.replace(year=NOW.year + 1)}
    mso = {
        "version": "1.0",
        "digestAlgorithm": "SHA-256",
        "docType": LICENCE,
        "valueDigests": {SPACE: digests},
        "deviceKeyInfo": {"deviceKey": key},
        "validityInfo": {
            name: cbor2.CBORTag(0, day.strftime("%Y-%m-%dT%H:%M:%SZ"))
            for name, day in dates.items()
        },
    }
    auth = _sign1(SIGNER.key, {33: SIGNER.der}, cbor2.dumps(_embedded(mso)))
    return {"nameSpaces": {SPACE: items}, "issuerAuth": auth}


def _embedded(value: Any) -> cbor2.CBORTag:
    return cbor2.CBORTag(24, cbor2.dumps(value))


def _sign1(key: ec.EllipticCurvePrivateKey, loose: dict[int, Any], payload: bytes) -> list[Any]:
    """COSE_Sign1 (RFC 9052 section 4.2)."""
    protected = cbor2.dumps({1: -7})
    covered = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = decode_dss_signature(key.sign(covered, ec.ECDSA(SHA256())))
    return [protected, loose, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")]
