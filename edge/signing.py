"""The key that this node signs with, and its way from one to the next.

``signing.key`` is used. ``signing.next`` lies beside it until central holds the record that names
it; then it takes its place. ``signing.chain`` holds the successions, for relays whose fleet list is
older. A crash leaves a file as it was or as it is to be.
"""

import base64
import binascii
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge import identity
from sync.wire import keys, succession
from sync.wire.errors import MalformedError

CHAIN_MAX = 8  # successions that a relay is shown; they ride in a header


class Signing:
    """Signs from any thread; the pump's thread changes the key."""

    def __init__(self, folder: Path, node_id: str) -> None:
        """Raises NodeError."""
        self._folder, self._node_id = folder, node_id
        self._current = identity.own_key(folder)
        self._next = self._read_next()

    def sign(self, data: bytes, /) -> bytes:
        return self._current.sign(data)

    def prepare(self) -> None:
        """Have a next key, on the disk. Raises OSError."""
        if self._next is None:
            fresh = Ed25519PrivateKey.generate()
            self._write("signing.next", keys.signing_key_text(fresh))
            self._next = fresh

    def succession(self) -> bytes | None:
        """What central must hold before the next key is used; None: there is none."""
        if self._next is None:
            return None
        return succession.write(self._node_id, self._current, self._next)

    def switch(self) -> None:
        """Use the next key from now on, and forget the present one. Raises OSError."""
        said = self.succession()
        if said is None or self._next is None:
            return
        chain = [one for one in self.chain() if one != said]
        lines = [base64.b64encode(one).decode() for one in [*chain, said][-CHAIN_MAX:]]
        self._write("signing.chain", "\n".join(lines) + "\n")
        (self._folder / "signing.next").replace(self._folder / "signing.key")
        _flush(self._folder)
        self._current, self._next = self._next, None

    def chain(self) -> list[bytes]:
        """The last successions, the oldest first."""
        try:
            lines = (self._folder / "signing.chain").read_text("ascii").split()
            return [base64.b64decode(line, validate=True) for line in lines]
        except (OSError, UnicodeDecodeError, binascii.Error):
            return []  # a relay with an older list turns us away, and no more

    def _read_next(self) -> Ed25519PrivateKey | None:
        try:
            return keys.read_signing_key((self._folder / "signing.next").read_text("ascii"))
        except (OSError, UnicodeDecodeError, MalformedError):
            return None  # a spoiled one was never used: another is made

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all, and on the disk when this returns. Raises OSError."""
        path = self._folder / name
        draft = path.with_suffix(f"{path.suffix}.draft")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _flush(self._folder)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
