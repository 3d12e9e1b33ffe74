"""The child process that reads codes from one picture: bytes in, a JSON list of texts out.

It limits itself before it touches the bytes, so that a picture made to exhaust a machine ends
this process and nothing else.
"""

import json
import resource
import sys
import warnings
from io import BytesIO

MEMORY_BYTES_MAX = 1024**3
CPU_S_MAX = 10
PIXELS_MAX = 50_000_000
# What telephones and screens make. Others may start programs of their own (EPS) or hold films.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
MISSING, TOO_LARGE, SPOILED = 3, 4, 5  # exit codes


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        import zxingcpp  # noqa: PLC0415  an extra, and only here
        from PIL import Image, UnidentifiedImageError  # noqa: PLC0415
    except ImportError:
        return MISSING
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as picture:
            if picture.has_transparency_data:  # what is transparent may hold any colour
                seen = picture.convert("RGBA")
                paper = Image.new("RGBA", seen.size, "white")
                found = zxingcpp.read_barcodes(Image.alpha_composite(paper, seen).convert("L"))
            else:
                found = zxingcpp.read_barcodes(picture.convert("L"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return TOO_LARGE
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return SPOILED
    sys.stdout.write(json.dumps([_text(code.bytes) for code in found]))
    return 0


def _text(data: bytes) -> str:
    """What is no UTF-8 is bytes, such as a Visible Digital Seal: a character a byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


if __name__ == "__main__":
    sys.exit(main())
