"""Columns give back exactly what they were given, in few bytes, and tell nobody's secrets."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import cbor, columns, entries
from sync.wire.batch import pack, unpack
from sync.wire.compress import decompress
from sync.wire.entries import Entry, Stamp
from sync.wire.errors import DictionaryError, OversizedError, WireError
from sync.wire.layout import dictionary as dictionaries
from sync.wire.layout.books import Read
from sync.wire.layout.dictionary import NONE, Dictionary
from sync.wire.layout.training import AT_LEAST, Sample, train
from sync.wire.messages import Batch, Form
from sync.wire.places import NO_HASH
from tests.sync.wire.samples import KEY, NODE, STREAM, opened

# What looks like numbers, dates, accounts, patterns and marks: where taking apart could go wrong.
TRICKY = st.one_of(
    st.sampled_from(
        [
            "UA361815495531228973152978454",
            "UA991815495531228973152978454",
            "4188799740",
            "2014-09-06",
            "0001-01-01",
            "2023-02-29",
            "+380407608741",
            "вул. Шевченка, буд. 007, кв. 12",
            "٣٤٥",
            "",
            " ",
            "a  b ",
            "1e5",
            "00",
        ]
    ),
    st.text("0123456789 -UA.\ue000\ue005\ue00a\ue100\ue101", max_size=32),
    st.from_regex(r"UA\d{27}|\d{10}|\d{4}-\d\d-\d\d|\+380\d{9}", fullmatch=True),
    st.text(max_size=12),
)
VALUE = st.recursive(
    TRICKY | st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "born_on", "tax_number", "б"]), inner, max_size=3)
    ),
    max_leaves=12,
)
BODY = st.dictionaries(st.sampled_from(["name", "born_on", "tax_number", "note"]), VALUE)
ENTRY = st.builds(
    Entry,
    st.sampled_from(["sample.one", "sample.two"]),
    st.builds(
        Stamp,
        st.integers(-(2**62), 2**62),
        st.none() | st.integers(0, 2**42),
        st.none() | st.integers(0, 2**42),
    ),
    BODY,
)
KNOWN = Dictionary(
    "sample.one", (("a", "b", "вул. Шевченка", ""),), {"sample.one.name": 0, "sample.one.note~": 0}
)


def brought_back(written: list[Entry], dictionary: Dictionary) -> list[Entry]:
    out = columns.write(written, dictionary)
    heads = cbor.decode(cbor.encode(out.heads), 1 << 20)
    return columns.read(len(written), Read(dictionary, heads, bytes(out.raw)))


@given(st.lists(ENTRY, min_size=1, max_size=12), st.sampled_from([NONE, KNOWN]))
def test_any_entries_come_back_as_they_were(written: list[Entry], known: Dictionary) -> None:
    again = brought_back(written, known)
    assert [entries.encode(e) for e in again] == [entries.encode(e) for e in written]


@given(st.lists(TRICKY, min_size=1, max_size=40))
def test_any_texts_come_back_as_they_were(texts: list[str]) -> None:
    written = [Entry("sample.one", Stamp(0), {"name": text}) for text in texts]
    assert brought_back(written, KNOWN) == written


@pytest.mark.parametrize("known", [NONE, KNOWN])
def test_texts_that_are_taken_apart_by_every_way_in_turn_come_back(known: Dictionary) -> None:
    texts = [
        f"{'UA361815495531228973152978454 ' * (n % 3)}вул. Шевченка, буд. {n % 40:02d}а, кв. {n}"
        for n in range(200)
    ]
    written = [Entry("sample.one", Stamp(0), {"note": text}) for text in texts * 3]
    assert brought_back(written, known) == written


@given(st.lists(st.dates(), min_size=1, max_size=30))
def test_numbers_that_look_like_tax_numbers_come_back(born: list[date]) -> None:
    written = [
        Entry("sample.one", Stamp(0), {"born_on": str(day), "tax_number": f"{n:05d}12345"})
        for n, day in enumerate(born)
    ]
    assert brought_back(written, NONE) == written


def bodies(count: int, marker: str) -> list[Sample]:
    return [
        Sample(
            f"node-{n % 10}",
            {"town": f"Town {'ABC'[n % 3]}", "name": f"{marker} {n % 10}", "paper": f"{n:09d}"},
        )
        for n in range(count)
    ]


def test_a_dictionary_holds_what_many_nodes_share_and_nothing_that_few_do() -> None:
    trained = train("sample.one", bodies(300, "MARKER-OF-A-PERSON"))
    plain = decompress(trained.encoded, 1 << 20)
    assert b"Town A" in plain
    assert b"MARKER-OF-A-PERSON 3" not in plain
    assert b"000000007" not in plain
    assert dictionaries.decode(trained.encoded) == trained


def test_a_value_of_fewer_nodes_than_must_share_it_is_not_learned() -> None:
    few = [Sample(f"node-{n % (AT_LEAST - 1)}", {"name": "Рідкісне"}) for n in range(200)]
    assert "Рідкісне".encode() not in decompress(train("k", few).encoded, 1 << 20)


def test_a_batch_is_smaller_with_its_dictionary_and_unreadable_without() -> None:
    samples = bodies(400, "a name")
    trained = train("sample.one", samples[:300])
    canonical = [
        entries.encode(Entry("sample.one", Stamp(1_000), sample.body))
        for sample in samples[300:320]
    ]
    bare = Batch(NODE, STREAM, 1, len(canonical), NO_HASH, Form.COLUMNS, b"")
    packed = pack(bare, canonical, KEY, trained)
    assert len(packed.data) < len(pack(bare, canonical, KEY).data)
    assert opened(unpack(packed, KEY, {trained.name: trained}.get)) == canonical
    with pytest.raises(DictionaryError):
        unpack(packed, KEY)


@given(st.data())
def test_no_altered_columns_do_more_than_be_read_or_refused(data: st.DataObject) -> None:
    written = [
        Entry("sample.one", Stamp(n), {"name": f"вул. {n}, буд. {n * 7}", "note": f"a b {n % 3}"})
        for n in range(12)
    ]
    out = columns.write(written, KNOWN)
    heads = list(out.heads)
    at = data.draw(st.integers(0, len(heads) - 1))
    heads[at] = data.draw(VALUE)
    raw = data.draw(st.sampled_from([bytes(out.raw), b"", bytes(out.raw) + b"more"]))
    try:
        columns.read(len(written), Read(KNOWN, heads, raw))
    except WireError:
        return


LONG = "x" * 100_000
BOMBS: dict[str, list[object]] = {
    "a list of a million millions": [6, 1 << 40],
    "many words, each of them long": [4, 5, 60, LONG],
    "the same long text for all": [4, LONG],
    "places of one long text": [4, 2, 1, LONG, 0],
    "maps in lists, whose names are long": [6, 60, 7, [LONG], [], 1],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_few_bytes_never_become_more_than_a_batch_may_hold(name: str) -> None:
    heads = [["k"], 0, 0, 3, 0, 1, 1, 7, ["a"], [], *BOMBS[name]]
    with pytest.raises(OversizedError):
        columns.read(4000, Read(NONE, heads, b""))


def test_a_spoiled_dictionary_is_refused() -> None:
    trained = train("sample.one", bodies(300, "a name"))
    for at in range(0, len(trained.encoded), 7):
        spoiled = bytearray(trained.encoded)
        spoiled[at] ^= 1
        try:
            read = dictionaries.decode(bytes(spoiled))
        except WireError:
            continue
        assert read.name != trained.name
        assert replace(read) != trained
