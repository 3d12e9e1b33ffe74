"""What is said of evidence: a signed statement, sealed to central alone.

The statement is JSON in UTF-8, so that a court reads it, with an Ed25519 signature (RFC 8032) over
exactly these bytes, which ``openssl pkeyutl -verify -rawin`` checks. Both are sealed by HPKE
together with the keys of the item's files: no key of the node opens them again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from sync.wire import cbor
from sync.wire.errors import MalformedError
from sync.wire.limits import RECORD_BYTES_MAX
from sync.wire.seal import OpeningRing, SealingKey
from sync.wire.sign import SigningKey

FILE_KEY_BYTES = 32
_BLOCK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Testimony:
    """``file_keys`` open the item's files, in the order of its record."""

    statement: bytes
    signature: bytes  # 64 bytes
    file_keys: tuple[bytes, ...] = field(default=(), repr=False)


def write(said: dict[str, Any], key: SigningKey, file_keys: tuple[bytes, ...] = ()) -> Testimony:
    """Put what is said into canonical JSON (sorted, ended by a line feed), and sign it."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    statement = text.encode()
    return Testimony(statement, key.sign(statement), file_keys)


def seal(one: Testimony, to: SealingKey, node_id: str, item: bytes, purpose: str) -> bytes:
    """``purpose``: the kind of the record that carries it, so that none passes for another."""
    plain = cbor.encode([one.statement, one.signature, list(one.file_keys)])
    return to.seal(plain, _info(node_id, item, purpose))


def open_sealed(
    sealed: bytes, ring: OpeningRing, node_id: str, item: bytes, purpose: str
) -> Testimony:
    """Raises SealError, MalformedError or OversizedError."""
    plain = ring.open(sealed, _info(node_id, item, purpose))
    match cbor.decode(plain, RECORD_BYTES_MAX):
        case [bytes(statement), bytes(signature), list(keys)] if all(
            isinstance(key, bytes) and len(key) == FILE_KEY_BYTES for key in keys
        ):
            return Testimony(statement, signature, tuple(keys))
        case _:
            raise MalformedError("not a testimony")


def crypt(pieces: Iterator[bytes], key: bytes) -> Iterator[bytes]:
    """Encrypt or decrypt a file: AES-256-CTR counted from zero, under a key used for it alone.

    It proves nothing by itself: the SHA-256 in the signed statement does.
    """
    cipher = Cipher(AES(key), CTR(bytes(_BLOCK_BYTES))).encryptor()
    for piece in pieces:
        yield cipher.update(piece)


def _info(node_id: str, item: bytes, purpose: str) -> bytes:
    return b"nezlam/1 " + purpose.encode() + b" " + node_id.encode() + b" " + item
