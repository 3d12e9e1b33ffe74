"""One MQTT connection, from the handshake to its end. Used by one thread, and never dialled twice.

A new connection is a new paho client: no queue, half-read packet or unanswered publish of the
last one can reach it.
"""

import socket
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, LogLevel
from paho.mqtt.reasoncodes import ReasonCode

from sync.transport.tls import TlsFiles, TlsFilesError, client_context

CONNECT_TIMEOUT_S = 10.0  # per step of the handshake; a geostationary hop takes 0.7 s
IN_FLIGHT_MAX = 8_192  # publishes without PUBACK; MQTT counts to 65,535

# A dead path with data on it is noticed after this long: longer than a dish's handover hiccup
# (15 s), which TCP survives, and shorter than anyone would wait.
USER_TIMEOUT_MS = 20_000
# Below the shortest idle time that carrier-grade NATs are known for (30 s), so that the mapping
# lives; a silent dead path is noticed at the latest one ping plus USER_TIMEOUT_MS later.
KEEPALIVE_S = 20

# What TCP takes before it can send it stands before whatever comes later, urgent or not.
NOT_SENT_BYTES = 16 * 1024


class Reason(StrEnum):
    """Why there is no connection: a code; pages and logs have the words."""

    NOT_YET = "not_yet"  # never dialled
    FILES = "files"  # our own certificate files do not serve
    NAME_UNKNOWN = "name_unknown"  # the broker's name does not resolve: mostly, no link
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    UNTRUSTED = "untrusted"  # the broker's certificate is not from our authority, or not its name
    TURNED_AWAY = "turned_away"  # the broker closed before greeting us: mostly, it refuses us
    LOST = "lost"
    ASKED = "asked"  # we hung up in order to dial again
    STOPPED = "stopped"


class DialError(Exception):
    """No connection came about."""

    def __init__(self, reason: Reason, detail: object) -> None:
        super().__init__(str(detail))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Who dials.

    Attributes:
        name: a node's id, or that of one of central's workers.
        secret: letters and digits, drawn once for each installation: with it the client id is
            stable, so that a party replaces its own half-open link, and nobody else can guess
            it and push that party out.
    """

    name: str
    secret: str = field(repr=False)

    @property
    def client_id(self) -> str:
        assert self.secret.isalnum(), "NATS takes no dots in client ids"
        return f"{self.name}_{self.secret}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which broker to dial, and as whom."""

    host: str
    port: int
    files: TlsFiles
    keepalive_s: int = KEEPALIVE_S


@dataclass(frozen=True, slots=True)
class Post:
    """One publish."""

    topic: str
    payload: bytes

    @property
    def cost(self) -> int:
        """Bytes of memory it takes while it waits, more or less: empty ones take some too."""
        return len(self.payload) + 64


@dataclass(frozen=True, slots=True)
class Script:
    """What one party says and listens to on each of its connections."""

    caller: Caller
    subscriptions: tuple[str, ...]
    birth: Post | None = None
    farewell: Post | None = None  # said when leaving, and by the broker if we just vanish
    queue_bytes_max: int = 1024 * 1024  # waiting or unanswered; a node's window is a fifth of it


class Line:
    """Dial, then ``step`` whenever the socket is ready and at least once a second.

    Attributes:
        ended: why the connection is over, or None.
        is_up: subscribed, and the birth is on its way.
        arrived: messages that came, oldest first; whoever reads them clears the list.
        in_flight_bytes: published, and not yet answered by PUBACK.
    """

    def __init__(self, script: Script) -> None:
        self.ended: Reason | None = None
        self.detail = ""
        self.is_up = False
        self.arrived: list[Post] = []
        self.in_flight_bytes = 0
        self._script = script
        self._in_flight: dict[int, int] = {}
        self._unconfirmed = len(script.subscriptions)
        self._greeted = False
        self._socket: ssl.SSLSocket | None = None
        self._client = self._new_client()

    def dial(self, endpoint: Endpoint) -> ssl.SSLSocket:
        """Connect and shake hands; blocks for as long as that takes.

        Raises:
            DialError: with the reason.
        """
        try:
            self._client.tls_set_context(client_context(endpoint.files))
            self._client.connect(endpoint.host, endpoint.port, endpoint.keepalive_s)
        except TlsFilesError as error:
            raise DialError(Reason.FILES, error) from error
        except (OSError, ValueError) as error:  # ValueError: a host that is no host name
            raise DialError(_reason_of(error), error) from error
        opened = self._client.socket()
        if not isinstance(opened, ssl.SSLSocket):  # the CONNECT failed at once
            raise DialError(Reason.TURNED_AWAY, self.detail)
        _tune(opened)
        self._socket = opened
        return opened

    @property
    def wants_write(self) -> bool:
        return self._client.want_write()

    @property
    def has_pending(self) -> bool:
        """Whether bytes were decrypted that no select will tell of."""
        return self.ended is None and self._socket is not None and self._socket.pending() > 0

    def step(self, *, readable: bool, writable: bool) -> None:
        """Read one packet, write what waits, keep alive."""
        try:
            if readable or self.has_pending:
                self._client.loop_read()
            if writable:
                self._client.loop_write()
            self._client.loop_misc()
        except (OSError, ValueError, TypeError, LookupError, struct.error) as error:
            # Paho lets some malformed packets through to its own arithmetic.
            self.end(Reason.LOST, f"unreadable packet: {error}")
        self._notice_loss()

    def publish(self, post: Post) -> bool:
        """At QoS 1; False if the connection breaks, or too much is unanswered already."""
        info = self._client.publish(post.topic, post.payload, qos=1)
        self._notice_loss()
        if info.rc != paho.MQTT_ERR_SUCCESS:
            return False
        self._in_flight[info.mid] = post.cost
        self.in_flight_bytes += post.cost
        return True

    def hang_up(self, *, for_good: bool) -> None:
        """Take leave so that no last will is read out; our own farewell only if ``for_good``."""
        if self.ended is None:
            if for_good and self.is_up and self._script.farewell is not None:
                self.publish(self._script.farewell)
            self._client.disconnect()
        self.end(Reason.STOPPED if for_good else Reason.ASKED)

    def end(self, reason: Reason, detail: str = "") -> None:
        """Close the socket now. The first reason stays."""
        if self.ended is None:
            self.ended = reason
            self.detail = detail or self.detail
        self.is_up = False
        if self._socket is not None:
            self._socket.close()

    def _notice_loss(self) -> None:
        if self._client.socket() is None:  # paho closed it
            self.end(Reason.LOST if self._greeted else Reason.TURNED_AWAY)

    def _new_client(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._script.caller.client_id,
            clean_session=True,
            protocol=paho.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(IN_FLIGHT_MAX)
        client.max_queued_messages_set(IN_FLIGHT_MAX)
        if self._script.farewell is not None:
            client.will_set(self._script.farewell.topic, self._script.farewell.payload, qos=1)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_log = self._on_log
        return client

    def _on_connect(
        self, client: paho.Client, _data: Any, _flags: Any, code: ReasonCode, _more: Any
    ) -> None:
        if code.is_failure:
            self.detail = str(code)
            return
        self._greeted = True
        for topic in self._script.subscriptions:
            client.subscribe(topic, qos=0)

    def _on_subscribe(
        self, _client: paho.Client, _data: Any, _mid: int, codes: list[ReasonCode], _more: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            # Whoever steps us closes: paho is still at work on this socket.
            self.ended, self.detail = Reason.TURNED_AWAY, "a subscription is not allowed"
            return
        self._unconfirmed -= 1
        if self._unconfirmed == 0:
            if self._script.birth is not None:
                self.publish(self._script.birth)
            self.is_up = True

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        self.arrived.append(Post(message.topic, bytes(message.payload)))

    def _on_publish(
        self, _client: paho.Client, _data: Any, mid: int, _code: ReasonCode, _more: Any
    ) -> None:
        self.in_flight_bytes -= self._in_flight.pop(mid, 0)

    def _on_log(self, _client: paho.Client, _data: Any, level: int, text: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:  # the only place where paho tells a socket's error
            self.detail = text


def _tune(opened: ssl.SSLSocket) -> None:
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux (RFC 5482)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
    if hasattr(socket, "TCP_CONGESTION"):
        with suppress(OSError):  # a kernel without it, or that keeps it for root
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")


def _reason_of(error: OSError | ValueError) -> Reason:
    match error:
        case ssl.SSLCertVerificationError():
            return Reason.UNTRUSTED
        case socket.gaierror() | UnicodeError():
            return Reason.NAME_UNKNOWN
        case TimeoutError():
            return Reason.NO_ANSWER
        case ssl.SSLError() | ConnectionResetError():
            return Reason.TURNED_AWAY
        case _:
            return Reason.UNREACHABLE
