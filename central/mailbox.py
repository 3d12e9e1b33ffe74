"""The mailbox in service: its letters in SQL, its thread, and its clock."""

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from central.errors import LogError
from central.store import letters
from central.store.database import Database
from sync.core.mailbox import Mailbox, Reach
from sync.wire.kinds.answers import RecordDecided
from sync.wire.messages import Ack, Batch, Hello, Message
from sync.wire.places import EPOCH_BYTES, Stream
from sync.wire.seal import SegmentKey

log = logging.getLogger(__name__)

LOOK_EVERY_MS = 1_000
AGAIN_MS = RecordDecided.retention_hours * 3_600_000  # so long a node shows what came
STOP_TIMEOUT_S = 2.0


class SqlLetters:
    """A ``sync.core.mailbox.Letters``. Raises LogError where the database does not answer."""

    def __init__(self, database: Database, epoch: bytes, wall_ms: Callable[[], int]) -> None:
        self._database, self._epoch, self._wall_ms = database, epoch, wall_ms

    def number(self) -> None:
        with self._database.reading() as connection:
            fresh = letters.unnumbered(connection)
        if fresh:
            with self._database.writing() as connection:
                letters.number(connection, self._epoch, letters.unnumbered(connection))

    def reaches(self, node_id: str | None = None) -> list[Reach]:
        with self._database.reading() as connection:
            return letters.reaches(connection, node_id)

    def known(self, node_id: str) -> list[Reach]:
        since_ms = self._wall_ms() - AGAIN_MS
        with self._database.reading() as connection:
            return letters.known(connection, node_id, since_ms)

    def after(self, node_id: str, stream: Stream, seq: int, limit: int) -> list[tuple[int, bytes]]:
        with self._database.reading() as connection:
            return letters.after(connection, node_id, stream, seq, limit)

    def confirm(self, node_id: str, stream: Stream, seq: int) -> None:
        with self._database.writing() as connection:
            letters.confirm(connection, node_id, stream, seq, self._wall_ms())


class Postman:
    """``heard`` and ``acked`` may be called from any thread; the rest is its own thread's."""

    def __init__(
        self,
        database: Database,
        seal: Callable[[Message], bytes],
        send: Callable[[str, bytes], None],
        key_of: Callable[[str, bytes], SegmentKey | None],
        clocks: Callable[[], tuple[int, int]],
    ) -> None:
        """``key_of`` as ``Mailbox`` needs it; ``clocks()`` gives (monotonic, wall) ms."""

        def tell(message: Message) -> int:
            assert isinstance(message, Batch | Hello)
            data = seal(message)
            send(message.node_id, data)
            return len(data)

        epoch = secrets.token_bytes(EPOCH_BYTES)
        kept = SqlLetters(database, epoch, lambda: clocks()[1])
        self._mailbox = Mailbox(epoch, kept, tell, key_of, secrets.token_bytes)
        self._clocks = clocks
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._events.put(None)
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def heard(self, node_id: str, epoch: bytes) -> None:
        """A node said hello: it is there, in this start."""
        self._events.put(lambda: self._mailbox.heard(node_id, epoch, self._clocks()[0]))

    def acked(self, ack: Ack) -> None:
        """A node's own ack, its signature verified."""
        self._events.put(lambda: self._mailbox.acked(ack, self._clocks()[0]))

    def _run(self) -> None:
        looked_ms = 0
        while not self._stopping.is_set():
            try:
                with suppress(Empty):
                    act = self._events.get(timeout=LOOK_EVERY_MS / 1000)
                    if act is not None:
                        act()
                now_ms = self._clocks()[0]
                if now_ms - looked_ms >= LOOK_EVERY_MS:
                    looked_ms = now_ms
                    self._mailbox.look(now_ms)
            except LogError as error:
                log.error("the mailbox waits: %s", error)  # noqa: TRY400  a sentence
