"""The thread that keeps one party connected: dial, carry, and after a loss wait and dial again."""

import logging
import selectors
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from sync.core.backoff import Backoff
from sync.transport.line import DialError, Endpoint, Line, Post, Reason, Script
from sync.wire.limits import MESSAGE_BYTES_MAX

log = logging.getLogger(__name__)

UP_TIMEOUT_MS = 20_000  # from the handshake to the last SUBACK, else the broker is not well
TICK_S = 1.0  # how often keepalive looks, at least
STOP_TIMEOUT_S = 2.0  # a thread that is still shaking hands is left to end by itself


class Party(Protocol):
    """Who is connected. Called on the dialler's thread: put on a queue, and no more."""

    def came_up(self) -> None: ...

    def went_down(self, reason: Reason) -> None: ...

    def heard(self, topic: str, payload: bytes) -> None: ...


@dataclass(slots=True)
class Dropped:
    """Messages that went nowhere, by what stood in the way. They only grow."""

    outgoing: int = 0  # no connection, or too much of it unanswered
    oversized: int = 0  # came, and longer than any message of ours


class Dialler:
    """Keeps ``party`` connected from ``start`` to ``stop``; each may be called once.

    Attributes:
        reason: why there is no connection; None while there is one.
    """

    def __init__(
        self,
        party: Party,
        script: Script,
        endpoint: Endpoint,
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``now_ms`` is monotonic. ``backoff`` belongs to this dialler alone."""
        self.reason: Reason | None = Reason.NOT_YET
        self.dropped = Dropped()
        self._party, self._script, self._endpoint = party, script, endpoint
        self._backoff, self._now_ms = backoff, now_ms
        self._stopping = threading.Event()
        self._redial = threading.Event()
        self._lock = threading.Lock()  # over the queue and what counts it
        self._waiting: deque[Post] = deque()
        self._room = 0  # bytes that may still be queued; none while down
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._tries = 0
        self._thread = threading.Thread(
            target=self._run, name=f"dialler {script.caller.name}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take leave and end; returns within ``STOP_TIMEOUT_S``."""
        self._stopping.set()
        self._ring()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def reconnect(self) -> None:
        """Hang up and dial again, after the pause that follows any loss; when down, nothing."""
        self._redial.set()
        self._ring()

    def send(self, post: Post) -> None:
        """Queue if there is a connection and room; else drop and count. Never blocks."""
        with self._lock:
            if post.cost > self._room or len(post.payload) > MESSAGE_BYTES_MAX:
                self.dropped.outgoing += 1
                return
            self._room -= post.cost
            self._waiting.append(post)
        self._ring()

    def _ring(self) -> None:
        # Full: it rings already. Closed: the thread has left, and nobody need wake.
        with suppress(OSError):
            self._bell.send(b"!")

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._connect_once()
                self._stopping.wait(self._backoff.next_delay_ms() / 1000)
        finally:
            self._bell.close()
            self._ear.close()

    def _connect_once(self) -> None:
        self._tries += 1
        line = Line(self._script)
        try:
            opened = line.dial(self._endpoint)
        except DialError as error:
            self._tell_down(error.reason, str(error))
            return
        self._redial.clear()
        up_at_ms = self._carry(line, opened)
        if up_at_ms is not None:
            self._backoff.lived(self._now_ms() - up_at_ms)
        assert line.ended is not None, "carrying goes on until the line has ended"
        self._tell_down(line.ended, line.detail)

    def _carry(self, line: Line, opened: ssl.SSLSocket) -> int | None:
        """Serve the line until it ends; when it came up, or None if it never did."""
        began_ms, up_at_ms = self._now_ms(), None
        with selectors.DefaultSelector() as selector:
            selector.register(self._ear, selectors.EVENT_READ)
            selector.register(opened, selectors.EVENT_READ)
            while line.ended is None:
                self._step(line, opened, selector)
                if line.is_up and up_at_ms is None:
                    up_at_ms = self._now_ms()
                    self._tell_up()
                self._deliver(line)
                self._hand_over(line)
                if up_at_ms is None and self._now_ms() - began_ms > UP_TIMEOUT_MS:
                    line.end(Reason.NO_ANSWER)
        line.end(line.ended)  # closes the socket, if nothing did yet
        return up_at_ms

    def _step(self, line: Line, opened: ssl.SSLSocket, selector: selectors.BaseSelector) -> None:
        both = selectors.EVENT_READ | selectors.EVENT_WRITE
        selector.modify(opened, both if line.wants_write else selectors.EVENT_READ)
        ready = {key.fileobj: mask for key, mask in selector.select(_patience(line))}
        if self._ear in ready:
            with suppress(BlockingIOError):
                self._ear.recv(4096)
        mask = ready.get(opened, 0)
        line.step(
            readable=bool(mask & selectors.EVENT_READ),
            writable=bool(mask & selectors.EVENT_WRITE),
        )
        if self._stopping.is_set() or self._redial.is_set():
            line.hang_up(for_good=self._stopping.is_set())

    def _deliver(self, line: Line) -> None:
        for post in line.arrived:
            if len(post.payload) > MESSAGE_BYTES_MAX:
                self.dropped.oversized += 1
            else:
                self._party.heard(post.topic, post.payload)
        line.arrived.clear()

    def _hand_over(self, line: Line) -> None:
        if not line.is_up:
            return
        while (post := self._next()) is not None:
            if not line.publish(post):
                self.dropped.outgoing += 1
        with self._lock:
            queued = sum(post.cost for post in self._waiting)
            self._room = self._script.queue_bytes_max - queued - line.in_flight_bytes

    def _next(self) -> Post | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _tell_up(self) -> None:
        with self._lock:
            self._room = self._script.queue_bytes_max
        self.reason = None
        where = self._endpoint
        log.info("connected to %s:%d after %d tries", where.host, where.port, self._tries)
        self._tries = 0
        self._party.came_up()

    def _tell_down(self, reason: Reason, detail: str) -> None:
        was = self.reason
        with self._lock:
            self._room = 0
            self.dropped.outgoing += len(self._waiting)
            self._waiting.clear()
        self.reason = reason
        if reason is not Reason.STOPPED and was in (None, Reason.NOT_YET):
            # Our own files are mended by a person; anything else mends itself.
            level = logging.ERROR if reason is Reason.FILES else logging.WARNING
            where = self._endpoint
            log.log(level, "no way to %s:%d: %s %s", where.host, where.port, reason, detail)
        if was is None:
            self._party.went_down(reason)


def _patience(line: Line) -> float:
    return 0.0 if line.has_pending else TICK_S
