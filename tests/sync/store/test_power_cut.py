"""Saved means saved: no power cut, wherever it comes, takes what a person was told is saved.

The real store on a disk that drops, tears and reorders what was not synced.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import pytest
from sqlite_utils import Database

from sync.store import outbox
from sync.store.database import prepared
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Receipt, Store
from sync.store.streams import Track
from sync.store.writer import DirectWriter
from sync.wire import entries
from sync.wire.entries import Stamp
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.messages import segment_info
from sync.wire.places import NO_HASH, Stream
from sync.wire.seal import SegmentKey, new_opening_key
from tests.sync.store.powercut import Connection, Disk, Filesystem, Loss, PowerCut

CUTS = 120
CUTS_LONG = 2_000
STEPS_MAX = 400  # writes, syncs and deletions of the whole workload, more or less
RECORDS = 40
NODE = "node-1"
CENTRAL = new_opening_key()


@pytest.fixture(scope="module")
def filesystem() -> Iterator[Filesystem]:
    filesystem = Filesystem()
    yield filesystem
    filesystem.unregister()


@dataclass
class Told:
    """What people were told, and what was asked for."""

    saved: list[Receipt] = field(default_factory=list)
    purged: dict[Stream, int] = field(default_factory=dict)
    asked: int = 0


@cache
def blank() -> bytes:
    db = Database(sqlite3.connect(":memory:", isolation_level=None))
    prepare(db)
    image: bytes = db.conn.serialize()
    return image


def open_store(chance: random.Random, synchronous: str) -> tuple[Store, Database]:
    db = prepared(Database(cast(sqlite3.Connection, Connection())))
    db.conn.execute(f"PRAGMA synchronous={synchronous}")
    db.conn.execute("PRAGMA wal_autocheckpoint=20")  # so that cuts fall into checkpoints too
    segments = Segments(NODE, CENTRAL.public(), chance.randbytes)
    return Store(NODE, DirectWriter(db), db, segments, lambda: Stamp(1_000)), db


def work(store: Store, chance: random.Random, told: Told) -> None:
    """Write, hear acks, purge, until the power goes."""
    for number in range(RECORDS):
        told.asked += 1
        note = "x" * chance.choice([0, 500, 5_000, 20_000])
        record = HouseholdRegistered((Member("a", "b"),), "c", "d", True, "e", note=note)
        told.saved.append(store.write(record, number.to_bytes(16, "big")))
        if chance.random() < 0.1:
            tracks = store.tracks()
            store.note_acked([Track(t.stream, 0, t.newest, t.newest, 0) for t in tracks], 2_000)
            told.purged |= {track.stream: track.newest for track in tracks}
            store.purge(3_000)


def cut(filesystem: Filesystem, seed: int, synchronous: str = "FULL") -> str | None:
    """Cut the power somewhere; what is wrong afterwards, or None."""
    chance = random.Random(seed)
    disk = Disk(chance, {"outbox.db": bytearray(blank())})
    filesystem.disk = disk
    told = Told()
    db = None
    try:
        store, db = open_store(chance, synchronous)
        disk.steps_left = chance.randrange(1, STEPS_MAX)
        work(store, chance, told)
    except PowerCut:
        pass
    if db is not None:
        disk.steps_left = 1
        with suppress(PowerCut):
            db.close()
    filesystem.disk = disk.after(chance.choice(list(Loss)))
    return wrong(told, chance)


def wrong(told: Told, chance: random.Random) -> str | None:
    store, db = open_store(chance, "FULL")
    try:
        if db.conn.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "the file is damaged"
        for receipt in told.saved:
            purged = told.purged.get(receipt.stream, 0) >= receipt.seq
            if not purged and store.hash_at(receipt.stream, receipt.seq) is None:
                return f"{receipt.public_id} was saved and is gone"
        if sum(track.newest for track in store.tracks()) > told.asked:
            return "there is more than anybody wrote"
        return unchained(store, db)
    finally:
        db.close()


def unchained(store: Store, db: Database) -> str | None:
    """Whether every record still opens, and follows the one before it."""
    for track in store.tracks():
        link = store.link_of(track.stream.epoch)
        assert link is not None
        key = SegmentKey(CENTRAL.open(link.sealed_key, segment_info(NODE, link.epoch)))
        before = store.hash_at(track.stream, track.floor) if track.floor else NO_HASH
        for row in outbox.rows_after(db, track.stream, track.floor, 1 << 30):
            entry = entries.unseal(row.sealed, key, NODE, row.stream, row.seq)
            if before is None or key.link(before, row.stream.place(row.seq), entry) != row.hash:
                return f"the chain breaks at {row.seq}"
            before = row.hash
    return None


def test_no_cut_takes_what_was_saved(filesystem: Filesystem) -> None:
    found = {seed: cut(filesystem, seed) for seed in range(CUTS)}
    assert {seed: said for seed, said in found.items() if said} == {}


@pytest.mark.long
def test_two_thousand_cuts_take_nothing(filesystem: Filesystem) -> None:
    found = {seed: cut(filesystem, seed) for seed in range(CUTS, CUTS + CUTS_LONG)}
    assert {seed: said for seed, said in found.items() if said} == {}


def test_the_disk_really_loses_what_is_not_synced(filesystem: Filesystem) -> None:
    """The control: with synchronous=NORMAL a commit is answered before it is on the disk."""
    found = [cut(filesystem, seed, "NORMAL") for seed in range(CUTS)]
    assert any(said is not None and "was saved and is gone" in said for said in found)


def test_cuts_fall_into_every_part_of_the_work(filesystem: Filesystem) -> None:
    counts = []
    for seed in range(30):
        chance = random.Random(seed)
        filesystem.disk = Disk(chance, {"outbox.db": bytearray(blank())})
        store, db = open_store(chance, "FULL")
        filesystem.disk.steps_left = 10**9
        told = Told()
        work(store, chance, told)
        counts.append(10**9 - filesystem.disk.steps_left)
        db.close()
    assert min(counts) > STEPS_MAX / 4
