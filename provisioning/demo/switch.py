"""The link that a person can cut: a forwarder between node and broker whose sockets really die."""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

_CHUNK_BYTES = 64 * 1024
_START_TIMEOUT_S = 5.0
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: the other side hears a reset, not a farewell


class Switch:
    """Forwards one port of the loopback to another, on its own thread. Methods from any thread.

    Attributes:
        port: where the node dials.
        is_on: the link is there.
        up_bytes, down_bytes: what was carried so far, TLS and all.
    """

    def __init__(self, port: int = 0) -> None:
        """Take the port; 0: any free one. Raises OSError."""
        self.is_on = False
        self.up_bytes = 0
        self.down_bytes = 0
        self.port = port
        self._target = 0
        self._lines: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="switch", daemon=True)
        self._thread.start()
        self._do(self._listen())

    def aim(self, target: int) -> None:
        """Forward to this port of the loopback from now on."""
        self._target = target

    def restore(self) -> None:
        self._do(self._listen())

    def cut(self) -> None:
        """Stop listening, and reset every connection at once."""
        self._do(self._cut())

    def close(self) -> None:
        """For good; a second time does nothing."""
        if self._loop.is_closed():
            return
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_TIMEOUT_S)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_TIMEOUT_S)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        self.is_on = True

    async def _cut(self) -> None:
        self.is_on = False
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._lines):
            _reset(line)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            _reset(writer)
            return
        self._lines |= {writer, far_writer}
        try:
            await asyncio.gather(self._up(reader, far_writer), self._down(far_reader, writer))
        finally:
            self._lines -= {writer, far_writer}
            for line in (writer, far_writer):
                line.close()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for data in _pieces(reader, writer):
            self.up_bytes += len(data)
            writer.write(data)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for data in _pieces(reader, writer):
            self.down_bytes += len(data)
            writer.write(data)


def _reset(line: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # it has ended by itself
        line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    line.transport.abort()


async def _pieces(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> AsyncIterator[bytes]:
    """What is read, no faster than it is written on; the writer is closed after the last."""
    with suppress(OSError):  # cut, or hung up: the line ends, and that is all
        while data := await reader.read(_CHUNK_BYTES):
            yield data
            await writer.drain()
    with suppress(OSError):
        writer.close()
