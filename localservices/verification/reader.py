"""The child process that reads codes from one picture or PDF: bytes in, a JSON list of texts out.

It limits itself before it touches the bytes, so that a picture made to exhaust a machine ends
this process and nothing else.
"""

import json
import resource
import signal
import sys
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEMORY_BYTES_MAX = 1024**3
CPU_S_MAX = 10
IDLE_S_MAX = 120  # made ready for a picture that does not come
PIXELS_MAX = 50_000_000
PAGES_MAX = 8
PAGE_PIXELS_MAX = 4_000_000  # an A4 page at 200 dots an inch
DOTS_PER_POINT = 200 / 72
# What telephones and screens make. Others may start programs of their own (EPS) or hold films.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
MISSING, TOO_LARGE, SPOILED = 3, 4, 5  # exit codes


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        import pypdfium2  # noqa: PLC0415  an extra, and only here
        import zxingcpp  # noqa: PLC0415
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415
    except ImportError:
        return MISSING
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    data = _awaited()
    try:
        seen = _pages(data) if data.startswith(b"%PDF-") else iter([_picture(data)])
        kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.AllMatrix)  # stripes are goods'
        found = [_text(code.bytes) for one in seen for code in zxingcpp.read_barcodes(one, kinds)]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_LARGE
    except (
        UnidentifiedImageError,
        pypdfium2.PdfiumError,
        OSError,
        ValueError,
        SyntaxError,
    ):
        return SPOILED
    sys.stdout.write(json.dumps(found))
    return 0


def _awaited() -> bytes:
    signal.alarm(IDLE_S_MAX)
    data = sys.stdin.buffer.read()
    signal.alarm(0)
    return data


def _picture(data: bytes) -> "Picture":
    from PIL import Image  # noqa: PLC0415

    with Image.open(BytesIO(data), formats=FORMATS) as picture:
        if not picture.has_transparency_data:
            return picture.convert("L")
        seen = picture.convert("RGBA")  # what is transparent may hold any colour
        paper = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(paper, seen).convert("L")


def _pages(data: bytes) -> Iterator["Picture"]:
    """The first pages, as they would be printed."""
    import pypdfium2  # noqa: PLC0415

    with pypdfium2.PdfDocument(data) as document:
        for number in range(min(len(document), PAGES_MAX)):
            page = document[number]
            width, height = page.get_size()  # points
            fitting = (PAGE_PIXELS_MAX / max(width * height, 1)) ** 0.5
            drawn = page.render(scale=min(DOTS_PER_POINT, fitting), grayscale=True)
            yield drawn.to_pil().convert("L")


def _text(data: bytes) -> str:
    """What is no UTF-8 is bytes, such as a Visible Digital Seal: a character a byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
