"""One signing key names the next: the old one signs it, and the new one shows that it is there."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.wire import cbor
from sync.wire.errors import MalformedError, SignatureError
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.sign import payload_of, sign, verified

_PURPOSE = "nezlam/1 next signing key"  # a signature made for it fits nothing else


@dataclass(frozen=True, slots=True)
class Succession:
    """``new`` follows ``old``; both are public keys, 32 bytes."""

    node_id: str
    old: bytes
    new: bytes


def write(node_id: str, old: Ed25519PrivateKey, new: Ed25519PrivateKey) -> bytes:
    """The same keys always give the same bytes."""
    said = _statement(node_id, old.public_key().public_bytes_raw(), new.public_key())
    return sign(cbor.encode([*said, new.sign(cbor.encode(said))]), old)


def read(data: bytes) -> Succession:
    """Give what both keys signed.

    Raises:
        OversizedError, MalformedError: not a succession.
        SignatureError: one of the two keys did not sign it.
    """
    match cbor.decode(payload_of(data), MESSAGE_BYTES_MAX):
        case [purpose, str(node_id), bytes(old), bytes(new), bytes(proof)] if (
            purpose == _PURPOSE and len(old) == len(new) == 32
        ):
            verified(data, Ed25519PublicKey.from_public_bytes(old))
            fresh = Ed25519PublicKey.from_public_bytes(new)
            try:
                fresh.verify(proof, cbor.encode(_statement(node_id, old, fresh)))
            except InvalidSignature as error:
                raise SignatureError("the new key did not sign that it is there") from error
            return Succession(node_id, old, new)
        case _:
            raise MalformedError("not a succession of keys")


def heirs(node_id: str, first: Ed25519PublicKey, chain: Iterable[bytes]) -> list[Ed25519PublicKey]:
    """The key, and those that follow it in a chain whose beginning may be older.

    Raises:
        WireError: a link of the chain is none.
    """
    found = [first]
    for said in map(read, chain):
        if said.node_id == node_id and said.old == found[-1].public_bytes_raw():
            found.append(Ed25519PublicKey.from_public_bytes(said.new))
    return found


def _statement(node_id: str, old: bytes, new: Ed25519PublicKey) -> list[object]:
    return [_PURPOSE, node_id, old, new.public_bytes_raw()]
