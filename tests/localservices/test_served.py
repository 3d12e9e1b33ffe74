"""The pages behind a real server: what is too large, and what must never touch the disk."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import localservices
from localservices.limits import BODY_BYTES_MAX, FORM_BYTES_MAX, FORM_PARTS_MAX
from tests.builders import PASSPHRASE, STAFF_NAME, a_form

FORTY_MB = 40 * 1024**2
TIMEOUT_S = 30


@pytest.fixture(autouse=True)
def _no_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever spools what people sent fails, for there is nowhere to spool it to."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))


@pytest.fixture
def session(address: str) -> Iterator[requests.Session]:
    """Another program, signed in over HTTP as a person would."""
    with requests.Session() as session:
        page = session.get(f"{address}/sign-in", timeout=TIMEOUT_S).text
        fields = {"name": STAFF_NAME, "passphrase": PASSPHRASE, "csrf_token": token_in(page)}
        answer = session.post(f"{address}/sign-in", data=fields, timeout=TIMEOUT_S)
        assert answer.status_code == 200
        yield session


def token_in(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_forty_megabytes_in_a_field_get_one_plain_sentence_and_the_node_goes_on(
    address: str,
) -> None:
    fields = a_form(note="Ї" * (FORTY_MB // 2))
    answer = requests.post(
        f"{address}/households",
        data="&".join(f"{name}={value}" for name, value in fields.items()).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == 413
    assert "Нічого не збережено: надіслано більше, ніж вміщує форма." in answer.text
    assert "ЇЇЇ" not in answer.text
    assert requests.get(f"{address}/health", timeout=TIMEOUT_S).text == "ok\n"


def test_forty_megabytes_in_a_field_of_another_encoding_are_refused_as_well(address: str) -> None:
    answer = requests.post(
        f"{address}/sign-in",
        files={"name": (None, "a" * FORTY_MB)},
        headers={"Accept-Language": "en"},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == 413
    assert "Nothing was saved: more was sent than a form holds." in answer.text


def test_a_field_that_is_too_large_is_refused_though_the_body_is_not(
    address: str, session: requests.Session
) -> None:
    large = {"note": "a" * (FORM_BYTES_MAX + 1)}
    plain = session.post(f"{address}/households", data=large, timeout=TIMEOUT_S)
    parts = session.post(
        f"{address}/households", files={"note": (None, large["note"])}, timeout=TIMEOUT_S
    )
    assert [plain.status_code, parts.status_code] == [413, 413]


def test_too_many_fields_are_refused(address: str) -> None:
    fields = {f"field-{n}": (None, "a") for n in range(FORM_PARTS_MAX + 1)}
    answer = requests.post(f"{address}/sign-in", files=fields, timeout=TIMEOUT_S)
    assert answer.status_code == 413


def test_a_large_picture_is_read_without_touching_the_disk(
    address: str, session: requests.Session
) -> None:
    token = token_in(session.get(f"{address}/households/new", timeout=TIMEOUT_S).text)
    answer = session.post(
        f"{address}/households/new",
        data={"csrf_token": token},
        files={"picture": ("document.jpg", bytes(BODY_BYTES_MAX - 100_000))},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == 200


def test_another_program_registers_a_household_over_http(
    address: str, session: requests.Session
) -> None:
    page = session.get(f"{address}/households/new", timeout=TIMEOUT_S).text
    form_id = page.partition('name="form_id" value="')[2].partition('"')[0]
    fields = a_form(csrf_token=token_in(page), form_id=form_id)
    answer = session.post(f"{address}/households", data=fields, timeout=TIMEOUT_S)
    assert answer.status_code == 200
    assert "Шевченко Марія" in answer.text
    status = session.get(f"{address}/api/status", timeout=TIMEOUT_S).json()
    assert status["lanes"]["people"]["waiting"] == 1


def test_a_browser_that_hangs_up_in_the_middle_leaves_the_node_serving(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: n\r\nContent-Length: 5000\r\n\r\nname=")
    assert requests.get(f"{address}/health", timeout=TIMEOUT_S).text == "ok\n"


def test_what_lies_packed_is_handed_out_packed_to_whoever_can_unpack(address: str) -> None:
    vendor = Path(localservices.__file__).parent / "static/vendor"
    if not (vendor / "forms.css.gz").is_file():
        pytest.skip("the pages' assets are not installed: make install")
    where = f"{address}/static/vendor/forms.css"
    packed = requests.get(where, timeout=TIMEOUT_S, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"].startswith("text/css")
    assert packed.raw.read() == (vendor / "forms.css.gz").read_bytes()
    plain = requests.get(where, timeout=TIMEOUT_S, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == (vendor / "forms.css").read_bytes()
