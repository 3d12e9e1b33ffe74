"""What is being received, before it is saved: encrypted, in a file without a name.

Its key is in memory only and the file has no name in any folder, so a process that is killed,
a machine that is switched off, or a browser that goes away leaves nothing.
"""

import errno
import hashlib
import os
import tempfile
from io import RawIOBase
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from sync.store.errors import StoreFullError

_BLOCK = 16
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class Content(Protocol):
    """What a file's bytes are read from."""

    def read(self, size: int = -1, /) -> bytes | None: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class Draft(RawIOBase):
    """Written once from its beginning to its end, then read from anywhere, as often as needed.

    Attributes:
        size: bytes written.
    """

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        super().__init__()
        with tempfile.TemporaryFile(dir=folder) as file:
            self._fd = os.dup(file.fileno())
        self._key = os.urandom(32)
        self._writing = self._cipher(0)
        self._reading: CipherContext | None = None
        self._at = 0
        self._hash = hashlib.sha256()
        self.size = 0

    def sha256(self) -> bytes:
        return self._hash.digest()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Append. Raises StoreFullError when the disk has no room."""
        plain = bytes(data)
        sealed = memoryview(self._writing.update(plain))
        try:
            while sealed:
                sealed = sealed[os.write(self._fd, sealed) :]
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreFullError("the disk is full") from error
            raise
        self._hash.update(plain)
        self.size += len(plain)
        return len(plain)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Where to read next; writing always appends."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        self._reading = None
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._reading is None:
            skip = self._at % _BLOCK
            self._reading = self._cipher(self._at // _BLOCK)
            self._reading.update(bytes(skip))
        data = self._reading.update(os.pread(self._fd, len(buffer), self._at))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._fd)

    def _cipher(self, block: int) -> CipherContext:
        # The key is used for this file alone, so counting from zero repeats nothing.
        return Cipher(AES(self._key), CTR(block.to_bytes(_BLOCK, "big"))).encryptor()
