"""The numbers that challenges carry: signed, short-lived, and each answer to one counts once."""

import base64
import binascii
import hashlib
import hmac
import threading
from collections.abc import Callable
from enum import Enum, auto

FRESH_MS = 10 * 60_000
# A large file may take this long after its header, which was looked at when it came.
LONGEST_MS = 60 * 60_000
NONCES_MAX = 4_096  # remembered at once; beyond it the oldest must be asked for again
COUNTS_MAX = 2_048  # answers to one
_SALT_BYTES, _TIME_BYTES, _MAC_BYTES = 16, 8, 16


class Use(Enum):
    """What may be made of a nonce that came back."""

    GOOD = auto()
    STALE = auto()  # ours once, or used in this way before: the device is asked again


class Nonces:
    """Any thread may use it. The key lives as long as the process."""

    def __init__(
        self, key: bytes, monotonic_ms: Callable[[], int], new_id: Callable[[], bytes]
    ) -> None:
        self._key, self._monotonic_ms, self._new_id = key, monotonic_ms, new_id
        self._used: dict[str, set[int]] = {}
        self._dropped_ms = -1  # whatever was made until then and is not remembered is stale
        self._turn = threading.Lock()

    def draw(self) -> str:
        made = self._monotonic_ms().to_bytes(_TIME_BYTES)
        body = made + self._new_id()[:_SALT_BYTES]
        return base64.urlsafe_b64encode(body + self._mac(body)).decode()

    def is_fresh(self, nonce: str, most_ms: int = FRESH_MS) -> bool:
        """Whether we made it, not longer than ``most_ms`` ago."""
        made_ms = self._made_ms(nonce)
        return made_ms is not None and 0 <= self._monotonic_ms() - made_ms <= most_ms

    def use(self, nonce: str, count: int, most_ms: int = FRESH_MS) -> Use:
        """Use a nonce for the ``count``-th time, in any order, each once."""
        if not self.is_fresh(nonce, most_ms):
            return Use.STALE
        made_ms = self._made_ms(nonce) or 0
        with self._turn:
            counts = self._used.get(nonce)
            if counts is None:
                if made_ms <= self._dropped_ms:
                    return Use.STALE
                counts = self._remember(nonce)
            if count in counts or len(counts) >= COUNTS_MAX:
                return Use.STALE
            counts.add(count)
            return Use.GOOD

    def _remember(self, nonce: str) -> set[int]:
        if len(self._used) >= NONCES_MAX:
            oldest = next(iter(self._used))
            del self._used[oldest]
            self._dropped_ms = max(self._dropped_ms, self._made_ms(oldest) or 0)
        self._used[nonce] = set()
        return self._used[nonce]

    def _made_ms(self, nonce: str) -> int | None:
        try:
            data = base64.urlsafe_b64decode(nonce)
        except (binascii.Error, ValueError):
            return None
        body, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        if len(body) != _TIME_BYTES + _SALT_BYTES or not hmac.compare_digest(self._mac(body), mac):
            return None
        return int.from_bytes(body[:_TIME_BYTES])

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_MAC_BYTES]
