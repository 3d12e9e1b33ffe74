"""The child process that makes one preview: a picture in, a small JPEG without metadata out.

It limits itself before it touches the bytes, so that a picture made to exhaust a machine ends
this process and nothing else.
"""

import resource
import sys
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from sync.wire.kinds.media import PREVIEW_BYTES_MAX

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEMORY_BYTES_MAX = 1024**3
CPU_S_MAX = 10
PIXELS_MAX = 120_000_000  # the largest that telephones make
# What telephones and screens make. Others may start programs of their own (EPS) or hold films.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
MISSING, SPOILED = 3, 5  # exit codes
_SIDES = (480, 400, 320, 240, 160, 80)
_QUALITIES = (70, 55, 40)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        from PIL import Image  # noqa: PLC0415  an extra, and only here
    except ImportError:
        return MISSING
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError)
    try:
        with Image.open(BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
            made = _small(picture)
    except (*bombs, OSError, ValueError, SyntaxError):
        return SPOILED
    sys.stdout.buffer.write(made)
    return 0


def _small(picture: "Picture") -> bytes:
    """As large as fits; turned as it was held; on white where it is transparent."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    picture.draft("RGB", (2 * _SIDES[0], 2 * _SIDES[0]))  # a large JPEG is read at an eighth
    picture.thumbnail((2 * _SIDES[0], 2 * _SIDES[0]))
    seen = ImageOps.exif_transpose(picture).convert("RGBA")
    # A fresh picture: what a camera wrote about place and time stays in the original.
    paper = Image.new("RGBA", seen.size, "white")
    paper.alpha_composite(seen)
    plain = paper.convert("RGB")
    for side in _SIDES:
        plain.thumbnail((side, side))
        for quality in _QUALITIES:
            out = BytesIO()
            plain.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= PREVIEW_BYTES_MAX:
                return out.getvalue()
    raise ValueError("no small picture of it is small enough")


if __name__ == "__main__":
    sys.exit(main())
