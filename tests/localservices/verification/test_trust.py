"""Whom a node believes, from whatever file a technician was given."""

import base64
import json
import os
from pathlib import Path

import pytest

from localservices.verification import certificates, trust, trust_files
from localservices.verification.certificates import CertificateError
from localservices.verification.knowledge import Knowledge, Purpose
from localservices.verification.trust import TrustList
from localservices.verification.trust_files import TrustFileError
from localservices.verification.trust_shelf import TrustShelf
from tests.localservices.verification.issuing import NOW, Issuer

ISSUER, OTHER = Issuer(), Issuer()


def current(shelf: TrustShelf) -> TrustList:
    return Knowledge(shelf.current()).trust(Purpose.HCERT)


def pem(*ders: bytes) -> bytes:
    return b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"
        for der in ders
    )


@pytest.mark.parametrize(
    "content",
    [
        ISSUER.der,
        pem(ISSUER.der),
        json.dumps([base64.b64encode(ISSUER.der).decode()]).encode(),
        json.dumps({"certificates": [base64.b64encode(ISSUER.der).decode()]}).encode(),
    ],
    ids=["der", "pem", "json list", "json object"],
)
def test_every_form_of_a_list_is_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(content)
    found = trust_files.read(tmp_path / "list")
    assert [one.der for ones in found.by_kid.values() for one in ones] == [ISSUER.der]


def test_a_list_is_as_old_as_it_says(tmp_path: Path) -> None:
    told = {"made_at": NOW.isoformat(), "certificates": []}
    (tmp_path / "list").write_text(json.dumps(told))
    found = trust_files.read(tmp_path / "list")
    assert found.age_s(found.made_at_ms or 0) == 0
    assert found.age_s(int(NOW.timestamp() * 1000) + 7000) == 7


def test_several_lists_are_as_old_as_the_oldest() -> None:
    whole = trust.merged(
        [trust.of_certificates([ISSUER.der], 2000), trust.of_certificates([OTHER.der], 1000)]
    )
    assert (len(whole.by_kid), whole.made_at_ms) == (2, 1000)


def test_a_spoiled_entry_takes_no_other_away() -> None:
    found = trust.of_certificates([b"\x30\x82nonsense", ISSUER.der, b""])
    assert (len(found.by_kid), found.spoiled) == (1, 2)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"{}", b"[1]", b'["=="]', b"\xff" * 40, b"[" * 99_999]
)
def test_a_file_that_is_no_list_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises(TrustFileError, match=r"list is neither DER, PEM nor JSON"):
        trust_files.read(tmp_path / "list")


def test_a_folder_is_one_list_as_old_as_its_oldest_file(tmp_path: Path) -> None:
    for name, content, made_s in (
        ("ua.der", ISSUER.der, 2000),
        ("ee.pem", pem(OTHER.der), 1000),
        ("READ ME", b"hello", 1),
        (".hidden", b"hello", 1),
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (made_s, made_s))
    [found] = trust_files.read_all(tmp_path)
    assert (len(found.by_kid), found.made_at_ms, found.spoiled) == (2, 1_000_000, 1)


def test_a_folder_without_certificates_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrustFileError, match="a folder without any certificate"):
        trust_files.read_all(tmp_path)


def test_a_certificate_put_into_the_folder_is_in_force_at_once(tmp_path: Path) -> None:
    (tmp_path / "ua.der").write_bytes(ISSUER.der)
    shelf = TrustShelf(tmp_path)
    assert len(current(shelf).by_kid) == 1
    (tmp_path / "ee.der").write_bytes(OTHER.der)
    assert len(current(shelf).by_kid) == 2


def test_a_list_that_changes_is_in_force_at_once_and_a_spoiled_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "list"
    shelf = TrustShelf(path)
    assert current(shelf).by_kid == {}
    assert shelf.problem is not None
    path.write_bytes(pem(ISSUER.der))
    assert len(current(shelf).by_kid) == 1
    path.write_bytes(pem(ISSUER.der, OTHER.der))
    os.utime(path, ns=(1, 1))
    assert len(current(shelf).by_kid) == 2
    path.write_bytes(b"spoiled")
    os.utime(path, ns=(2, 2))
    assert len(current(shelf).by_kid) == 2
    assert current(shelf).is_superseded
    path.unlink()
    assert len(current(shelf).by_kid) == 2
    path.write_bytes(pem(ISSUER.der))
    assert not current(shelf).is_superseded
    assert shelf.problem is None


def test_what_central_sent_goes_before_the_file_and_is_as_old_as_its_word(tmp_path: Path) -> None:
    own, sent = tmp_path / "own", tmp_path / "sent"
    own.write_bytes(pem(ISSUER.der))
    sent.write_bytes(pem(OTHER.der))
    given: list[tuple[Path, int | None]] = []
    shelf = TrustShelf(own, lambda: given)
    assert current(shelf).of(certificates.read(ISSUER.der).kid)
    given = [(sent, 1_000)]
    assert current(shelf).of(certificates.read(OTHER.der).kid)
    assert not current(shelf).of(certificates.read(ISSUER.der).kid)
    assert current(shelf).made_at_ms == 1_000
    given = [(sent, 9_000)]  # central says again that it is the newest
    assert current(shelf).made_at_ms == 9_000
    given = [(tmp_path / "gone", 9_999)]
    assert current(shelf).is_superseded
    assert current(shelf).of(certificates.read(OTHER.der).kid)


def test_no_bytes_are_a_certificate_by_chance() -> None:
    for at in range(0, len(ISSUER.der), 3):
        for spoiled in (ISSUER.der[:at], ISSUER.der[:at] + b"\xff" + ISSUER.der[at + 1 :]):
            try:
                certificates.read(spoiled)
            except CertificateError:
                continue


def test_what_lies_beside_a_list_in_a_folder_is_not_believed_for_its_purposes(
    tmp_path: Path,
) -> None:
    for name, purpose in (("licences", "mdoc"), ("credentials", "vc")):
        told = {"certificates": [base64.b64encode(Issuer().der).decode()], "purposes": [purpose]}
        (tmp_path / name).write_text(json.dumps(told))
    lists = trust_files.read_all(tmp_path)
    assert {one.purposes for one in lists} == {frozenset({"mdoc"}), frozenset({"vc"})}
    assert all(len(one.certificates) == 1 for one in lists)
