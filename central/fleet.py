"""Which nodes central believes: the fleet list, read again when its file changes."""

import logging
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central.errors import KeysError
from sync.wire.errors import MalformedError
from sync.wire.keys import read_fleet

log = logging.getLogger(__name__)


class Fleet:
    """Node ids and their signing keys. Replaced whole, so any thread may read it."""

    def __init__(self, path: Path) -> None:
        """Raises KeysError."""
        self._path = path
        self._version = _version(path)
        self._keys = _read(path)

    @property
    def nodes(self) -> frozenset[str]:
        return frozenset(self._keys)

    def key_of(self, node_id: str) -> Ed25519PublicKey | None:
        return self._keys.get(node_id)

    def refresh(self) -> bool:
        """Look whether the file changed; a spoiled one leaves the list as it was."""
        version = _version(self._path)
        if version == self._version:
            return False
        self._version = version
        try:
            self._keys = _read(self._path)
        except KeysError as error:
            log.error("the fleet list stays as it was: %s", error)  # noqa: TRY400
            return False
        log.info("the fleet list names %d nodes now", len(self._keys))
        return True


def _version(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _read(path: Path) -> dict[str, Ed25519PublicKey]:
    try:
        return read_fleet(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise KeysError(f"{path} is not a readable fleet list: restore it from a copy.") from error
