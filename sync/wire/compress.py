"""Zstandard (RFC 8878) with bounds that hold before and while decompressing."""

import sys
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Prefix:
    """Bytes that both ends have: what recurs of them costs next to nothing."""

    zstd: "zstd.ZstdDict"


def prefix(data: bytes) -> Prefix:
    """``data``: at least 8 bytes."""
    return Prefix(zstd.ZstdDict(data, is_raw=True))


def compress(data: bytes, level: int = 9, known: Prefix | None = None) -> bytes:
    return zstd.compress(data, level, zstd_dict=_dict(known))


def decompress(data: bytes, bytes_max: int, known: Prefix | None = None) -> bytes:
    """Give back what ``compress`` was given.

    Raises:
        OversizedError: more than ``bytes_max``, or blown up beyond ``RATIO_MAX``.
        MalformedError: not one whole zstd frame.
    """
    return _decompressed(data, min(bytes_max, max(len(data) * RATIO_MAX, _SMALL)), known)


def decompress_exactly(data: bytes, length: int) -> bytes:
    """Give back bytes of which it is known, and bounded, how many they are.

    Raises:
        OversizedError, MalformedError: others, or fewer or more of them.
    """
    out = _decompressed(data, length, None)
    if len(out) != length:
        raise MalformedError("not as many bytes as belong here")
    return out


def _dict(known: Prefix | None) -> "zstd.ZstdDict | None":
    return None if known is None else known.zstd


def _decompressed(data: bytes, room: int, known: Prefix | None) -> bytes:
    decompressor = zstd.ZstdDecompressor(zstd_dict=_dict(known))
    try:
        out = decompressor.decompress(data, max_length=room + 1)
    except zstd.ZstdError as error:
        raise MalformedError("not zstd") from error
    if len(out) > room:
        raise OversizedError(f"decompresses to more than {room} bytes")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedError("not one whole zstd frame")
    return out
