"""How many documents one core judges in a second, beside what OpenSSL makes of their signatures."""

import shutil
import subprocess
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edge.bench.report import Figure
from localservices.verification import engine, trust
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import State
from sync.wire import base45, delegation, edocument
from sync.wire.delegation import Delegation
from sync.wire.edocument import Mandate, Person, Term

ROUND_S = 1.0
_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_NOW_S = int(_NOW.timestamp())
_DAY_S = 24 * 3600
_AIM = ">= 0.7"


class OpensslError(Exception):
    """There is no baseline. ``str(error)`` says what to do."""


def measure(rounds: int, now_us: Callable[[], float]) -> list[Figure]:
    """The best of ``rounds`` for each: other work only slows. Raises OpensslError."""
    key = ec.generate_private_key(ec.SECP256R1())
    der = _certificate(key)
    known = Knowledge((trust.of_certificates([der], _NOW_S * 1000),))
    figures = []
    for name, text, signatures in (
        ("hcert", _hcert(key, der), ("ecdsap256",)),
        ("edocument", _edocument(key, der), ("ecdsap256", "ed25519")),
    ):
        ours = max(_judged(text, known, now_us) for _ in range(rounds))
        raw = max(_openssl(signatures) for _ in range(rounds))
        words = f"openssl speed: {' and '.join(signatures)}, one verification each"
        figures.append(Figure(name, ours, "documents/s", words, raw, _AIM))
    return figures


def _judged(text: str, known: Knowledge, now_us: Callable[[], float]) -> float:
    """Documents a second."""
    when, done, begin = When(_NOW_S * 1000), 0, now_us()
    while (took := now_us() - begin) < ROUND_S * 1e6:
        for _ in range(100):
            if engine.judge(text, known, when).state is not State.VALID:
                raise AssertionError("a genuine document is not valid")
        done += 100
    return done / took * 1e6


def _openssl(algorithms: tuple[str, ...]) -> float:
    """Documents a second if a document were nothing but these signatures."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise OpensslError("openssl is not installed: it is what is compared with.")
    seconds = 0.0
    for algorithm in algorithms:
        done = subprocess.run(  # noqa: S603  no shell, our own words
            [openssl, "speed", "-mr", "-seconds", "1", algorithm],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line.split(":") for line in done.stdout.splitlines() if line.startswith("+F")]
        if not lines:
            raise OpensslError(f"openssl speed does not know {algorithm}: a newer one is needed.")
        seconds += 1 / float(lines[-1][-1])
    return 1 / seconds


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UA")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_NOW - timedelta(days=100))
        .not_valid_after(_NOW + timedelta(days=100))
    )
    return built.sign(key, SHA256()).public_bytes(Encoding.DER)


def _hcert(key: ec.EllipticCurvePrivateKey, der: bytes) -> str:
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
    payload = cbor2.dumps(
        {1: "UA", 4: _NOW_S + _DAY_S, 6: _NOW_S - _DAY_S, -260: {1: body}}, canonical=True
    )
    protected = cbor2.dumps({1: -7, 4: delegation.kid_of(der)}, canonical=True)
    data = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    sides = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    mark = b"".join(side.to_bytes(32, "big") for side in sides)
    message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, mark]))
    return "HC1:" + base45.encode(zlib.compress(message))


def _edocument(key: ec.EllipticCurvePrivateKey, der: bytes) -> str:
    own = Ed25519PrivateKey.generate()
    word = Delegation("kharkiv-07", own.public_key(), _NOW_S - _DAY_S, _NOW_S + _DAY_S)
    mandate = Mandate(own, delegation.sign(word, der, key))
    person = Person("kharkiv-07-039f4d-2-104", "Лисенко Оксана Іванівна", "1987-06-21", "f")
    return edocument.issue(person, Term(_NOW_S - 60, _NOW_S + _DAY_S), mandate)
