"""Evidence at the desk: saved byte for byte, once, and closed to the node that took it."""

import hashlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from localservices.evidence import pages as evidence
from localservices.evidence.service import Cabinet
from localservices.uploads import Uploads
from sync.store.media import Media
from sync.wire import entries, testimony
from sync.wire.entries import Stamp
from sync.wire.kinds.evidence import EvidenceGiven, WitnessGiven
from sync.wire.kinds.media import MediaFile
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import Record, from_body
from sync.wire.seal import OpeningRing, SealingKey, new_opening_key
from tests.builders import Browser, an_office, hidden
from tests.localservices.test_media import VIDEO, a_photo, central_has

CENTRAL = OpeningRing((new_opening_key(),))
SIGNING = Ed25519PrivateKey.generate()
WORDS = "Снаряд влучив у школу"
SAID = {
    "sort": "evidence",
    "origin": "imported",
    "description": WORDS,
    "witness_name": "Ганна Свідок",
    "vouched": "Сусідка, знаю її з дитинства",
    "consent": "yes",
}


@pytest.fixture
def desk(tmp_path: Path) -> Browser:
    return _a_desk(tmp_path, CENTRAL.keys[0].public())


def _a_desk(folder: Path, central: SealingKey) -> Browser:
    office = an_office(folder)
    cabinet = Cabinet(
        Media(office.store),
        Uploads(folder, lambda _: True),
        central,
        SIGNING,
        lambda: Stamp(1_924_905_600_000, 1_700_000_000_000, 1_700_000_060_000),
    )
    pages = [*office.pages, evidence.create_pages(cabinet)]
    return Browser(replace(office, pages=pages)).set_up()


def give(desk: Browser, *files: tuple[str, bytes], **fields: str) -> TestResponse:
    page = desk.get("/evidence/new")
    sent: dict[str, Any] = {key: hidden(page, key) for key in ("csrf_token", "form_id")}
    sent |= SAID | fields
    sent["file"] = [FileStorage(BytesIO(data), name, "file") for name, data in files]
    boundary, body = encode_multipart(sent)
    return desk.client.post(
        "/evidence",
        data=body,
        content_type=f'multipart/form-data; boundary="{boundary}"',
        headers={"Accept-Language": "en"},
    )


def records(desk: Browser) -> list[Record]:
    """All that an unlocked node can open of its work lane."""
    store = desk.office.store
    rows = store.rows_after(Stream(store.epoch, Lane.WORK), 0, 1 << 30)
    found = [entries.decode(store.open_row(row) or b"") for row in rows]
    return [from_body(one.kind, one.body) for one in found]


def opened(desk: Browser, record: EvidenceGiven | WitnessGiven) -> testimony.Testimony:
    node = desk.office.store.node_id
    return testimony.open_sealed(record.sealed, CENTRAL, node, record.item, record.kind)


def test_central_gets_every_byte_and_the_signed_words_of_an_item(desk: Browser) -> None:
    """PAINS 19: the original is untouched, its SHA-256 stands in what the node signed."""
    photo = a_photo()
    answer = give(desk, ("a.jpg", photo), ("b.mp4", VIDEO))
    assert answer.status_code == 303, answer.text
    [given] = [one for one in records(desk) if isinstance(one, EvidenceGiven)]
    said = opened(desk, given)
    SIGNING.public_key().verify(said.signature, said.statement)
    media = Media(desk.office.store)
    for name, key, content in zip(given.files, said.file_keys, (photo, VIDEO), strict=True):
        sealed = media.read(name, 0, len(content))
        assert b"".join(testimony.crypt(sealed, key)) == content
        assert hashlib.sha256(content).hexdigest().encode() in said.statement


def test_an_unlocked_node_reads_nothing_of_evidence(desk: Browser) -> None:
    """PAINS 33 the other way round: what only central may read, nobody reads here."""
    assert give(desk, ("a.jpg", a_photo())).status_code == 303
    assert len(records(desk)) == 3
    for one in records(desk):
        assert WORDS not in repr(one)
        assert WORDS.encode() not in repr(one).encode("latin-1", "ignore")
        assert "Ганна" not in repr(one)
        if isinstance(one, MediaFile):
            held = b"".join(Media(desk.office.store).read(one.sha256, 0, one.size))
            assert held[:3] != b"\xff\xd8\xff"
            assert b"secret place" not in held
            assert not one.preview
    assert "jpg" not in desk.get("/media").text


def test_who_gave_it_lies_apart_from_what_was_given(desk: Browser) -> None:
    give(desk)
    [given] = [one for one in records(desk) if isinstance(one, EvidenceGiven)]
    [witness] = [one for one in records(desk) if isinstance(one, WitnessGiven)]
    assert given.item == witness.item
    assert "Ганна" not in opened(desk, given).statement.decode()
    assert "Ганна" in opened(desk, witness).statement.decode()


def test_a_clock_in_2031_is_told_beside_the_interval(desk: Browser) -> None:
    """PAINS 14: a note and not an error."""
    give(desk)
    [given] = [one for one in records(desk) if isinstance(one, EvidenceGiven)]
    assert "the node's clock is wrong" in opened(desk, given).statement.decode()


def test_the_same_form_again_gives_one_item(desk: Browser) -> None:
    form_id = "ab" * 16
    first, again = (give(desk, ("a.mp4", VIDEO), form_id=form_id) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert len([one for one in records(desk) if isinstance(one, MediaFile)]) == 1


def test_the_page_says_when_the_telephone_may_be_wiped(desk: Browser) -> None:
    """PAINS 20: told without the working set, and only when central has every piece."""
    where = give(desk, ("a.mp4", VIDEO)).headers["Location"]
    assert "not yet at central" in desk.get(where).text
    central_has(desk, work=3)
    assert "safe to wipe" not in desk.get(where).text
    central_has(desk, work=3, media=21)
    assert "safe to wipe" in desk.get(where).text


@pytest.mark.parametrize(
    ("files", "changes", "sentence"),
    [
        ([("a.jpg", b"")], {}, "empty"),
        ([("a.exe", b"MZ no picture")], {}, "no photo, video or sound"),
        ([], {"vouched": ""}, "verified people only"),
        ([], {"check": "node-1-0a1b2c-2-5"}, "no such check"),
        ([], {"consent": ""}, "consent"),
        ([], {"description": ""}, "what happened"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_typed_is_lost(
    desk: Browser, files: list[tuple[str, bytes]], changes: dict[str, str], sentence: str
) -> None:
    answer = give(desk, *files, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Ганна Свідок" in answer.text
    assert records(desk) == []
