"""A picture of a QR code is read on the node, and one made to harm it harms nothing."""

import io
import zlib
from pathlib import Path

import pytest
import segno
from PIL import Image

from localservices.verification import picture
from localservices.verification.picture import PictureError, text_of
from tests.localservices.verification.issuing import Issuer


def a_picture(text: str, scale: int = 4) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="q", micro=False).save(out, kind="png", scale=scale)
    return out.getvalue()


def test_a_picture_gives_its_codes_text() -> None:
    text = Issuer().issue()
    assert text_of(a_picture(text)) == text


def test_a_turned_photo_gives_it_too() -> None:
    text = Issuer().issue()
    with Image.open(io.BytesIO(a_picture(text))) as straight:
        out = io.BytesIO()
        straight.convert("L").rotate(17, expand=True, fillcolor=255).save(out, "JPEG", quality=80)
    assert text_of(out.getvalue()) == text


def test_a_code_on_a_transparent_ground_gives_it_too() -> None:
    text = Issuer().issue()
    out = io.BytesIO()
    segno.make(text, error="q", micro=False).save(out, kind="png", scale=4, light=None)
    assert text_of(out.getvalue()) == text


def code_of(data: bytes) -> str:
    with pytest.raises(PictureError) as raised:
        text_of(data)
    return raised.value.code


def test_a_picture_without_a_code_says_so() -> None:
    out = io.BytesIO()
    Image.new("L", (200, 200), 255).save(out, "PNG")
    assert code_of(out.getvalue()) == "picture_without_code"


@pytest.mark.parametrize("data", [b"", b"hello", a_picture("x")[:60], b"\x89PNG\r\n\x1a\n" * 9])
def test_what_is_no_picture_says_so(data: bytes) -> None:
    assert code_of(data) == "picture_spoiled"


def test_a_kind_of_picture_that_starts_programs_is_not_opened() -> None:
    out = io.BytesIO()
    Image.new("L", (20, 20), 255).save(out, "EPS")
    assert code_of(out.getvalue()) == "picture_spoiled"


def test_without_the_extra_that_reads_pictures_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zxingcpp.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert code_of(a_picture("x")) == picture.NO_READER


def test_a_picture_that_would_fill_the_memory_is_not_opened() -> None:
    assert code_of(a_bomb(60_000)) == "picture_too_large"


def test_a_picture_longer_than_any_photo_is_not_even_looked_at() -> None:
    assert code_of(bytes(picture.PICTURE_BYTES_MAX + 1)) == "picture_too_large"


def a_bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it is ``side`` pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + name + body + check

    size = side.to_bytes(4, "big") * 2
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + b"\x08\x00\x00\x00\x00")
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )
