"""A TLS 1.3 session in memory, to count what really leaves: MQTT packets in TLS records."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_NAME = "bench.invalid"
_YEAR_ONE = datetime(2020, 1, 1, tzinfo=UTC)  # the certificate lives for the run alone
_PUBLISH_QOS_1 = 0x32  # MQTT 3.1.1 section 3.3.1


class Session:
    """Both ends of one connection, after their handshake."""

    def __init__(self) -> None:
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._wire = to_server
        self._to_client = to_client
        server_side, client_side = _contexts()
        self._server = server_side.wrap_bio(to_server, to_client, server_side=True)
        self._client = client_side.wrap_bio(to_client, to_server, server_hostname=_NAME)
        self._shake_hands()

    def sent(self, data: bytes) -> int:
        """How many bytes leave when ``data`` is sent."""
        self._client.write(data)
        size = self._wire.pending
        while self._wire.pending:
            self._server.read(len(data))
        return size

    def _shake_hands(self) -> None:
        waiting = [self._client, self._server]
        while waiting:  # ends: each pass brings both a flight further, or raises
            for end in list(waiting):
                try:
                    end.do_handshake()
                except ssl.SSLWantReadError:
                    continue
                waiting.remove(end)


def published(topic: str, payload: bytes) -> bytes:
    """An MQTT 3.1.1 PUBLISH of quality of service 1 (section 3.3)."""
    name = topic.encode()
    variable = len(name).to_bytes(2, "big") + name + b"\0\1"  # packet identifier
    length = len(variable) + len(payload)
    digits = bytearray()
    while True:  # at most four digits of seven bits (section 2.2.3)
        length, digit = divmod(length, 128)
        digits.append(digit | (128 if length else 0))
        if not length:
            return bytes([_PUBLISH_QOS_1]) + bytes(digits) + variable + payload


def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    with tempfile.TemporaryDirectory(prefix="nezlam-bench-") as folder:
        path = Path(folder) / "bench.pem"
        path.write_bytes(_certified())
        server.load_cert_chain(path)
        client.load_verify_locations(path)
    for context in (server, client):
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    return server, client


def _certified() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(_YEAR_ONE)
        .not_valid_after(_YEAR_ONE + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private
