"""New keys for central: nodes learn them from the catalogue, so not by the word of the old key.

    keys/next/  drawn and not yet in force     keys/old/  opening keys that sealed what nodes hold

It may be cut short at any step and is then begun again: the keys that were drawn are used.
"""

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.catalogue import files
from central.catalogue.publisher import Publisher
from central.errors import KeysError
from sync.wire import keys
from sync.wire.errors import MalformedError
from sync.wire.keys import CentralKeys
from sync.wire.repository import CENTRAL_KEYS
from sync.wire.seal import OpeningKey, OpeningRing, new_opening_key

_PRIVATE = ("opening.key", "signing.key")
_PUBLIC = "central.json"  # drawn last and moved last: its presence tells how far it came


def rotate(
    folder: Path, publisher: Publisher, key: Ed25519PrivateKey | None, now: datetime
) -> None:
    """Draw keys, publish them and put them in force; ``key`` may publish central's keys.

    Raises:
        PublishError, KeysError: nothing has changed, or it must be begun again.
    """
    coming = folder / "next"
    if not (coming / _PUBLIC).exists():
        _draw(coming)
    publisher.publish(coming / _PUBLIC, CENTRAL_KEYS, key, now)
    try:
        _keep_old(folder)
        for name in (*_PRIVATE, _PUBLIC):
            if (coming / name).exists():
                (coming / name).replace(folder / name)
        coming.rmdir()
    except OSError as error:
        raise KeysError(
            f"{folder} cannot be written ({error.strerror}): free room there and begin again."
        ) from error


def opening_keys(folder: Path, current: OpeningKey) -> OpeningRing:
    """The key in force and those before it. Raises KeysError."""
    old = [_read(path) for path in sorted((folder / "old").glob("opening-*.key"))]
    return OpeningRing((current, *old))


def _draw(coming: Path) -> None:
    opening, signing = new_opening_key(), Ed25519PrivateKey.generate()
    public = CentralKeys(signing.public_key(), opening.public())
    _put_private(coming / "opening.key", keys.opening_key_text(opening))
    _put_private(coming / "signing.key", keys.signing_key_text(signing))
    files.put(coming / _PUBLIC, keys.central_keys_text(public).encode())


def _keep_old(folder: Path) -> None:
    """What nodes sealed until now must open for ever."""
    text = (folder / "opening.key").read_text("ascii")
    name = _read(folder / "opening.key").public().raw[-8:].hex()
    _put_private(folder / "old" / f"opening-{name}.key", text)


def _put_private(path: Path, text: str) -> None:
    files.put(path, text.encode(), mode=0o600)


def _read(path: Path) -> OpeningKey:
    try:
        return keys.read_opening_key(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise KeysError(f"{path} is not a readable key: restore it from its copy.") from error
