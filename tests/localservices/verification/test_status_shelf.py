"""A node's status lists: as the catalogue brought them, and only of issuers whom it believes."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust import IssuerKey, TrustList
from sync.wire import revocations

KEY, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
URI = "https://status.example/1"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def a_list(key: Ed25519PrivateKey, data: bytes = b"\x02") -> bytes:
    head = b64(json.dumps({"alg": "EdDSA", "typ": "statuslist+jwt"}).encode())
    told: dict[str, Any] = {
        "sub": URI,
        "iat": 1,
        "status_list": {"bits": 1, "lst": b64(zlib.compress(data))},
    }
    signed = f"{head}.{b64(json.dumps(told).encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}".encode()


def a_shelf(path: Path, name: str = "status/lists/one.jwt") -> StatusShelf:
    known = (TrustList(keys=(IssuerKey(KEY.public_key()),)),)
    return StatusShelf(lambda: [(name, path, 5_000)], lambda: known)


def test_a_list_of_an_issuer_on_the_trust_list_counts_and_nobody_else_s(tmp_path: Path) -> None:
    (tmp_path / "ours").write_bytes(a_list(KEY))
    found = a_shelf(tmp_path / "ours").of(URI)
    assert found is not None
    assert (found.of(0), found.of(1), found.made_at_ms) == (0, 1, 5_000)
    (tmp_path / "theirs").write_bytes(a_list(STRANGER))
    assert a_shelf(tmp_path / "theirs").of(URI) is None
    (tmp_path / "spoiled").write_bytes(a_list(KEY)[:-2])
    assert a_shelf(tmp_path / "spoiled").of(URI) is None
    assert a_shelf(tmp_path / "absent").of(URI) is None


def test_of_our_own_documents_what_is_not_named_stands(tmp_path: Path) -> None:
    path = tmp_path / "edocuments"
    path.write_bytes(revocations.encode(["lviv-1-0a1b2c-2-7"]))
    shelf = a_shelf(path, revocations.TARGET)
    found, other = shelf.of("nz:lviv-1-0a1b2c-2"), shelf.of("nz:lviv-2-0a1b2c-2")
    assert found is not None
    assert other is not None
    assert (found.of(7), found.of(8), other.of(7)) == (1, 0, 0)
    assert StatusShelf().of("nz:lviv-1-0a1b2c-2") is None
