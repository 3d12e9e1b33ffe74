"""What changed between two versions of a file: zstd with the old as prefix (``--patch-from``)."""

import sys
from typing import Any

from sync.wire.errors import MalformedError, OversizedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FILE_BYTES_MAX = 16 * 1024 * 1024  # both versions lie in memory; larger ones travel whole
_LEVEL = 19
_PREFIX_BYTES_MIN = 8  # a shorter one is none to zstd
_WINDOW_LOG_MAX = 26  # the old and the new version together

assert 2 * FILE_BYTES_MAX <= 1 << _WINDOW_LOG_MAX


def make(old: bytes, new: bytes) -> bytes:
    window_log = max(10, (len(old) + len(new)).bit_length())
    options: dict[int, int] = {
        zstd.CompressionParameter.compression_level: _LEVEL,
        zstd.CompressionParameter.window_log: window_log,
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    return zstd.compress(new, options=options, zstd_dict=_prefix(old))


def apply(old: bytes, patch: bytes, length: int) -> bytes:
    """Give the new version, of which ``length`` bytes are expected; its hash tells if it is right.

    Raises:
        OversizedError: more would come out than ``length``.
        MalformedError: no patch, or not of this old version.
    """
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
    opener = zstd.ZstdDecompressor(zstd_dict=_prefix(old), options=options)
    try:
        new = opener.decompress(patch, max_length=length + 1)
    except zstd.ZstdError as error:
        raise MalformedError("not a patch of what is here") from error
    if len(new) > length:
        raise OversizedError(f"more than the {length} bytes that belong there")
    if not opener.eof or opener.unused_data:
        raise MalformedError("not one whole patch")
    return new


def _prefix(old: bytes) -> Any:
    return zstd.ZstdDict(old, is_raw=True).as_prefix if len(old) >= _PREFIX_BYTES_MIN else None
