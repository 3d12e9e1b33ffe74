"""Bytes that went over each road today, kept across restarts: what a metered link is paid by."""

import json
import logging
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

KEEP_EVERY_S = 60  # a crash loses a minute's count, and no flush is spent on more
_DAY_MS = 86_400_000


class Meter:
    """Any thread may call. Days are those of UTC: a clock that is put right changes no count."""

    def __init__(self, path: Path, wall_ms: Callable[[], int]) -> None:
        self._path, self._wall_ms = path, wall_ms
        self._lock = threading.Lock()
        self._day, self._bytes = self._read()

    def count(self, road: str, size: int) -> None:
        """``size`` bytes of ours went or came; what TCP and TLS add is not seen from here."""
        with self._lock:
            self._turn()
            self._bytes[road] += size

    def today(self) -> dict[str, int]:
        """Bytes by road."""
        with self._lock:
            self._turn()
            return dict(self._bytes)

    def keep(self) -> None:
        """Write the count down; on a full disk it is kept in memory alone."""
        with self._lock:
            told = json.dumps({"day": self._day, "bytes": self._bytes})
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(told, "utf-8")
            draft.replace(self._path)
        except OSError as error:
            log.warning("today's bytes are not written down (%s)", error.strerror)

    def _turn(self) -> None:
        day = self._wall_ms() // _DAY_MS
        if day != self._day:
            self._day, self._bytes = day, Counter()

    def _read(self) -> tuple[int, Counter[str]]:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            told = json.loads(self._path.read_text("utf-8"))
            return int(told["day"]), Counter({str(k): int(v) for k, v in told["bytes"].items()})
        return 0, Counter()
