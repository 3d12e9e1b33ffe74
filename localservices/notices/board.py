"""What central tells everybody, on a board that stays readable while the node is locked.

It is public by its nature, so it lies in the clear in a file of its own: after a restart people
read it before any member of staff has signed in.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sync.store.inbox import Inbox, Letter
from sync.wire import cap, cbor, records
from sync.wire.errors import KindError, WireError
from sync.wire.kinds.alert import AlertIssued, NewsPublished

LOOKED_THROUGH_MAX = 500  # of central's newest words
KEPT_MAX = 200
_FILE_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Posted:
    """An alert or news, and when it came (Unix milliseconds)."""

    came_ms: int
    record: AlertIssued | NewsPublished


@dataclass(frozen=True, slots=True)
class Holding:
    """An alert that holds now, and when it came."""

    came_ms: int
    alert: AlertIssued


class Board:
    """Any thread may use it."""

    def __init__(self, path: Path | None, inbox: Inbox, is_open: Callable[[], bool]) -> None:
        """``path`` None keeps it in memory. ``is_open``: words of earlier starts open too."""
        self._path, self._inbox, self._is_open = path, inbox, is_open
        self._turn = threading.Lock()
        self._posted = _read(path)
        self._looked_at: tuple[int, int, bool] | None = None

    def look(self) -> None:
        """Take up what came since; cheap when nothing did."""
        newest = self._inbox.newest(1)
        at = (self._inbox.count(), newest[0].n if newest else 0, self._is_open())
        with self._turn:
            if at == self._looked_at:
                return
            self._looked_at = at
            found = dict(self._posted)
            for letter in reversed(self._inbox.newest(LOOKED_THROUGH_MAX)):
                if (posted := _posted(letter)) is not None:
                    found.setdefault(letter.place, posted)
            if len(found) != len(self._posted):
                kept = sorted(found.items(), key=lambda one: one[1].came_ms)[-KEPT_MAX:]
                self._posted = dict(kept)
                self._write()

    def alerts(self, now_ms: int) -> list[Holding]:
        """Those that hold now, the newest first."""
        self.look()
        return _holding(self._posted.values(), now_ms // 1000)

    def alert(self, identifier: str) -> AlertIssued | None:
        """One that is here, whether it holds or not."""
        self.look()
        for one in self._posted.values():
            if isinstance(one.record, AlertIssued) and one.record.identifier == identifier:
                return one.record
        return None

    def news(self) -> list[tuple[int, NewsPublished]]:
        """(when it came, what it says), the newest first."""
        self.look()
        found = [
            (one.came_ms, one.record)
            for one in self._posted.values()
            if isinstance(one.record, NewsPublished)
        ]
        return sorted(found, key=lambda one: one[1].said_s, reverse=True)

    def _write(self) -> None:
        """Whole or not at all; on a full disk it stays in memory."""
        if self._path is None:
            return
        rows = [
            [place, one.came_ms, one.record.kind, records.to_body(one.record)]
            for place, one in self._posted.items()
        ]
        draft = self._path.with_suffix(".draft")
        with suppress(OSError):
            draft.write_bytes(cbor.encode(rows))
            draft.replace(self._path)


def _holding(posted: Iterable[Posted], now_s: int) -> list[Holding]:
    """Not expired, and no Update or Cancel has come."""
    found = [
        Holding(one.came_ms, one.record) for one in posted if isinstance(one.record, AlertIssued)
    ]
    followed = {one.alert.references for one in found if one.alert.references}
    holding = [
        one
        for one in found
        if one.alert.msg_type != "Cancel"
        and one.alert.identifier not in followed
        and now_s < one.alert.expires_s
    ]
    return sorted(holding, key=lambda one: one.alert.sent_s, reverse=True)


def _posted(letter: Letter) -> Posted | None:
    try:
        record = records.from_body(letter.entry.kind, letter.entry.body)
    except KindError:
        return None  # of another release
    return _public(letter.came_ms, record)


def _public(came_ms: int, record: object) -> Posted | None:
    if isinstance(record, NewsPublished):
        return Posted(came_ms, record)
    sound = isinstance(record, AlertIssued) and cap.is_sound(record)
    return Posted(came_ms, record) if isinstance(record, AlertIssued) and sound else None


def _read(path: Path | None) -> dict[str, Posted]:
    """What was on the board; a spoiled file is an empty board, which fills again."""
    found: dict[str, Posted] = {}
    if path is None:
        return found
    with suppress(OSError, WireError, ValueError, TypeError):
        for place, came_ms, kind, body in cbor.decode(path.read_bytes(), _FILE_BYTES_MAX):
            posted = _public(came_ms, records.from_body(kind, body))
            if posted is not None:
                found[place] = posted
    return found
