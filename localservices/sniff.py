"""What a file is, by how it begins. What a browser says of it is not asked."""

UNKNOWN = "application/octet-stream"
HEAD_BYTES = 32  # all that is looked at
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"})

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"%PDF-", "application/pdf"),
    (b"\x1aE\xdf\xa3", "video/webm"),  # or another kind of Matroska
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = (  # ISO/IEC 14496-12, the file type box
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"mif1", "image/heic"),
    (b"avif", "image/avif"),
    (b"qt  ", "video/quicktime"),
    (b"M4A", "audio/mp4"),
    (b"3g", "video/3gpp"),
)


def media_type(head: bytes) -> str:
    """``head``: the first ``HEAD_BYTES`` of the file, or all of a shorter one."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return next((found for known, found in _BRANDS if brand.startswith(known)), "video/mp4")
    return next((found for known, found in _BEGINNINGS if head.startswith(known)), UNKNOWN)
