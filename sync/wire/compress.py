"""Zstandard (RFC 8878) with bounds that hold before and while decompressing."""

import sys

from sync.wire.errors import MalformedError, OversizedError
from sync.wire.limits import RATIO_MAX

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_SMALL = 4096  # below this a high ratio is no bomb


class Compressor:
    """Keeps its workspace between calls: for what is small and often. One thread at a time."""

    def __init__(self, level: int) -> None:
        self._zstd = zstd.ZstdCompressor(level)

    def compress(self, data: bytes) -> bytes:
        """The same bytes as ``compress`` of the same level gives."""
        return self._zstd.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)


def compress(data: bytes, level: int = 9) -> bytes:
    return zstd.compress(data, level)


def decompress(data: bytes, bytes_max: int) -> bytes:
    """Give back what ``compress`` was given.

    Raises:
        OversizedError: more than ``bytes_max``, or blown up beyond ``RATIO_MAX``.
        MalformedError: not one whole zstd frame.
    """
    room = min(bytes_max, max(len(data) * RATIO_MAX, _SMALL))
    decompressor = zstd.ZstdDecompressor()
    try:
        out = decompressor.decompress(data, max_length=room + 1)
    except zstd.ZstdError as error:
        raise MalformedError("not zstd") from error
    if len(out) > room:
        raise OversizedError(f"decompresses to more than {room} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedError("not one whole zstd frame")
    return out
