"""Phones with ODK Collect: they fetch forms and send to the node over real HTTP with Digest."""

import base64
import hashlib
import json
import os
import re
import socket
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import pytest
import requests
from defusedxml.ElementTree import fromstring
from pyxform.builder import create_survey_element_from_dict
from requests.auth import HTTPDigestAuth

from edge import phones
from edge.web import WebServer
from localservices.applications.openrosa import digest, service
from localservices.applications.openrosa.listing import FormFile, PublishedForm, served
from sync.store.database import open_database
from sync.store.devices import Devices
from sync.store.media import Media
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.writer import GroupWriter
from sync.wire import entries
from sync.wire.entries import Stamp
from sync.wire.kinds.application import ApplicationFiled
from sync.wire.kinds.media import MediaFile
from sync.wire.lanes import Lane
from sync.wire.records import from_body
from tests.builders import NODE_ID, Browser, a_central, an_office

TIMEOUT_S = 30
KEY = base64.b64encode(b"a public key").decode()


def a_form(version: str = "2") -> PublishedForm:
    survey = create_survey_element_from_dict(
        {
            "type": "survey",
            "name": "data",
            "id_string": "cash",
            "title": "Cash",
            "version": version,
            "sms_keyword": "cash",
            "default_language": "default",
            "children": [
                {"type": "text", "name": "who", "label": "Who?"},
                {
                    "type": "group",
                    "name": "meta",
                    "control": {"bodyless": True},
                    "children": [
                        {
                            "name": "instanceID",
                            "type": "calculate",
                            "bind": {"readonly": "true()", "jr:preload": "uid"},
                        }
                    ],
                },
            ],
        }
    )
    xml = survey.to_xml(validate=False).encode()
    return PublishedForm("cash", version, "Cash", xml, "cash", (FormFile("a b.csv", b"x,y\n"),))


class Shelf:
    """Two versions of one form; the second is in force."""

    def __init__(self) -> None:
        self.old, self.new = a_form("1"), a_form("2")

    def listed(self) -> Sequence[PublishedForm]:
        return [self.new]

    def known(self, form_id: str, version: str) -> PublishedForm | None:
        both = (self.old, self.new)
        return next((one for one in both if (one.id, one.version) == (form_id, version)), None)


class Centre:
    """A node's pages on a server, and a phone that knows its secret."""

    def __init__(self, folder: Path) -> None:
        path = folder / "phones.db"
        first = open_database(path)
        prepare(first)
        self.writer = GroupWriter(first)
        segments = Segments(NODE_ID, a_central(), os.urandom)
        self.store = Store(NODE_ID, self.writer, open_database(path), segments, lambda: Stamp(1))
        self.devices, self.shelf = Devices(self.store, self.writer), Shelf()
        pages = phones.create_pages(self.store, self.writer, Media(self.store), self.shelf, KEY)
        self.browser = Browser(an_office(folder, pages=pages))
        self.server = WebServer(self.browser.app, "127.0.0.1", 0)
        self.server.start()
        ids = iter(bytes([n]) * 16 for n in range(1, 99))
        self.hired = service.hire(self.devices, "Olena's phone", 0, lambda: next(ids))

    @property
    def root(self) -> str:
        return self.server.address.rstrip("/") + "/openrosa"

    def phone(self) -> requests.Session:
        session = requests.Session()
        session.auth = HTTPDigestAuth(self.hired.device.username, self.hired.secret)
        return session

    def send(
        self,
        xml: bytes,
        phone: requests.Session | None = None,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> int:
        """As Collect does; gives the status."""
        parts = {"xml_submission_file": ("s.xml", xml, "text/xml")}
        parts |= {name: (name, data, "image/jpeg") for name, data in files.items()}
        where = f"{self.root}/submission"
        return (phone or self.phone()).post(where, files=parts, timeout=TIMEOUT_S).status_code

    def records(self, kind: type) -> list[object]:
        found = []
        for row in self.store.rows_in_order(0, 100_000):
            if row.stream.lane is Lane.MEDIA:  # these come without their content
                continue
            entry = entries.decode(self.store.open_row(row) or b"")
            found.append(from_body(entry.kind, entry.body))
        return [one for one in found if isinstance(one, kind)]

    def applications(self) -> list[ApplicationFiled]:
        return [one for one in self.records(ApplicationFiled) if isinstance(one, ApplicationFiled)]

    def close(self) -> None:
        self.server.stop()
        self.store.close()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    centre = Centre(tmp_path)
    yield centre
    centre.close()


def filled(number: int = 1, version: str = "2", form: str = "cash", who: str = "Amina") -> bytes:
    return (
        f'<data id="{form}" version="{version}"><who>{who}</who>'
        f"<meta><instanceID>uuid:{number}</instanceID></meta></data>"
    ).encode()


def test_a_phone_finds_the_form_and_all_that_belongs_to_it(centre: Centre) -> None:
    phone = centre.phone()
    listed = phone.get(f"{centre.root}/formList", timeout=TIMEOUT_S)
    assert listed.headers["X-OpenRosa-Version"] == "1.0"
    assert listed.headers["Content-Type"].startswith("text/xml")
    assert listed.headers["Date"].endswith("GMT")
    told = {one.tag.rpartition("}")[2]: one.text or "" for one in fromstring(listed.content)[0]}
    form = phone.get(told["downloadUrl"], timeout=TIMEOUT_S).content
    assert told["hash"] == digest_of(form)
    assert (told["formID"], told["version"]) == ("cash", "2")
    files = fromstring(phone.get(told["manifestUrl"], timeout=TIMEOUT_S).content)
    entry = {one.tag.rpartition("}")[2]: one.text or "" for one in files[0]}
    assert entry["filename"] == "a b.csv"
    assert phone.get(entry["downloadUrl"], timeout=TIMEOUT_S).content == b"x,y\n"
    none = phone.get(f"{centre.root}/formList?formID=other", timeout=TIMEOUT_S)
    assert len(fromstring(none.content)) == 0


def digest_of(data: bytes) -> str:
    return f"md5:{hashlib.md5(data).hexdigest()}"


def test_a_form_on_a_phone_encrypts_to_central_and_stays_whole() -> None:
    form = a_form()
    root = fromstring(served(form, KEY))
    [submission] = [one for one in root.iter() if one.tag.endswith("}submission")]
    assert submission.tag == "{http://www.w3.org/2002/xforms}submission"
    assert submission.get("base64RsaPublicKey") == KEY
    assert served(form, None) == form.xml


def test_a_phone_asks_where_to_send_and_how_much(centre: Centre) -> None:
    answer = centre.phone().head(f"{centre.root}/submission", timeout=TIMEOUT_S)
    assert answer.status_code == 204
    assert answer.headers["Location"] == f"{centre.root}/submission"
    assert int(answer.headers["X-OpenRosa-Accept-Content-Length"]) >= 1_000_000


def test_a_submission_is_filed_while_everything_is_locked(centre: Centre) -> None:
    assert centre.send(filled()) == 201
    [one] = centre.applications()
    assert (one.service, one.form) == ("cash", centre.shelf.new.sha256)
    assert one.submission == filled()
    assert one.filed_by == centre.hired.device.username


def test_a_resend_never_doubles_a_record_nor_a_photo(centre: Centre) -> None:
    for _ in range(3):
        assert centre.send(filled(), files={"photo": b"\xff\xd8\xff a photo"}) == 201
    assert len(centre.applications()) == 1
    assert len(centre.records(MediaFile)) == 1


def test_parts_of_one_form_join_up(centre: Centre) -> None:
    assert centre.send(filled(), files={"one": b"first photo"}) == 201
    assert centre.send(filled(), files={"two": b"second photo"}) == 201
    found = [one for one in centre.records(MediaFile) if isinstance(one, MediaFile)]
    assert [one.name for one in found] == ["one", "two"]
    assert len({one.about for one in found}) == 1
    assert len(centre.applications()) == 1


@pytest.mark.parametrize(("form", "version"), [("cash", "1"), ("cash", "0"), ("gone", "7")])
def test_yesterday_s_offline_record_is_never_refused(
    centre: Centre, form: str, version: str
) -> None:
    """PAINS 27."""
    assert centre.send(filled(form=form, version=version)) == 201
    [one] = centre.applications()
    assert one.form == (centre.shelf.old.sha256 if version == "1" else b"")


def test_another_form_under_the_same_number_is_not_swallowed(centre: Centre) -> None:
    assert centre.send(filled(who="Amina")) == 201
    assert centre.send(filled(who="Bohdan")) == 409


def test_a_sealed_form_is_passed_on_as_it_came(centre: Centre) -> None:
    sealed = filled().replace(b"<data ", b'<data encrypted="yes" ')
    assert centre.send(sealed, files={"submission.xml.enc": b"sealed bytes"}) == 201
    assert centre.applications()[0].submission == sealed
    [file] = [one for one in centre.records(MediaFile) if isinstance(one, MediaFile)]
    assert file.name == "submission.xml.enc"


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", 400),
        (b"<data", 400),
        (b"<data/>", 400),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><data id="cash">&a;</data>', 400),
        (filled(who="a" * 300_000), 413),
    ],
    ids=["empty", "cut", "nameless", "entities", "large"],
)
def test_what_is_no_form_is_a_sentence_that_the_phone_shows(
    centre: Centre, xml: bytes, code: int
) -> None:
    answer = centre.phone().post(
        f"{centre.root}/submission",
        files={"xml_submission_file": ("s.xml", xml, "text/xml")},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == code
    assert fromstring(answer.content)[0].text
    assert not centre.applications()


def test_a_large_photo_comes_through_whole(centre: Centre) -> None:
    phone = centre.phone()
    phone.head(f"{centre.root}/submission", timeout=TIMEOUT_S)
    photo = bytes(range(256)) * 8_000
    assert centre.send(filled(), phone, files={"photo": photo}) == 201
    [file] = [one for one in centre.records(MediaFile) if isinstance(one, MediaFile)]
    kept = Media(centre.store).read(file.sha256, 0, file.size)
    assert b"".join(kept) == photo


def test_a_stranger_is_asked_and_a_removed_phone_is_a_stranger(centre: Centre) -> None:
    answer = requests.get(f"{centre.root}/formList", timeout=TIMEOUT_S)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].count("Digest ") == len(digest.ALGORITHMS)
    centre.devices.revoke(centre.hired.device.username, 1)
    assert centre.send(filled()) == 401
    assert not centre.applications()


def test_an_answer_that_was_overheard_serves_nobody_twice(centre: Centre) -> None:
    phone = centre.phone()
    first = phone.get(f"{centre.root}/formList", timeout=TIMEOUT_S)
    overheard = {"Authorization": str(first.request.headers["Authorization"])}
    again = requests.get(f"{centre.root}/formList", headers=overheard, timeout=TIMEOUT_S)
    assert again.status_code == 401
    assert "stale=true" in again.headers["WWW-Authenticate"]
    elsewhere = requests.get(f"{centre.root}/form?id=cash", headers=overheard, timeout=TIMEOUT_S)
    assert elsewhere.status_code == 401


def test_whoever_guesses_must_wait(centre: Centre) -> None:
    centre.hired = service.Hired(centre.hired.device, "wrong")
    codes = [centre.send(filled()) for _ in range(7)]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_the_settings_code_holds_what_collect_needs(centre: Centre) -> None:
    text = service.settings(centre.hired, "http://10.0.0.5:8300", "Вокзал")
    said = json.loads(zlib.decompress(base64.b64decode(text)))
    assert said["general"]["server_url"] == "http://10.0.0.5:8300/openrosa"
    assert said["general"]["password"] == centre.hired.secret
    assert said["project"]["name"] == "Вокзал"


def test_staff_add_a_phone_and_take_its_right_away(centre: Centre) -> None:
    browser = centre.browser.set_up()
    fields = {"name": "Desk 2", "address": "http://127.0.0.1:8300"}
    assert browser.post("/phones", fields, seen_at="/phones").status_code == 422
    fields["address"] = "http://10.0.0.5:8300"
    added = browser.post("/phones", fields, seen_at="/phones").text
    assert "<svg" in added
    username = re.findall(r"phone-[0-9a-f]{8}", added)[0]
    browser.post(f"/phones/{username}/revoke", {}, seen_at="/phones")
    assert centre.devices.secret_of(username) is None


def test_a_thousand_forms_with_resends_and_cuts_are_a_thousand_records(centre: Centre) -> None:
    count = 1_000
    acts = [*range(count), *(n for n in range(count) if n % 10 < 3)]
    acts.sort(key=lambda n: (n * 7919) % 101)

    def one_phone(mine: list[int]) -> set[int]:
        phone = centre.phone()
        phone.head(f"{centre.root}/submission", timeout=TIMEOUT_S)
        codes = set()
        for number in mine:
            if number % 9 == 0:
                _cut(centre, phone, filled(number))
            codes.add(centre.send(filled(number), phone))
        return codes

    with ThreadPoolExecutor(6) as crowd:
        codes = set().union(*crowd.map(one_phone, [acts[start::6] for start in range(6)]))
    assert codes == {201}
    assert len(centre.applications()) == count
    assert len({one.instance for one in centre.applications()}) == count


def _cut(centre: Centre, phone: requests.Session, xml: bytes) -> None:
    """The Wi-Fi goes away half way through a form."""
    assert isinstance(phone.auth, HTTPDigestAuth)
    where = f"{centre.root}/submission"
    answer = phone.auth.build_digest_header("POST", where)  # type: ignore[no-untyped-call]
    head = (
        f"POST /openrosa/submission HTTP/1.1\r\nHost: node\r\nAuthorization: {answer}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s"\r\n\r\n'
    )
    with socket.create_connection(("127.0.0.1", centre.server.port)) as line:
        line.sendall(head.encode() + xml[:20])
