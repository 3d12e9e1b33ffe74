"""A picture of a QR code is read on the node, and one made to harm it harms nothing."""

import io
import zlib
from pathlib import Path

import pytest
import segno
from PIL import Image

from localservices.verification import picture
from localservices.verification.picture import PictureError, Readers
from localservices.verification.reader import PAGES_MAX
from tests.localservices.verification.issuing import Issuer

READERS = Readers()


def text_of(data: bytes) -> str:
    [text] = READERS.texts(data)
    return text


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


def a_picture_of_nothing() -> bytes:
    out = io.BytesIO()
    Image.new("L", (200, 200), 255).save(out, "PNG")
    return out.getvalue()


def test_a_picture_without_a_code_says_so() -> None:
    assert code_of(a_picture_of_nothing()) == "picture_without_code"


def a_pdf(pages: list[bytes]) -> bytes:
    drawn = [Image.open(io.BytesIO(page)).convert("L") for page in pages]
    out = io.BytesIO()
    drawn[0].save(out, "PDF", save_all=True, append_images=drawn[1:])
    return out.getvalue()


def test_all_codes_of_a_pdf_are_read_page_after_page() -> None:
    texts = [Issuer().issue(), "nonsense"]
    assert READERS.texts(a_pdf([a_picture(text) for text in texts])) == texts


def test_several_codes_in_one_picture_are_all_read() -> None:
    paper = Image.new("L", (1200, 500), 255)
    for place, text in enumerate(("left", "right")):
        with Image.open(io.BytesIO(a_picture(text, scale=8))) as code:
            paper.paste(code, (50 + 600 * place, 50))
    out = io.BytesIO()
    paper.save(out, "PNG")
    assert sorted(READERS.texts(out.getvalue())) == ["left", "right"]


@pytest.mark.parametrize("data", [b"%PDF-1.7", a_pdf([a_picture("x")])[:200], b"%PDF-" * 999])
def test_a_spoiled_pdf_says_so(data: bytes) -> None:
    assert code_of(data) == "picture_spoiled"


def test_of_a_book_the_first_pages_are_read() -> None:
    blank, code = a_picture_of_nothing(), a_picture("at the end")
    assert code_of(a_pdf([blank] * PAGES_MAX + [code])) == "picture_without_code"


def test_a_reader_that_was_made_ready_and_died_is_replaced() -> None:
    readers = Readers()
    for text in ("one", "two"):
        assert readers.texts(a_picture(text)) == [text]
        waiting = readers._spare._child
        assert waiting is not None
        waiting.kill()
        waiting.wait()


def test_a_kind_of_picture_that_starts_programs_is_not_opened() -> None:
    out = io.BytesIO()
    Image.new("L", (20, 20), 255).save(out, "EPS")
    assert code_of(out.getvalue()) == "picture_spoiled"


def test_without_the_extra_that_reads_pictures_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zxingcpp.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(PictureError, match=picture.NO_READER):
        Readers().texts(a_picture("x"))


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
