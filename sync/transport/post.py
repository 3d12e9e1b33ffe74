"""The HTTPS road: bags of messages by POST, for networks where only 443 is open.

One thread posts what has gathered, another keeps a request open in which central answers as soon as
it has something to say. No client certificate: the node signs what the doorway gives it, so this
road is open also to a node whose certificate ran out while it was dark.
"""

import base64
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests
import urllib3

from sync.core.backoff import Backoff
from sync.transport.https import HttpsAdapter
from sync.transport.port import Received, RoadDown, RoadEvent, RoadUp
from sync.wire import bag
from sync.wire.errors import WireError
from sync.wire.limits import MESSAGE_BYTES_MAX

log = logging.getLogger(__name__)

PATH = "/nezlam/1/messages"
SESSION, CHALLENGE, KNOCK = "Nezlam-Session", "Nezlam-Challenge", "Nezlam-Knock"
WAIT_S = 25  # of a request that is kept open: shorter than what routers forget
TIMEOUT_S = 30.0  # for connecting, and between two bytes
QUEUE_BYTES_MAX = 1024 * 1024
BAG_BYTES = 2 * MESSAGE_BYTES_MAX
STOP_TIMEOUT_S = 2.0
LISTEN_MS = 10 * 60_000  # after the last word of ours, and no longer: another road may be in use
PAUSE_MIN_S, PAUSE_MAX_S = 1.0, 30.0  # where central is too busy to keep a request open

_UNKNOWN = 401  # central does not know this session, and gives a challenge


@dataclass(frozen=True, slots=True)
class Door:
    """Where central's doorway is.

    Attributes:
        url: such as https://central.example:443.
        authority: whom to trust there, PEM; None: whom this machine trusts anyway.
        proxy: such as http://10.0.0.1:3128; None: none, whatever the environment says.
    """

    url: str
    authority: Path | None
    proxy: str | None = None


class ClosedError(Exception):
    """A request was not answered as central does."""


class PostRoad:
    """A ``sync.transport.port.Road``. Events come on its own threads."""

    def __init__(
        self,
        door: Door,
        knock: Callable[[bytes], bytes],
        on_event: Callable[[RoadEvent], None],
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``knock`` signs a challenge as the node; ``now_ms`` is monotonic."""
        self._door, self._knock = door, knock
        self._on_event, self._backoff, self._now_ms = on_event, backoff, now_ms
        self._stopping = threading.Event()
        self._changed = threading.Condition()  # over all that follows
        self._waiting: deque[bytes] = deque()
        self._life = 0  # grows with each opening
        self._is_up = False
        self._said_ms: int | None = None  # in this life
        self._token = ""
        self._thread = threading.Thread(target=self._run, name="https road", daemon=True)

    @property
    def is_up(self) -> bool:
        return self._is_up

    def start(self) -> None:
        """Begin to try, for ever, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns within ``STOP_TIMEOUT_S``."""
        self._stopping.set()
        self.reconnect()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def send(self, data: bytes) -> None:
        """Queue if the road is open and there is room; else drop. Never blocks."""
        if len(data) > MESSAGE_BYTES_MAX:
            return
        with self._changed:
            queued = sum(map(len, self._waiting))
            if self._is_up and queued + len(data) <= QUEUE_BYTES_MAX:
                self._said_ms = self._now_ms()
                self._waiting.append(data)
                self._changed.notify_all()

    def reconnect(self) -> None:
        """Close; the next request opens a new connection."""
        with self._changed:
            self._is_up = False
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began_ms = self._now_ms()
            with self._session() as session:
                self._serve(session)
            self._backoff.lived(self._now_ms() - began_ms)
            self._stopping.wait(self._backoff.next_delay_ms() / 1000)

    def _serve(self, session: requests.Session) -> None:
        """One life of the road: open, carry, until something fails."""
        try:
            self._enter(session)
        except ClosedError as error:
            log.info("no way to %s: %s", self._door.url, error)
            return
        with self._changed:
            self._is_up, self._said_ms = True, None
            self._life += 1
            self._waiting.clear()
        log.info("the road to %s is open", self._door.url)
        self._on_event(RoadUp())
        threading.Thread(
            target=self._listen, args=(self._life,), name="https listener", daemon=True
        ).start()
        try:
            while (messages := self._next()) is not None:
                self._hear(self._say(session, messages))
        except ClosedError as error:
            log.warning("the road to %s is closed: %s", self._door.url, error)
        finally:
            self.reconnect()
            self._on_event(RoadDown())

    def _next(self) -> list[bytes] | None:
        """What has gathered, as much as one bag takes; None: the road is to be closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._is_up)
            if not self._is_up or self._stopping.is_set():
                return None
            messages: list[bytes] = []
            size = 0
            while self._waiting and size + len(self._waiting[0]) <= BAG_BYTES:
                size += len(self._waiting[0])
                messages.append(self._waiting.popleft())
            return messages

    def _listen(self, life: int) -> None:
        """Keep a request open while the node speaks by this road."""
        with self._session() as session, suppress(ClosedError):
            pause_s = PAUSE_MIN_S
            while self._may_listen(life):
                began_ms = self._now_ms()
                words = self._say(session, [], wait=True)
                self._hear(words)
                early = self._now_ms() - began_ms < WAIT_S * 500
                pause_s = min(2 * pause_s, PAUSE_MAX_S) if early and not words else PAUSE_MIN_S
                if pause_s > PAUSE_MIN_S:
                    self._stopping.wait(pause_s)
            return
        if self._life == life:
            self.reconnect()

    def _may_listen(self, life: int) -> bool:
        """Waits until something is said; False: this life is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over(life) or self._spoke_lately())
            return not self._is_over(life)

    def _is_over(self, life: int) -> bool:
        return not self._is_up or self._life != life

    def _spoke_lately(self) -> bool:
        return self._said_ms is not None and self._now_ms() - self._said_ms < LISTEN_MS

    def _say(
        self, session: requests.Session, messages: list[bytes], *, wait: bool = False
    ) -> list[bytes]:
        """Raises ClosedError."""
        headers = {"Prefer": f"wait={WAIT_S}"} if wait else {}
        for _ in range(2):
            answer = self._post(session, messages, {SESSION: self._token} | headers)
            if answer.status != _UNKNOWN:
                return answer.words
            self._enter(session)  # central was started anew, or we were silent for long
        raise ClosedError("central forgets us")

    def _enter(self, session: requests.Session) -> None:
        """Show who we are. Raises ClosedError."""
        given = self._post(session, [], {})
        try:
            signed = self._knock(bytes.fromhex(given.headers[CHALLENGE]))
            knock = base64.urlsafe_b64encode(signed).decode("ascii")
            self._token = self._post(session, [], {KNOCK: knock}).headers[SESSION]
        except (LookupError, ValueError) as error:
            raise ClosedError("what answers there is not central's doorway") from error

    def _post(
        self, session: requests.Session, messages: list[bytes], headers: dict[str, str]
    ) -> "_Answer":
        """Raises ClosedError."""
        try:
            answer = session.post(
                self._door.url.rstrip("/") + PATH,
                data=bag.pack(messages),
                headers={"Content-Type": "application/cbor"} | headers,
                timeout=TIMEOUT_S + (WAIT_S if "Prefer" in headers else 0),
                allow_redirects=False,
                stream=True,
            )
            with answer:
                if answer.status_code not in (200, _UNKNOWN):
                    raise ClosedError(f"status {answer.status_code}")
                words = bag.unpack(answer.raw.read(bag.BAG_BYTES_MAX + 1))
                return _Answer(answer.status_code, answer.headers, words)
        except (OSError, ValueError, urllib3.exceptions.HTTPError, WireError) as error:
            raise ClosedError(type(error).__name__) from error

    def _hear(self, messages: list[bytes]) -> None:
        for data in messages:
            self._on_event(Received(data))

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.proxies = {"https": self._door.proxy} if self._door.proxy else {}
        session.mount("https://", HttpsAdapter(self._door.authority))
        return session


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]  # whose names have no case
    words: list[bytes]
