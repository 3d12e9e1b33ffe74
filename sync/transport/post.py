"""The HTTPS road: bags of messages by POST, for networks where only 443 is open.

One thread posts what has gathered, another keeps a request open in which central answers as soon as
it has something to say. No client certificate: what is signed needs none, so this road is open also
to a node whose certificate ran out while it was dark.
"""

import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sync.core.backoff import Backoff
from sync.transport.port import Received, RoadDown, RoadEvent, RoadUp
from sync.wire import bag
from sync.wire.errors import WireError
from sync.wire.limits import MESSAGE_BYTES_MAX

log = logging.getLogger(__name__)

PATH = "/nezlam/1/messages"
SESSION = "Nezlam-Session"
WAIT_S = 25  # of a request that is kept open: shorter than what routers forget
TIMEOUT_S = 30.0  # for connecting, and between two bytes
QUEUE_BYTES_MAX = 1024 * 1024
STOP_TIMEOUT_S = 2.0


class PostRoad:
    """A ``sync.transport.port.Road``. Events come on its own threads."""

    def __init__(
        self,
        url: str,
        authority: Path | None,
        on_event: Callable[[RoadEvent], None],
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``authority``: whom to trust, PEM; None: whom this machine trusts anyway."""
        self._url = url.rstrip("/") + PATH
        self._authority = authority
        self._on_event, self._backoff, self._now_ms = on_event, backoff, now_ms
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._is_up = False
        self._token: str | None = None
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
        self._ring()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)

    def send(self, data: bytes) -> None:
        """Queue if the road is open and there is room; else drop. Never blocks."""
        with self._changed:
            queued = sum(map(len, self._waiting))
            if self._is_up and queued + len(data) <= QUEUE_BYTES_MAX:
                self._waiting.append(data)
                self._changed.notify_all()

    def reconnect(self) -> None:
        """Forget the session; the next request opens a new connection."""
        with self._changed:
            self._is_up = False
            self._changed.notify_all()

    def _ring(self) -> None:
        with self._changed:
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
            self._exchange(session, [])
        except (requests.RequestException, WireError) as error:
            log.info("no way to %s: %s", self._url, type(error).__name__)
            return
        listener = threading.Thread(target=self._listen, name="https listener", daemon=True)
        with self._changed:
            self._is_up, self._token = True, None
            self._waiting.clear()
        log.info("the road to %s is open", self._url)
        self._on_event(RoadUp())
        listener.start()
        try:
            while (messages := self._next()) is not None:
                self._hear(self._exchange(session, messages))
        except (requests.RequestException, WireError) as error:
            log.warning("the road to %s is closed: %s", self._url, type(error).__name__)
        finally:
            with self._changed:
                self._is_up, self._token = False, None
                self._changed.notify_all()
            self._on_event(RoadDown())

    def _next(self) -> list[bytes] | None:
        """What has gathered, as much as one bag takes; None: the road is to be closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._waiting or self._stopping.is_set() or not self._is_up
            )
            if self._stopping.is_set() or not self._is_up:
                return None
            messages: list[bytes] = []
            size = 0
            while self._waiting and size + len(self._waiting[0]) <= MESSAGE_BYTES_MAX * 2:
                size += len(self._waiting[0])
                messages.append(self._waiting.popleft())
            return messages

    def _listen(self) -> None:
        """Keep one request open as long as the road is; central answers when it has words."""
        with self._session() as session, suppress(requests.RequestException, WireError):
            while (token := self._granted()) is not None:
                self._hear(self._exchange(session, [], token))
            return
        self.reconnect()

    def _granted(self) -> str | None:
        """The session's token, once central has given one; None: the road is closed."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._token or self._stopping.is_set() or not self._is_up
            )
            return None if self._stopping.is_set() or not self._is_up else self._token

    def _exchange(
        self, session: requests.Session, messages: list[bytes], token: str | None = None
    ) -> list[bytes]:
        """Raises RequestException or WireError."""
        headers = {"Content-Type": "application/cbor"}
        if token is not None:
            headers[SESSION] = token
        answer = session.post(
            self._url,
            data=bag.pack(messages),
            headers=headers,
            timeout=TIMEOUT_S + (WAIT_S if token else 0),
            allow_redirects=False,
            stream=True,
        )
        with answer:
            if answer.status_code != 200:
                raise requests.HTTPError(f"status {answer.status_code}")
            self._learn(answer.headers.get(SESSION))
            return bag.unpack(answer.raw.read(bag.BAG_BYTES_MAX + 1))

    def _learn(self, token: str | None) -> None:
        if token is not None:
            with self._changed:
                self._token = token
                self._changed.notify_all()

    def _hear(self, messages: list[bytes]) -> None:
        for data in messages:
            self._on_event(Received(data))

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.mount("https://", _Strict(self._authority))
        return session


class _Strict(HTTPAdapter):
    """TLS 1.3 to whom we trust."""

    def __init__(self, authority: Path | None) -> None:
        self._authority = authority
        super().__init__(pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        named["ssl_context"] = context
        super().init_poolmanager(*args, **named)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Our own authority's file in place of the list that ``requests`` brings."""
        authority = verify if self._authority is None else str(self._authority)
        super().cert_verify(conn, url, authority, cert)  # type: ignore[no-untyped-call]
