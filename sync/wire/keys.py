"""Keys as text, for files and fleet lists: one line of base64 under a name."""

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.wire.errors import MalformedError
from sync.wire.seal import OpeningKey, SealingKey


@dataclass(frozen=True, slots=True)
class CentralKeys:
    """What a node must know of central: who signs acks, and to whom segment keys are sealed."""

    signing: Ed25519PublicKey
    sealing: SealingKey


def signing_key_text(key: Ed25519PrivateKey) -> str:
    return _line(key.private_bytes_raw())


def read_signing_key(text: str) -> Ed25519PrivateKey:
    """Raises MalformedError."""
    return Ed25519PrivateKey.from_private_bytes(_bytes(text, 32))


def public_key_text(key: Ed25519PublicKey) -> str:
    return _line(key.public_bytes_raw())


def read_public_key(text: str) -> Ed25519PublicKey:
    """Raises MalformedError."""
    return Ed25519PublicKey.from_public_bytes(_bytes(text, 32))


def opening_key_text(key: OpeningKey) -> str:
    return _line(key.seed)


def read_opening_key(text: str) -> OpeningKey:
    """Raises MalformedError."""
    return OpeningKey(_bytes(text, 96))


def central_keys_text(keys: CentralKeys) -> str:
    sealing = _line(keys.sealing.raw).strip()
    return json.dumps({"signing": public_key_text(keys.signing).strip(), "sealing": sealing}) + "\n"


def read_central_keys(text: str) -> CentralKeys:
    """Raises MalformedError."""
    match _json(text):
        case {"signing": str(signing), "sealing": str(sealing)}:
            return CentralKeys(read_public_key(signing), SealingKey(_bytes(sealing, 1216)))
        case _:
            raise MalformedError("not central's public keys")


def fleet_text(fleet: dict[str, Ed25519PublicKey]) -> str:
    """Give the list of nodes that central believes: node id to signing key."""
    lines = {node_id: public_key_text(key).strip() for node_id, key in sorted(fleet.items())}
    return json.dumps({"nodes": lines}, indent=1) + "\n"


def read_fleet(text: str) -> dict[str, Ed25519PublicKey]:
    """Raises MalformedError."""
    match _json(text):
        case {"nodes": dict(nodes)}:
            return {str(node_id): read_public_key(str(line)) for node_id, line in nodes.items()}
        case _:
            raise MalformedError("not a fleet list")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise MalformedError("not JSON") from error


def _line(raw: bytes) -> str:
    return base64.b64encode(raw).decode() + "\n"


def _bytes(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("not base64") from error
    if len(raw) != length:
        raise MalformedError(f"a key of {len(raw)} bytes, {length} are needed")
    return raw
