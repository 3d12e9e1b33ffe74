"""Groups of messages in, one transaction each, and acks after the commit."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from central.errors import LogAwayError, LogBrokenError, LogRefusedError
from sync.core.backoff import Backoff
from sync.core.intake import Intake
from sync.transport.trunk import FromNode, NodeSeen
from sync.wire.presence import Presence

log = logging.getLogger(__name__)

QUEUE_BYTES_MAX = 64 * 1024 * 1024  # then messages are let go; their nodes send them again
GROUP_MESSAGES = 200  # one commit; so an ack waits no longer than these take
_OVERHEAD_BYTES = 256  # of a message in the queue


class Hints(Protocol):
    """Where births and wills are noted."""

    def note_presence(self, node_id: str, epoch: bytes, now_ms: int, *, is_up: bool) -> None:
        """Raises LogError."""


class Ingest:
    """Owns one thread. ``put`` may be called from any other.

    Attributes:
        dropped: messages that the full queue let go.
        refused: messages that the database would not take.
        trouble: why nothing is stored at the moment, as a sentence; None: all is well.
        broken: set when nothing will be stored any more: the thread has ended by itself.
    """

    def __init__(
        self,
        intake: Intake,
        hints: Hints,
        send: Callable[[str, bytes], None],
        backoff: Backoff,
        wall_ms: Callable[[], int],
    ) -> None:
        self.dropped = 0
        self.refused = 0
        self.trouble: str | None = None
        self.broken = threading.Event()
        self._intake, self._hints, self._send = intake, hints, send
        self._backoff, self._wall_ms = backoff, wall_ms
        self._queue: deque[FromNode | NodeSeen] = deque()
        self._queued_bytes = 0
        self._turn = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the group in hand; what is still queued its nodes send again."""
        self._stopping.set()
        with self._turn:
            self._turn.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def put(self, event: FromNode | NodeSeen) -> None:
        """Queue if there is room. Never blocks."""
        with self._turn:
            if self._queued_bytes > QUEUE_BYTES_MAX:
                self.dropped += 1
                return
            self._queue.append(event)
            self._queued_bytes += _cost(event)
            self._turn.notify()

    def _run(self) -> None:
        try:
            while (group := self._gather()) is not None:
                self._take_patiently(group)
        except LogBrokenError as error:
            log.critical("%s", error)
            self.trouble = str(error)
        finally:
            if not self._stopping.is_set():  # a central that stores nothing must not look alive
                self.trouble = self.trouble or "Storing ended with an error: see the log."
                self.broken.set()

    def _gather(self) -> list[FromNode | NodeSeen] | None:
        with self._turn:
            self._turn.wait_for(lambda: self._queue or self._stopping.is_set())
            if self._stopping.is_set():
                return None
            group = [self._queue.popleft() for _ in range(min(len(self._queue), GROUP_MESSAGES))]
            self._queued_bytes -= sum(map(_cost, group))
        return group

    def _take_patiently(self, group: list[FromNode | NodeSeen]) -> None:
        """Store a group, however long the database stays away; acks wait as long."""
        while not self._stopping.is_set():
            try:
                self._take(group)
            except LogAwayError as error:
                if self.trouble is None:
                    log.error("nothing is stored: %s", error)  # noqa: TRY400
                self.trouble = str(error)
                self._stopping.wait(self._backoff.next_delay_ms() / 1000)
            except LogRefusedError as error:
                self._one_by_one(group, error)
                return
            else:
                if self.trouble is not None:
                    log.info("the database takes records again")
                self.trouble = None
                self._backoff.failures = 0
                return

    def _take(self, group: list[FromNode | NodeSeen]) -> None:
        now_ms = self._wall_ms()
        acks = self._intake.take(
            [(one.node_id, one.data) for one in group if isinstance(one, FromNode)], now_ms
        )
        for node_id, ack in acks:
            self._send(node_id, ack)
        for seen in group:
            if isinstance(seen, NodeSeen):
                self._note(seen.node_id, seen.presence, now_ms)

    def _note(self, node_id: str, presence: Presence, now_ms: int) -> None:
        self._hints.note_presence(node_id, presence.epoch, now_ms, is_up=presence.up)

    def _one_by_one(self, group: list[FromNode | NodeSeen], error: LogRefusedError) -> None:
        """Find the message that the database refuses; the others of its group are stored."""
        if len(group) == 1:
            self.refused += 1
            log.error("a message of %s is not stored: %s", group[0].node_id, error)
            return
        for one in group:
            self._take_patiently([one])


def _cost(event: FromNode | NodeSeen) -> int:
    return _OVERHEAD_BYTES + (len(event.data) if isinstance(event, FromNode) else 0)
