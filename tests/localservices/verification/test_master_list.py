"""Master lists: states' authorities come as the ICAO hands them out, and only whole."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localservices.verification import engine, master_list, trust_files
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import TrustList
from localservices.verification.trust_files import TrustFileError
from localservices.verification.verdict import State
from tests.localservices.verification.issuing import NOW_MS, Issuer
from tests.localservices.verification.passports import (
    LDS,
    MASTER_LIST,
    Passports,
    Signer,
    a_state,
    der,
)
from tests.localservices.verification.states import VDS_NC, Authority
from tests.localservices.verification.test_vds_nc import KEY, TEST, issued

OWN, OTHER = a_state(), Authority()
KEY_OF_LIST = ec.generate_private_key(ec.SECP256R1())
PUBLISHER = Signer(KEY_OF_LIST, OWN.certify("ML", KEY_OF_LIST, usages=("2.23.136.1.1.3",)))


def a_list(*authorities: bytes, kind: str = MASTER_LIST, signer: Signer = PUBLISHER) -> bytes:
    content = der(0x30, der(2, b"\0") + der(0x31, b"".join(authorities)))
    return signer.message(content, kind)


def an_ldif(*lists: bytes) -> bytes:
    """As RFC 2849 folds lines."""
    entries = [b"version: 1\n"]
    for number, one in enumerate(lists):
        line = b"pkdMasterListContent:: " + base64.b64encode(one)
        folded = b"\r\n ".join(line[at : at + 76] for at in range(0, len(line), 76))
        entries.append(b"dn: cn=%d,dc=icao\r\nobjectClass: top\r\n%s\r\n" % (number, folded))
    return b"\r\n".join(entries)


def read(tmp_path: Path, data: bytes) -> TrustList:
    path = tmp_path / "list"
    path.write_bytes(data)
    return trust_files.read(path)


@pytest.mark.parametrize(
    "as_file",
    [lambda data: data, base64.b64encode, base64.encodebytes, an_ldif],
    ids=["der", "base64", "lines", "ldif"],
)
def test_a_master_list_gives_states_authorities(
    tmp_path: Path, as_file: Callable[[bytes], bytes]
) -> None:
    found = read(tmp_path, as_file(a_list(OWN.der, OTHER.der)))
    assert {one.der for one in found.certificates} == {OWN.der, OTHER.der}
    assert found.made_at_ms == NOW_MS
    assert [found.serves(purpose) for purpose in ("passport", "vds", "hcert", "mdoc")] == [
        True,
        True,
        False,
        False,
    ]


def test_by_it_passports_and_proofs_are_judged(tmp_path: Path) -> None:
    known = Knowledge((read(tmp_path, a_list(OWN.der, OTHER.der)),))
    passports = Passports(OWN)
    assert engine.judge(passports.text(), known, When(NOW_MS)).state is State.HOLDER_UNBOUND
    proof = issued(TEST, OTHER.certify("BC", KEY, usages=(VDS_NC,)))
    assert engine.judge(proof, known, When(NOW_MS)).state is State.VALID
    issuer = Issuer()
    health = Knowledge((read(tmp_path, a_list(issuer.der)),))
    assert engine.judge(issuer.issue(), health, When(NOW_MS)).state is not State.VALID


def test_the_same_authority_on_several_lists_is_one(tmp_path: Path) -> None:
    found = read(tmp_path, an_ldif(a_list(OWN.der), a_list(OWN.der, OTHER.der)))
    assert len(found.certificates) == 2


def test_a_list_that_is_not_whole_takes_no_other_of_its_file_away(tmp_path: Path) -> None:
    found = read(tmp_path, an_ldif(a_list(OWN.der)[:-9], a_list(OTHER.der)))
    assert ({one.der for one in found.certificates}, found.spoiled) == ({OTHER.der}, 1)


def test_an_entry_that_is_no_certificate_takes_no_other_away(tmp_path: Path) -> None:
    found = read(tmp_path, a_list(b"\x30\x03\x02\x01\x01", OWN.der))
    assert (len(found.certificates), found.spoiled) == (1, 1)


def test_a_list_that_was_changed_or_is_of_something_else_is_none(tmp_path: Path) -> None:
    whole = a_list(OWN.der)
    place = whole.index(OWN.der) + 40
    changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    forged = a_list(OWN.der, signer=replace(PUBLISHER, key=ec.generate_private_key(ec.SECP256R1())))
    for data in (
        changed,
        forged,
        a_list(OWN.der, kind=LDS),
        whole[:-9],
        an_ldif(),
        an_ldif(changed),
    ):
        with pytest.raises(TrustFileError):
            read(tmp_path, data)


def test_no_flipped_bit_gives_another_list() -> None:
    whole = a_list(OWN.der)
    for place in range(0, len(whole) * 8, 5):
        spoiled = bytearray(whole)
        spoiled[place // 8] ^= 1 << place % 8
        try:
            found = master_list.read(bytes(spoiled))
        except ValueError:
            continue
        assert found.authorities == (OWN.der,)
