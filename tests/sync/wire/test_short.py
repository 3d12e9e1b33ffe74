"""The least report of a hazard: what it weighs, what it survives, and who is believed."""

import string
from collections.abc import Iterable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from sync.wire import batch, entries, hazard_codes, messages, short, sign
from sync.wire.entries import Entry, Stamp
from sync.wire.errors import MalformedError, SealError, SignatureError, VersionError, WireError
from sync.wire.kinds.hazard import (
    COUNT_MAX,
    LANDMARK_BYTES_MAX,
    LATITUDE_E5_MAX,
    LONGITUDE_E5_MAX,
    Device,
    HazardReported,
    is_sound,
)
from sync.wire.lanes import Lane
from sync.wire.messages import Batch, Form
from sync.wire.places import NO_HASH, Stream
from sync.wire.records import from_body, to_body
from sync.wire.seal import OpeningRing, SegmentKey, new_opening_key
from sync.wire.short import SHORT_BYTES_MAX, Short
from sync.wire.sign import VerifyingKey

NODE = "n" * 48  # the longest name
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
CENTRAL = new_opening_key()
RING = OpeningRing((new_opening_key(), CENTRAL))  # central's keys have changed since
LARGEST = HazardReported(
    Device.IED.value,
    LATITUDE_E5_MAX,
    -LONGITUDE_E5_MAX,
    COUNT_MAX,
    "я" * (LANDMARK_BYTES_MAX // 2),
    COUNT_MAX,
    False,
    b"\xff" * 7,
)

points = st.none() | st.tuples(
    st.integers(-LATITUDE_E5_MAX, LATITUDE_E5_MAX), st.integers(-LONGITUDE_E5_MAX, LONGITUDE_E5_MAX)
)
counts = st.none() | st.integers(0, COUNT_MAX)
landmarks = st.text(st.characters(codec="utf-8"), max_size=LANDMARK_BYTES_MAX)


@st.composite
def reports(draw: st.DrawFn) -> HazardReported:
    lat_e5, lon_e5 = draw(points) or (None, None)
    return HazardReported(
        draw(st.sampled_from([one.value for one in Device])),
        lat_e5,
        lon_e5,
        draw(counts),
        draw(landmarks),
        draw(counts),
        draw(st.none() | st.booleans()),
        draw(st.just(b"") | st.binary(min_size=7, max_size=7)),
    )


def fleet(tag: bytes) -> Iterable[tuple[str, VerifyingKey]]:
    """Two nodes with one tag, as 30,000 may have."""
    assert tag == short.tag_of(NODE)
    return [("other", OTHER.public_key()), (NODE, KEY.public_key())]


def sealed(report: HazardReported, key: Ed25519PrivateKey = KEY) -> bytes:
    said = Short(b"seven77", (1 << 32) - 1, report)
    return short.encode(NODE, said, CENTRAL.public(), key)


@given(reports().filter(is_sound))
@example(LARGEST)
def test_every_report_fits_in_200_bytes_and_comes_back_as_it_was(report: HazardReported) -> None:
    data = sealed(report)
    assert len(data) <= SHORT_BYTES_MAX
    assert short.decode(short.from_text(short.text(data)), RING, fleet) == (
        NODE,
        Short(b"seven77", (1 << 32) - 1, report),
    )
    assert from_body(report.kind, to_body(report)) == report, "and by the usual way too"


def test_the_largest_report_leaves_a_byte_and_two_sms_carry_it_as_text() -> None:
    data = sealed(LARGEST)
    assert len(data) == 199
    assert len(short.text(data)) <= 2 * 153  # characters of two joined SMS (3GPP TS 23.040)
    alphabet = set(string.ascii_letters + string.digits + "+/")
    assert set(short.text(data)) <= alphabet, "one character of the SMS alphabet each"


def test_a_usual_report_alone_in_a_usual_batch_is_weighed_too() -> None:
    """The figure that docs/hazards.md gives: the batch names its place in the chain as well."""
    report = HazardReported(Device.UXO.value, 4_845_000, 3_502_000, 10)
    entry = entries.encode(Entry(report.kind, Stamp(1_795_428_000_000), to_body(report)))
    place = Stream(b"8 bytes.", Lane.URGENT)
    bare = Batch("node-7", place, 1, 1, NO_HASH, Form.COLUMNS, b"")
    packed = batch.pack(bare, [entry], SegmentKey(bytes(32)))
    usual = len(sign.sign(messages.encode(packed), KEY))
    brief = len(sealed(report))
    assert brief < SHORT_BYTES_MAX < usual < 330
    print(f"a usual batch {usual} bytes, the short form {brief} bytes")  # noqa: T201


@given(st.integers(0, 8 * 198 - 1))
def test_no_altered_bit_is_taken(bit: int) -> None:
    spoiled = bytearray(sealed(LARGEST))
    spoiled[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WireError):
        short.decode(bytes(spoiled), RING, lambda _: [(NODE, KEY.public_key())])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(WireError):
        short.decode(data, RING, lambda _: [(NODE, KEY.public_key())])


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(said: str) -> None:
    try:
        short.from_text(said)
    except MalformedError:
        return


def test_a_stranger_cannot_speak_as_a_node() -> None:
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(SignatureError):
        short.decode(sealed(LARGEST, stranger), RING, fleet)


def test_only_central_opens_it() -> None:
    with pytest.raises(SealError):
        short.decode(sealed(LARGEST), OpeningRing((new_opening_key(),)), fleet)


def test_another_version_is_refused_as_such() -> None:
    with pytest.raises(VersionError):
        short.decode(b"\x02" + sealed(LARGEST)[1:], RING, fleet)


@given(st.binary(min_size=7, max_size=7), st.integers(0, 14), st.sampled_from("0ABEKX79"))
def test_a_code_is_said_in_either_alphabet_and_one_wrong_symbol_shows(
    ref: bytes, at: int, symbol: str
) -> None:
    code = hazard_codes.code_of(ref)
    assert hazard_codes.read_code(code) == ref
    cyrillic = code.lower().translate(str.maketrans("abcehkmptx", "авсенкмртх"))
    assert hazard_codes.read_code(cyrillic.replace("-", " ")) == ref
    plain = code.replace("-", "")
    if plain[at] != symbol:
        with pytest.raises(MalformedError):
            hazard_codes.read_code(plain[:at] + symbol + plain[at + 1 :])


@given(st.binary(min_size=7, max_size=7), st.integers(0, 13))
def test_two_neighbouring_symbols_that_changed_places_show(ref: bytes, at: int) -> None:
    plain = hazard_codes.code_of(ref).replace("-", "")
    swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
    if swapped != plain:
        with pytest.raises(MalformedError):
            hazard_codes.read_code(swapped)


def test_codes_of_a_million_reports_of_many_nodes_do_not_clash() -> None:
    """A tenth of it, to be quick: 56 bits leave one chance in fourteen million of a clash."""
    refs = {
        hazard_codes.ref_of(f"node-{node}", Stream(epoch.to_bytes(8), Lane.URGENT), seq)
        for node in range(100)
        for epoch in range(10)
        for seq in range(1, 101)
    }
    assert len(refs) == 100_000
