"""What of a document goes into a registry: a keyed hash of its type, number and holder's birthday.

Without the key nobody can try all numbers (there are few enough for an hour of work); with it, an
enrolled node can, so ``slow`` makes each try cost scrypt's work (RFC 7914).
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date

from sync.wire.registry.form import HASH_BITS

KEY_BYTES, KEY_ID_BYTES = 32, 8
_PERSON = b"nezlam registry"
# Cyrillic capitals that look as Latin ones do: people type either.
_ALIKE = str.maketrans("АВЕІКМНОРСТХУЇЁ", "ABEIKMHOPCTXYIE")
_LEFT_OUT = re.compile(r"[\s\-./№]+")


@dataclass(frozen=True, slots=True)
class Hasher:
    """Hashes documents for one registry. ``slow``: log2 of scrypt's cost; 0: none."""

    key: bytes = field(repr=False)
    slow: int = 0

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(_PERSON + self.key).digest()[:KEY_ID_BYTES]

    def hashed(self, document_type: str, number: str, born_on: date) -> int:
        """``HASH_BITS`` bits. The number is series and digits, however they were typed."""
        text = f"{document_type}\n{plain(number)}\n{born_on.isoformat()}".encode()
        if self.slow:
            text = hashlib.scrypt(text, salt=self.key, n=1 << self.slow, r=8, p=1, dklen=32)
        digest = hashlib.blake2b(text, digest_size=8, key=self.key, person=_PERSON).digest()
        return int.from_bytes(digest, "big") >> 64 - HASH_BITS


def plain(number: str) -> str:
    """A number as everybody types it: capitals, Latin where they look alike, nothing between."""
    return _LEFT_OUT.sub("", number.upper()).translate(_ALIKE)
