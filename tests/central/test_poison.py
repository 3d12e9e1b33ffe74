"""Whatever a record turns out to be, it is kept, it is acked, and it blocks nothing."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from central.store import contents
from central.store.contents import Trouble
from central.store.database import Database
from central.store.log import SqlLog
from central.store.tables import quarantine, records
from sync.sim.machines import new_keys
from sync.wire import cbor
from sync.wire import records as wire_records
from sync.wire.batch import Item
from tests.central.building import NODE, Talker, an_intake
from tests.central.test_projections import a_household, shown

KEYS = new_keys(1)
KIND = "household.registered"
BODY = wire_records.to_body(a_household(1))
WHOLE = st.one_of(st.integers(-(1 << 64), (1 << 64) - 1), st.booleans(), st.none())
VALUE = st.one_of(WHOLE, st.text(max_size=9), st.just("a\0b"), st.binary(max_size=9))
VALUES = st.one_of(VALUE, st.lists(VALUE, max_size=3))
MEMBERS = st.lists(
    st.fixed_dictionaries(
        {"surname": st.text(max_size=9), "given_name": st.just("a\0b") | st.text(max_size=9)},
        optional={"born_on": WHOLE, "sex": VALUES, "tax_number": VALUES},
    ),
    max_size=2,
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "members": MEMBERS | VALUES,
        **dict.fromkeys(("origin", "consent", "displaced_on", "needs", "note"), VALUES),
    },
)


def an_entry(
    kind: object = KIND, stamp: tuple[object, ...] = (1, None, None), **more: Any
) -> bytes:
    return cbor.encode([kind, *stamp, BODY | more])


@pytest.mark.parametrize(
    ("entry", "trouble"),
    [
        (None, Trouble.POISON),
        (b"", Trouble.MALFORMED),
        (b"\xff\xff", Trouble.MALFORMED),
        (an_entry(kind=7), Trouble.MALFORMED),
        (an_entry(members="two"), Trouble.MALFORMED),
        (an_entry(colour="blue"), Trouble.MALFORMED),
        (an_entry(kind="household.moved"), Trouble.UNKNOWN_KIND),
        (an_entry(kind="\0" * 500), Trouble.UNKNOWN_KIND),
        (an_entry(stamp=(1 << 63, None, None)), Trouble.UNSTORABLE),
        (an_entry(stamp=(True, None, None)), Trouble.UNSTORABLE),
        (an_entry(note="a\0b"), Trouble.UNSTORABLE),
        (an_entry(), None),
    ],
)
def test_each_trouble_has_its_name(entry: bytes | None, trouble: Trouble | None) -> None:
    found = contents.read(entry)
    assert found.trouble == trouble
    assert (found.record is None) == (trouble is not None)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_named(data: bytes) -> None:
    found = contents.read(data)
    assert (found.record is None) != (found.trouble is None)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(
        st.one_of(
            st.none(),
            st.binary(max_size=40),
            st.builds(
                lambda kind, stamp, body: cbor.encode([kind, *stamp, {**BODY, **body}]),
                st.sampled_from([KIND, "node.health", "document.checked", "a\0b", "k" * 300]),
                st.tuples(WHOLE, WHOLE, WHOLE),
                BODIES,
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_database_takes_every_record(database: Database, entries: list[bytes | None]) -> None:
    log = SqlLog(database)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    [(stream, mark)] = log.book(NODE).held.items()
    items = [Item(b"%032d" % number, entry) for number, entry in enumerate(entries)]
    with log.group(2_000) as shelf:
        shelf.append(NODE, stream, mark.seq + 1, items)
    with database.reading() as connection:
        held = connection.scalars(select(records.c.entry).order_by(records.c.position)).all()
        parked = connection.execute(select(quarantine)).all()
    assert held[-len(entries) :] == entries
    assert len(parked) >= sum(entry is None for entry in entries)


def test_a_rebuild_parks_the_same_records(database: Database) -> None:
    log = SqlLog(database)
    talker = Talker(KEYS)
    talker.write(a_household(1))
    talker.talk(an_intake(log, KEYS))
    [(stream, mark)] = log.book(NODE).held.items()
    entries = [None, b"", an_entry(note="a\0b"), an_entry(kind="household.moved"), an_entry()]
    items = [Item(b"%032d" % number, entry) for number, entry in enumerate(entries)]
    with log.group(2_000) as shelf:
        shelf.append(NODE, stream, mark.seq + 1, items)
    before = shown(database)
    assert [len(before[name]) for name in ("households", "quarantine")] == [2, 4]
    log.rebuild()
    assert shown(database) == before
