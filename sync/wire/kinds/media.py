"""Photos, video, audio, any file: what it is travels in the work lane, its bytes in the media lane.

A file is named by the SHA-256 of its content, so the same file attached twice travels once.
"""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane

# A 64 kbit/s link carries a chunk in two seconds: all that an urgent record may find before it.
CHUNK_BYTES = 16 * 1024
FILE_BYTES_MAX = 1024**3
PREVIEW_BYTES_MAX = 12 * 1024
SHA256_BYTES = 32


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file was attached. Its content follows as chunks, or was here before."""

    kind: ClassVar[str] = "media.file"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 72

    sha256: bytes
    size: int  # bytes
    media_type: str  # as sniffed from the content, not as a browser said
    attached_by: str  # the member of staff
    about: str | None = None  # public id of the record it belongs to; None: it stands alone
    note: str | None = None
    name: str | None = None  # the file's own, where the node's policy keeps it
    preview: bytes = b""  # a small JPEG without metadata; empty: there is none


@dataclass(frozen=True, slots=True)
class MediaChunk:
    """One piece of a file. Each says the whole's size, so that it can be judged by itself."""

    kind: ClassVar[str] = "media.chunk"
    lane: ClassVar[Lane] = Lane.MEDIA
    retention_hours: ClassVar[int] = 72

    file: bytes  # SHA-256 of the whole
    size: int  # bytes of the whole
    number: int  # counts from 0
    data: bytes


def chunk_count(size: int) -> int:
    """How many chunks a file of ``size`` bytes has."""
    return -(-size // CHUNK_BYTES)


def is_sound(record: MediaFile | MediaChunk) -> bool:
    """Whether a record can be part of any file at all; what is not sound belongs in quarantine."""
    if isinstance(record, MediaFile):
        return (
            len(record.sha256) == SHA256_BYTES
            and 0 < record.size <= FILE_BYTES_MAX
            and len(record.preview) <= PREVIEW_BYTES_MAX
        )
    return (
        len(record.file) == SHA256_BYTES
        and 0 < record.size <= FILE_BYTES_MAX
        and 0 <= record.number < chunk_count(record.size)
        and len(record.data) == chunk_length(record.size, record.number)
    )


def chunk_length(size: int, number: int) -> int:
    """How many bytes chunk ``number`` of a file of ``size`` bytes has."""
    return min(CHUNK_BYTES, size - number * CHUNK_BYTES)
