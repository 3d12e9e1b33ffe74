"""What lets a node issue documents of its own: a key, and the authority's delegation to it."""

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning import keyfiles
from provisioning.authority import BACKDATED, LEAF_LIFE, Issuer
from sync.wire import delegation, keys
from sync.wire.delegation import Delegation

KEY, WORD = "document.key", "document.cwt"


def hand(folder: Path, node_id: str, issuing: Issuer, now: datetime) -> None:
    """Make ``document.key`` and ``document.cwt`` in a node's folder, in place of earlier ones.

    Raises:
        KeyFileError: they cannot be written.
    """
    own = Ed25519PrivateKey.generate()
    begin_s, end_s = int((now - BACKDATED).timestamp()), int((now + LEAF_LIFE).timestamp())
    mandate = Delegation(node_id, own.public_key(), begin_s, end_s)
    der = issuing.certificate.public_bytes(Encoding.DER)
    word = delegation.sign(mandate, der, issuing.key)
    keyfiles.write_private(folder / KEY, keys.signing_key_text(own))
    keyfiles.write_public(folder / WORD, word.hex() + "\n")
