"""The pages of files: attached, shown with how far they have come, and served to be saved only."""

import random
import re
import threading
from io import BytesIO
from pathlib import Path

import pytest
import requests
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from edge import retention
from localservices import sniff, uploads
from localservices.uploads import AT_ONCE
from sync.store.streams import Track
from sync.wire.kinds.media import CHUNK_BYTES, PREVIEW_BYTES_MAX
from sync.wire.lanes import Lane
from tests.builders import Browser, Surroundings, a_browser, a_form, hidden

TIMEOUT_S = 30
VIDEO = b"\0\0\0\x20ftypisom" + random.Random(1).randbytes(20 * CHUNK_BYTES)


def a_photo(size: tuple[int, int] = (1600, 1200), turned: bool = False) -> bytes:
    """Left half red, right half blue; noisy, so that it is as large as a photo."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    picture.paste((200, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    if turned:
        exif[0x0112] = 6  # orientation: turned by a quarter
    exif[0x010E] = "made at 48.5 N 35.0 E"
    out = BytesIO()
    picture.save(out, "JPEG", quality=90, exif=exif, comment=b"secret place")
    return out.getvalue()


def attach(browser: Browser, data: bytes, name: str = "IMG_1.jpg", **fields: str) -> TestResponse:
    page = browser.get("/media/new")
    sent = {key: hidden(page, key) for key in ("csrf_token", "form_id")} | fields
    boundary, body = encode_multipart({**sent, "file": FileStorage(BytesIO(data), name, "file")})
    return browser.client.post(
        "/media",
        data=body,
        content_type=f'multipart/form-data; boundary="{boundary}"',
        headers={"Accept-Language": "en"},
    )


def central_has(browser: Browser, **held: int) -> None:
    """Central's ack: so many of each lane."""
    store = browser.office.store
    store.note_acked(
        [
            Track(track.stream, 0, held[name], held[name], 0)
            for track in store.tracks()
            if (name := track.stream.lane.name.lower()) in held
        ],
        at_ms=1,
    )


def test_a_photo_of_a_household_is_attached_seen_and_given_back(browser: Browser) -> None:
    household = browser.register(a_form()).headers["Location"].rpartition("/")[2]
    assert f"/media?about={household}" in browser.get(f"/households/{household}").text
    photo = a_photo()
    answer = attach(browser, photo, about=household, note="The damaged roof")
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.headers["Location"])
    assert "The damaged roof" in page.text
    assert household in page.text
    assert "Saved on this node, not yet with central." in page.text
    assert "IMG_1" not in page.text, "its name may tell more than the file"
    original = browser.get(answer.headers["Location"] + "/original")
    assert original.data == photo
    listed = browser.get(f"/media?about={household}").text
    assert "The damaged roof" in listed
    assert "The damaged roof" not in browser.get("/media?about=other-abcdef-1-1").text


def test_the_preview_is_small_turned_and_tells_no_more_than_it_shows(browser: Browser) -> None:
    answer = attach(browser, a_photo(turned=True))
    preview = browser.get(answer.headers["Location"] + "/preview")
    assert preview.mimetype == "image/jpeg"
    assert 0 < len(preview.data) <= PREVIEW_BYTES_MAX
    with Image.open(BytesIO(preview.data)) as picture:
        assert picture.height > picture.width
        assert "comment" not in picture.info
        assert not picture.getexif()
    assert b"secret" not in preview.data


def test_a_file_says_how_many_of_its_pieces_central_has(browser: Browser) -> None:
    where = attach(browser, VIDEO, "a.mp4").headers["Location"]
    central_has(browser, media=3)
    assert "Of its pieces central has 3 of 21." in browser.get(where).text
    central_has(browser, media=3, work=1)
    assert (
        "The description is with central, the original: 3 of 21 pieces." in browser.get(where).text
    )
    listed = browser.get("/media").text
    assert listed.count("3 of 21 pieces") == 1
    central_has(browser, media=21)
    assert "Central has all of it." in browser.get(where).text
    browser.office.store.purge(1 << 60)
    assert browser.get(f"{where}/original").status_code == 404


def test_a_locked_node_still_shows_how_far_files_have_come(browser: Browser) -> None:
    where = attach(browser, VIDEO, "a.mp4", note="Гримить").headers["Location"]
    central_has(browser, media=3, work=1)
    browser.office.accounts.lock()
    listed = browser.get("/media").text
    assert where.rpartition("/")[2] in listed
    assert "3 of 21 pieces" in listed
    assert "Гримить" not in listed
    assert "3 of 21 pieces" in browser.get(where).text
    assert browser.get(f"{where}/original").status_code == 404
    assert browser.get(f"{where}/preview").status_code == 404


def test_a_file_whose_description_has_left_still_says_how_far_its_pieces_are(
    browser: Browser,
) -> None:
    where = attach(browser, VIDEO, "a.mp4", note="Міст").headers["Location"]
    central_has(browser, media=3, work=1)
    retention.purge(browser.office.store, browser.office.working, 1 << 60)
    listed = browser.get("/media").text
    assert "Міст" not in listed
    for page in (listed, browser.get(where).text):
        assert where.rpartition("/")[2] in page
        assert "3 of 21 pieces" in page
    central_has(browser, media=21, work=1)
    retention.purge(browser.office.store, browser.office.working, 1 << 60)
    assert browser.get(where).status_code == 404


def test_what_was_attached_can_do_nothing_in_our_pages(browser: Browser) -> None:
    page = b"<html><script>alert(1)</script></html>"
    where = attach(browser, page, "photo.jpg").headers["Location"]
    original = browser.get(f"{where}/original")
    assert original.mimetype == sniff.UNKNOWN
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert "script" not in original.headers["Content-Security-Policy"]
    assert browser.get(f"{where}/preview").status_code == 404


def test_any_range_of_a_file_is_given(browser: Browser) -> None:
    where = attach(browser, VIDEO, "a.mp4").headers["Location"] + "/original"
    for asked, start, end in (("5-20000", 5, 20_001), ("-7", len(VIDEO) - 7, len(VIDEO))):
        answer = browser.client.get(where, headers={"Range": f"bytes={asked}"})
        assert (answer.status_code, answer.data) == (206, VIDEO[start:end])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(VIDEO)}"


def test_the_same_form_again_saves_nothing_and_another_file_in_it_is_another(
    browser: Browser,
) -> None:
    page = browser.get("/media/new")
    sent = {key: hidden(page, key) for key in ("csrf_token", "form_id")}

    def send(data: bytes) -> str:
        answer = browser.client.post("/media", data={**sent, "file": (BytesIO(data), "a")})
        assert answer.status_code == 303
        return answer.headers["Location"]

    first, again, other = send(VIDEO), send(VIDEO), send(VIDEO[:100])
    assert again == f"{first}?already=1"
    assert other.partition("?")[0] != first
    depths = browser.office.store.depths()
    assert (depths[Lane.WORK].written, depths[Lane.MEDIA].written) == (2, 22)


def test_what_is_wrong_is_said_beside_the_field(browser: Browser) -> None:
    assert "Choose one file that is not empty." in attach(browser, b"").text
    assert "does not look like a record" in attach(browser, b"x", about="<b>").text
    assert "too long" in attach(browser, b"x", note="x" * 501).text
    assert browser.office.store.depths()[Lane.WORK].written == 0


def test_on_a_full_disk_nothing_of_a_file_is_saved_and_the_page_says_so(tmp_path: Path) -> None:
    around = Surroundings()
    browser = a_browser(tmp_path, around)
    around.has_room = False
    answer = attach(browser, VIDEO, note="Міст")
    assert answer.status_code == 507
    assert "Nothing was saved" in answer.text
    assert "Міст" in answer.text, "what was typed is not to be typed again"
    assert browser.office.store.tracks() == []
    around.has_room = True
    assert attach(browser, VIDEO, note="Міст").status_code == 303


def test_a_picture_made_to_exhaust_is_saved_without_a_preview(browser: Browser) -> None:
    bomb = BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    where = attach(browser, bomb.getvalue(), "bomb.png").headers["Location"]
    assert browser.get(f"{where}/preview").status_code == 404
    assert browser.get(f"{where}/original").data == bomb.getvalue()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"OggS\0", "audio/ogg"),
        (b"<svg onload=x>", sniff.UNKNOWN),
        (b"", sniff.UNKNOWN),
    ],
)
def test_a_type_is_what_the_bytes_say(head: bytes, expected: str) -> None:
    assert sniff.media_type(head) == expected


class TestServed:
    """Behind the server that a node runs."""

    @pytest.fixture
    def person(self, browser: Browser, address: str) -> requests.Session:
        session = requests.Session()
        session.headers["Accept-Language"] = "en"
        cookie = browser.client.get_cookie("nezlam")
        assert cookie is not None
        session.cookies.set("nezlam", cookie.value, domain="127.0.0.1", path="/")
        return session

    def fields(self, person: requests.Session, address: str) -> dict[str, str]:
        text = person.get(f"{address}/media/new", timeout=TIMEOUT_S).text
        found = re.findall(r'name="(csrf_token|form_id)" value="([^"]*)"', text)
        return dict(found)

    def test_a_long_file_comes_in_and_goes_out(
        self, person: requests.Session, address: str, tmp_path: Path
    ) -> None:
        data = random.Random(2).randbytes(40 * 1024**2)
        fields = self.fields(person, address)
        answer = person.post(
            f"{address}/media", data=fields, files={"file": data}, timeout=TIMEOUT_S
        )
        assert answer.status_code == 200, answer.text
        assert "Saved on this node" in answer.text
        back = person.get(f"{answer.url}/original", timeout=TIMEOUT_S)
        assert back.content == data
        assert {path.suffix for path in tmp_path.iterdir()} <= {".db", ".db-wal", ".db-shm"}

    def test_a_stranger_s_file_is_not_kept_for_a_moment(self, address: str) -> None:
        answer = requests.post(
            f"{address}/media",
            files={"file": bytes(1024**2)},
            timeout=TIMEOUT_S,
            allow_redirects=False,
        )
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")

    def test_what_is_too_long_is_refused_in_a_sentence(
        self, person: requests.Session, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(uploads, "UPLOAD_BYTES_MAX", 1024)
        fields = self.fields(person, address)
        answer = person.post(
            f"{address}/media", data=fields, files={"file": bytes(2 * 1024**2)}, timeout=TIMEOUT_S
        )
        assert answer.status_code == 413
        assert "Nothing was saved" in answer.text

    def test_a_browser_that_goes_away_in_the_middle_leaves_nothing(
        self, browser: Browser, person: requests.Session, address: str
    ) -> None:
        gone = threading.Event()

        def half() -> bytes:
            gone.set()
            raise ConnectionError

        class Leaving:
            def __iter__(self) -> "Leaving":
                return self

            def __next__(self) -> bytes:
                return half() if gone.is_set() else self.first()

            def first(self) -> bytes:
                gone.set()
                return bytes(100_000)

        for _ in range(2 * AT_ONCE):
            gone.clear()
            with pytest.raises((requests.ConnectionError, ConnectionError)):
                person.post(
                    f"{address}/media",
                    data=Leaving(),
                    headers={"Content-Length": "400000"},
                    timeout=TIMEOUT_S,
                )
        fields = self.fields(person, address)
        answer = person.post(f"{address}/media", data=fields, files={"file": b"x"}, timeout=9)
        assert answer.status_code == 200, answer.text
        assert browser.office.store.depths()[Lane.WORK].written == 1
