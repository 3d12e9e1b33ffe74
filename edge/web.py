"""Serves the pages with waitress: bodies stay in memory, and too long ones are let go unread."""

import errno
import socket
import threading
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.receiver import FixedStreamReceiver
from waitress.server import create_server
from waitress.utilities import BadRequest

from localservices import security, uploads
from localservices.applications.openrosa.door import Door, Knock
from localservices.limits import BODY_BYTES_MAX
from localservices.uploads import Arriving, Uploads

THREADS = 8
CONNECTIONS_MAX = 100  # a centre's telephones and laptops, several pages each
STOP_TIMEOUT_S = 2.0
_SENT_AHEAD_BYTES = 1024**2  # of an answer, in memory, while a slow browser takes it
# Waitress spools what is longer than these to the disk, in the clear; so they lie beyond what
# is ever kept.
_KEPT_BYTES = BODY_BYTES_MAX + 64 * 1024
_READ_BYTES_MAX = (
    uploads.UPLOAD_BYTES_MAX + 1024**2
)  # a browser hears "too long" only after it was listened to


class PortError(Exception):
    """The pages cannot be served there. ``str(error)`` is a sentence for the technician."""


class Unkept:
    """Takes the place of a body that is too long: the page that refuses it needs none of it."""

    def append(self, data: bytes) -> None:
        """Let it go."""

    def __len__(self) -> int:
        return 0

    def getfile(self) -> BytesIO:
        return BytesIO()

    def close(self) -> None:
        """Nothing is open."""


Receive = Callable[[HTTPRequestParser], Arriving | None]  # by its header; None: nobody's


class CarefulParser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; of a body that will be refused it keeps nothing.

    A file that somebody attaches goes to the disk as it comes, encrypted.
    """

    def __init__(self, receive: Receive, adj: Any) -> None:
        super().__init__(adj)
        self._receive = receive

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked:
            self.error = BadRequest("Say how long the body is.")
        elif isinstance(self.body_rcv, FixedStreamReceiver):
            arriving = self._arriving()
            if arriving is not None:
                self.body_rcv.buf = arriving
            elif self.content_length > _KEPT_BYTES:
                self.body_rcv.buf = Unkept()

    def _arriving(self) -> Arriving | None:
        return self._receive(self) if self.command == "POST" else None


class WebServer:
    """The pages on their own thread. Start once, stop once."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        """Take the port.

        Raises:
            PortError: it is in use, or not ours to use.
        """
        try:
            listener = _listener(host, port)
        except OSError as error:
            raise PortError(_plain(host, port, error)) from error
        self._server: Any = create_server(
            app,
            sockets=[listener],
            threads=THREADS,
            connection_limit=CONNECTIONS_MAX,
            max_request_body_size=_READ_BYTES_MAX,
            inbuf_overflow=_READ_BYTES_MAX,
            outbuf_overflow=_KEPT_BYTES,
            outbuf_high_watermark=_SENT_AHEAD_BYTES,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        parser = partial(CarefulParser, _receiving(app))
        self._server.channel_class = type("Channel", (HTTPChannel,), {"parser_class": parser})
        self.port = int(listener.getsockname()[1])
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let no one in any more; what is being answered has two seconds."""
        self._server.task_dispatcher.shutdown(timeout=STOP_TIMEOUT_S)
        # On its own thread: browsers keep their lines open, and would hold the server for long.
        self._server.trigger.pull_trigger(self._hang_up)
        self._thread.join(STOP_TIMEOUT_S)

    def _hang_up(self) -> None:
        for channel in self._server.active_channels.values():
            channel.close_when_flushed = True
        self._server.close()


def _receiving(app: Flask) -> Receive:
    """Receives files for ``app``, of those who have signed in there, and of its phones."""
    received: Uploads | None = app.extensions.get("uploads")

    def receive(coming: HTTPRequestParser) -> Arriving | None:
        # What is too long is listened to and let go, as on every page: then the page says so.
        length: int = coming.content_length
        if received is None or length > uploads.UPLOAD_BYTES_MAX:
            return None
        return received.receive(length) if _is_welcome(app, coming) else None

    return receive


def _is_welcome(app: Flask, coming: HTTPRequestParser) -> bool:
    if coming.path in (uploads.PATH, uploads.EVIDENCE_PATH):
        return security.is_of_someone(app, coming.headers.get("COOKIE", ""))
    door: Door | None = app.extensions.get("devices")
    is_long = coming.content_length > uploads.DEVICES_MEMORY_BYTES_MAX
    if coming.path != uploads.DEVICES_PATH or door is None or not is_long:
        return False
    answer = coming.headers.get("AUTHORIZATION", "")
    return door.expects(Knock("POST", coming.request_uri, answer, ""))


def _listener(host: str, port: int) -> socket.socket:
    """At the first address of a name such as localhost, which may have several. Raises OSError."""
    [(family, *_, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return socket.create_server(address, family=family)


def _plain(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop the program that holds it, or set web.port."
    return (
        f"The pages cannot be served at {host}:{port} ({error.strerror}): set web.host, web.port."
    )
