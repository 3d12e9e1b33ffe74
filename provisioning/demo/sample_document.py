"""A certificate to try verification with: issued here, by an issuer made for this demo."""

import base64
import json
import zlib
from datetime import datetime, timedelta
from pathlib import Path

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from provisioning import authority, clock

TRUST_FILE = "trust.json"
DOCUMENT_FILE = "document.txt"

_LIFE = timedelta(days=365)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285


def make(folder: Path) -> str:
    """Give the text of the sample's QR code, and leave its issuer's trust list in ``folder``."""
    path = folder / DOCUMENT_FILE
    if path.exists():
        return path.read_text("ascii")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = clock.now().replace(microsecond=0)
    key = authority.new_key()
    certificate = _issuer(key, now)
    der = certificate.public_bytes(Encoding.DER)
    trust = {"made_at": now.isoformat(), "certificates": [base64.b64encode(der).decode()]}
    (folder / TRUST_FILE).write_text(json.dumps(trust), "utf-8")
    text = issue(key, der, now)
    path.write_text(text, "ascii")
    return text


def issue(key: ec.EllipticCurvePrivateKey, issuer_der: bytes, now: datetime) -> str:
    """Give a vaccination certificate of the EU eHealth Network's HCERT 1.3.

    A CWT in COSE_Sign1 (RFC 9052), deflated, in base 45 (RFC 9285).
    """
    claims = {
        1: "UA",
        4: int((now + _LIFE).timestamp()),
        6: int(now.timestamp()),
        -260: {1: _vaccination(now)},
    }
    protected = cbor2.dumps({1: -7, 4: _digest(issuer_der)[:8]}, canonical=True)
    payload = cbor2.dumps(claims, canonical=True)
    signed = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(SHA256())))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
    return "HC1:" + _base45(zlib.compress(message))


def _vaccination(now: datetime) -> dict[str, object]:
    return {
        "ver": "1.3.0",
        "nam": {"fn": "Лисенко", "fnt": "LYSENKO", "gn": "Оксана", "gnt": "OKSANA"},
        "dob": "1987-06-21",
        "v": [
            {
                "tg": "840539006",
                "vp": "1119349007",
                "mp": "EU/1/20/1528",
                "ma": "ORG-100030215",
                "dn": 2,
                "sd": 2,
                "dt": (now - timedelta(days=40)).date().isoformat(),
                "co": "UA",
                "is": "Ministry of Health of Ukraine (sample)",
                "ci": "URN:UVCI:01:UA:0000000000000000000SAMPLE",
            }
        ],
    }


def _issuer(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "UA"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Nezlam demo signer"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + _LIFE)
        .sign(key, SHA256())
    )


def _digest(data: bytes) -> bytes:
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()


def _base45(data: bytes) -> str:
    text = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text.append(_ALPHABET[digit])
    return "".join(text)
