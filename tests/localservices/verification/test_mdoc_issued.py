"""Mobile documents of our own making: chain, device and status, with one detail changed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localservices.verification import engine, trust
from localservices.verification.formats.mdoc import judge_response
from localservices.verification.formats.mdoc_device import Session
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification.authorities import AUTHORITY, Certified, curve_key, root
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS
from tests.localservices.verification.mdoc_issuing import (
    ELEMENTS,
    IACA,
    SIGNER,
    STATUS,
    Licence,
    a_session,
    a_status_list,
)

GENUINE, READER = Licence(), curve_key()
LISTED = trust.of_certificates([IACA.der], NOW_MS)
WHEN = When(NOW_MS)


def judged(
    licence: Licence = GENUINE,
    auth: dict[str, Any] | None = None,
    session: Session | None = None,
    listed: Certified = IACA,
) -> Verdict:
    known = Knowledge((trust.of_certificates([listed.der], NOW_MS),))
    return judge_response(licence.response(auth), known, WHEN, session)


def test_a_signer_certified_by_an_authority_on_the_list_is_believed() -> None:
    verdict = judged()
    assert (verdict.state, verdict.reason) == (State.HOLDER_UNBOUND, Reason.HOLDER_ABSENT)
    assert dict(verdict.claims)["name"] == ELEMENTS["family_name"]
    assert {Check.SIGNATURE, Check.KEY_USAGE} <= set(verdict.checks)
    stranger = judged(listed=root())
    assert (stranger.state, stranger.reason) == (State.UNTRUSTED_ISSUER, Reason.CHAIN)


@pytest.mark.parametrize(
    "changes",
    [
        {"usages": ()},
        {"usages": ("1.0.18013.5.1.6",)},  # a reader's
        {"use": "key_agreement"},
        {"use": "key_cert_sign"},
    ],
    ids=repr,
)
def test_who_is_no_signer_of_licences_signs_none(changes: dict[str, Any]) -> None:
    verdict = judged(Licence(IACA.certify(replace(SIGNER, **changes))))
    assert (verdict.state, verdict.reason) == (State.WRONG_KEY_USAGE, Reason.KEY_USAGE)
    assert Check.SIGNATURE in verdict.checks


def test_a_signer_who_is_on_the_list_itself_needs_no_word_of_another() -> None:
    plain = root(replace(SIGNER, usages=()))
    assert judged(Licence(plain), listed=plain).state is State.HOLDER_UNBOUND
    reader = root(replace(SIGNER, usages=("1.0.18013.5.1.6",)))
    assert judged(Licence(reader), listed=reader).state is State.WRONG_KEY_USAGE


def test_of_documents_other_than_licences_the_key_usage_counts() -> None:
    signer = IACA.certify(replace(SIGNER, usages=()))
    other: dict[str, Any] = {
        "kind": "eu.europa.ec.eudi.pid.1",
        "signed_kind": "eu.europa.ec.eudi.pid.1",
    }
    assert judged(Licence(signer, **other)).state is State.HOLDER_UNBOUND


@pytest.mark.parametrize(
    "changes", [{"use": "digital_signature"}, {"is_authority": False}], ids=repr
)
def test_an_authority_that_may_not_certify_makes_no_signer(changes: dict[str, Any]) -> None:
    weak = root(replace(AUTHORITY, **changes))
    assert judged(Licence(weak.certify(SIGNER)), listed=weak).state is State.WRONG_KEY_USAGE


def test_an_ended_signer_or_authority_has_ended() -> None:
    ended: dict[str, Any] = {"begins": NOW - 9 * DAY, "ends": NOW - DAY}
    late = Licence(IACA.certify(replace(SIGNER, **ended)))
    assert judged(late).state is State.ISSUER_EXPIRED
    over = root(replace(AUTHORITY, **ended))
    assert judged(Licence(over.certify(SIGNER)), listed=over).state is State.ISSUER_EXPIRED


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (None, State.HOLDER_UNBOUND),
        ("org.iso.18013.5.1.mDL", State.HOLDER_UNBOUND),
        ("eu.europa.ec.eudi.pid.1", State.TAMPERED),
        ("", State.TAMPERED),
        (7, State.MALFORMED),
    ],
)
def test_what_it_is_the_signed_part_says(kind: object, state: State) -> None:
    verdict = judged(replace(GENUINE, kind=kind))
    assert verdict.state is state
    if kind is None:
        assert verdict.document_type == "driving_licence"


def test_a_key_of_another_curve_than_the_algorithm_s_signs_nothing() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    signer = IACA.certify(SIGNER, key)
    assert judged(Licence(signer)).state is State.TAMPERED


def test_an_algorithm_that_nobody_signed_is_none() -> None:
    assert judged(Licence(protected={}, loose={1: -7})).state is State.TAMPERED
    assert judged(Licence(protected={1: -7}, loose={1: -35})).state is State.HOLDER_UNBOUND


def test_an_element_that_is_shown_twice_is_refused_though_both_were_signed() -> None:
    twice = [*ELEMENTS.items(), ("family_name", "Інша")]
    assert judged(Licence(elements=twice)).state is State.TAMPERED


def test_the_device_shows_its_key_by_a_signature() -> None:
    bound = judged(auth=GENUINE.signature(), session=a_session())
    assert (bound.state, Check.HOLDER in bound.checks) == (State.VALID, True)
    other = judged(auth=Licence().signature(), session=a_session())
    assert (other.state, other.reason) == (State.TAMPERED, Reason.HOLDER_PROOF)
    elsewhere = Session(cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps([None, None, "other"]))))
    assert judged(auth=GENUINE.signature(), session=elsewhere).state is State.TAMPERED


def test_the_device_shows_its_key_by_a_mac_that_the_reader_can_check() -> None:
    told = GENUINE.mac(READER.public_key())
    bound = judged(auth=told, session=a_session(READER))
    assert (bound.state, Check.HOLDER in bound.checks) == (State.VALID, True)
    assert judged(auth=told, session=a_session(curve_key())).state is State.TAMPERED
    other = Licence().mac(READER.public_key())
    assert judged(auth=other, session=a_session(READER)).state is State.TAMPERED


@pytest.mark.parametrize("reader", [None, ec.generate_private_key(ec.SECP384R1())])
def test_a_mac_that_nobody_here_can_check_takes_nothing_from_the_document(
    reader: ec.EllipticCurvePrivateKey | None,
) -> None:
    verdict = judged(auth=GENUINE.mac(READER.public_key()), session=a_session(reader))
    assert (verdict.state, verdict.reason) == (State.HOLDER_UNBOUND, Reason.HOLDER_ABSENT)


def test_it_is_revoked_by_a_list_of_its_own_authority(tmp_path: Path) -> None:
    def told(index: int, lister: Certified) -> Verdict:
        path = tmp_path / "list"
        path.write_bytes(a_status_list(lister, revoked=9))
        shelf = StatusShelf(lambda: [("status/lists/one.cwt", path, NOW_MS)], lambda: (LISTED,))
        more = {"status": {"status_list": {"idx": index, "uri": STATUS}}}
        response = Licence(more=more).response()
        return engine.judge(response.hex(), Knowledge((LISTED,), shelf.of), WHEN)

    own = IACA.certify(replace(SIGNER, name="Status", usages=()))
    assert told(9, own).state is State.REVOKED
    good = told(8, own)
    assert (good.state, Check.STATUS in good.checks) == (State.HOLDER_UNBOUND, True)
    assert told(64, own).reason is Reason.STATUS_INDEX
    assert told(8, root()).reason is Reason.STATUS_ABSENT


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_no_flipped_bit_is_believed() -> None:
    small = Licence(elements=(("family_name", "Oo"),))
    data, known = small.response(small.signature()), Knowledge((LISTED,))
    genuine, session = judge_response(data, known, WHEN, a_session()), a_session()
    assert genuine.state is State.VALID
    believed = set()
    for place in range(8 * len(data)):
        spoiled = bytearray(data)
        spoiled[place // 8] ^= 1 << place % 8
        verdict = judge_response(bytes(spoiled), known, WHEN, session)
        assert verdict.reason is not Reason.UNFORESEEN, place
        if verdict.state is State.VALID:
            assert verdict.claims == genuine.claims
            believed.add(place // 8)
    names = (b"\xa3gversionc1.0", b"gdocType", b"fstatus\x00")  # nobody signs these, or uses them
    unsigned = {data.rindex(name) + n for name in names for n in range(len(name))}
    unsigned.add(data.index(small.signer.certificate.signature) - 1)  # how many bits of it are none
    assert believed <= unsigned
