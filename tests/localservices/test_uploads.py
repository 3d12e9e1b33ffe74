"""Files on their way in: bounded in number and room, and every failure is a sentence."""

import resource
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import cast

import pytest

from localservices.uploads import AT_ONCE, Arriving, BusyError, Uploads
from sync.store.errors import StoreFullError
from tests.builders import Browser


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path, lambda size: size < 1_000_000)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 100 KB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def read(arriving: Arriving) -> bytes:
    return cast(RawIOBase, arriving.getfile()).read() or b""


def test_what_came_is_read_back(uploads: Uploads) -> None:
    arriving = uploads.receive(6)
    arriving.append(b"abc")
    arriving.append(b"def")
    assert len(arriving) == 6
    assert read(arriving) == b"abcdef"


def test_only_so_many_are_received_at_once(uploads: Uploads) -> None:
    received = [uploads.receive(10) for _ in range(AT_ONCE)]
    with pytest.raises(BusyError):
        read(uploads.receive(10))
    received[0].close()
    assert read(uploads.receive(10)) == b""


def test_what_has_no_room_is_refused_before_it_is_kept(uploads: Uploads) -> None:
    arriving = uploads.receive(1_000_000)
    arriving.append(b"abc")
    assert len(arriving) == 0
    with pytest.raises(StoreFullError):
        read(arriving)


@pytest.mark.usefixtures("small_disk")
def test_a_disk_that_fills_up_meanwhile_is_told_and_the_rest_is_let_go(uploads: Uploads) -> None:
    arriving = uploads.receive(200_000)
    for _ in range(20):
        arriving.append(bytes(10_000))
    assert len(arriving) == 0
    with pytest.raises(StoreFullError):
        read(arriving)


def test_a_folder_that_takes_no_files_is_told_as_no_room(tmp_path: Path) -> None:
    gone = Uploads(tmp_path / "nothing", lambda _: True)
    with pytest.raises(StoreFullError):
        read(gone.receive(10))


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (BusyError(), 503, "Wait a minute"),
        (StoreFullError(), 507, "no room"),
    ],
)
def test_a_page_says_in_a_sentence_why_a_file_was_not_kept(
    browser: Browser, error: StoreFullError | BusyError, code: int, sentence: str
) -> None:
    answer = browser.client.post(
        "/media",
        content_type="multipart/form-data; boundary=x",
        headers={"Accept-Language": "en"},
        environ_overrides={
            "wsgi.input": Arriving(None, error).getfile(),
            "CONTENT_LENGTH": "1000",
        },
    )
    assert answer.status_code == code
    assert "Nothing was saved" in answer.text
    assert sentence in answer.text
