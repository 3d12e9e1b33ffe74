"""A zstd frame that holds bytes as they are: for what is compressed already, at no cost.

It also keeps what would shrink too far to be believed: a reader refuses a ratio beyond
``limits.RATIO_MAX``, and chunks of a file may be nothing but zeros.
"""

_MAGIC = b"\x28\xb5\x2f\xfd"
# RFC 8878, section 3.1.1.1: one segment, whose size stands in four bytes, without a checksum.
_DESCRIPTOR = b"\xa0"
_LAST_RAW_BLOCK = 1  # section 3.1.1.2: last, of type raw, then the size from bit 3 on
_BLOCK_BYTES_MAX = 128 * 1024


def frame(data: bytes) -> bytes:
    """Give ``data``, at most 128 KiB, as one frame that ``compress.decompress`` reads."""
    size = len(data)
    assert size <= _BLOCK_BYTES_MAX
    block = (size << 3 | _LAST_RAW_BLOCK).to_bytes(3, "little")
    return b"".join((_MAGIC, _DESCRIPTOR, size.to_bytes(4, "little"), block, data))
