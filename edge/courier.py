"""The node's end of a courier's run: what it still has goes on a stick, central's words come off.

Both work beside a running node and without one, and need no unlocking: the outbox is only read,
and what came is laid into a folder that the node empties within a second, or at its next start.
"""

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlite_utils import Database

from edge import catalogue, identity
from edge.config import Config
from edge.errors import NodeError
from sync import luggage
from sync.forwarding import ALL_LANES, CARRIED_BYTES
from sync.pump import Pump
from sync.store.inbox import Inbox
from sync.store.relayed import Relayed
from sync.store.segments import Segments
from sync.store.store import Store
from sync.store.writer import DirectWriter
from sync.transport import courier, loading
from sync.transport.courier import CourierFileError
from sync.transport.port import Received
from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.courier import Label, Way
from sync.wire.entries import Stamp
from sync.wire.errors import WireError
from sync.wire.messages import Ack, AckMark, Batch, EpochLink, Message
from sync.wire.sign import sign, verified

log = logging.getLogger(__name__)

_BUSY_MS = 5_000
_PRESENT = "present"  # the link of the start that runs, or ran last
Chance = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Exported:
    """What went on the stick."""

    records: int
    size: int  # bytes
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What came off the stick. ``passed_by`` counts files that are for other nodes."""

    files: int
    held: int  # records that central says it holds now, of the streams that it speaks of
    passed_by: int
    problems: tuple[str, ...]


def due(config: Config, *, everything: bool) -> int:
    """How many records an export would take. Raises NodeError."""
    store = _reading(config)
    try:
        return sum(track.newest - luggage.after(track, everything) for track in store.tracks())
    finally:
        store.close()


def export(
    config: Config,
    folder: Path,
    now_ms: int,
    *,
    everything: bool = False,
    on_records: Callable[[int], object] = lambda _: None,
) -> Exported:
    """Write what central has not confirmed, or ``everything`` that is still here.

    Raises:
        NodeError: the node's keys or its outbox cannot be read.
        StickError: the stick is full, locked or gone.
    """
    signing = identity.own_key(config.keys)
    store = _reading(config)
    size = records = 0

    def note(count: int) -> None:
        nonlocal size
        size += count

    def signed() -> Iterator[bytes]:
        nonlocal records
        for message in _told(config, store, now_ms, everything=everything):
            if isinstance(message, Batch):
                records += message.count
                on_records(message.count)
            yield _sealed(message, signing)

    try:
        label = Label(Way.UP, config.node, now_ms)
        paths = loading.write(folder, label, signed(), note)
    except sqlite3.Error as error:
        raise NodeError(f"The outbox cannot be read ({error}): repeat the export.") from error
    finally:
        store.close()
    return Exported(records, size, tuple(paths))


def _told(config: Config, store: Store, now_ms: int, *, everything: bool) -> Iterator[Message]:
    """Our own words, then those that we carry for others."""
    ack = _heard(store, now_ms)
    present = _present(config)
    yield from luggage.of(store, os.urandom, everything=everything, present=present, ack=ack)
    yield from _carried(config) if config.relay.offers else ()


def take(config: Config, folder: Path) -> Imported:
    """Lay central's files for this node where the node finds them.

    Raises:
        NodeError: central's keys cannot be read, or the node's disk takes nothing.
        StickError: the stick cannot be read.
    """
    central = catalogue.central_of(config, identity.central(config.keys))
    spool = config.data / "courier"
    problems: list[str] = []
    taken = held = others = 0
    for path in courier.files(folder, Way.DOWN):
        try:
            draft = _copied(path, spool)
            label = courier.check(draft)
        except CourierFileError as error:
            problems.append(str(error))
            continue
        if label.node_id != config.node or label.way is not Way.DOWN:
            draft.unlink()
            others += 1
            continue
        for data in (one for bag in courier.messages(draft) for one in bag):
            try:
                message = messages.decode(verified(data, central.signing))
            except WireError:
                continue  # the node counts it as a stranger's
            if isinstance(message, Ack):
                held = max(held, sum(mark.held.seq for mark in message.marks))
        _shelve(draft, spool)
        taken += 1
    return Imported(taken, held, others, tuple(problems))


class Spool:
    """What a courier brought and the node has not taken yet: a folder, looked at each second."""

    def __init__(self, folder: Path, post: Callable[[Callable[[Pump, int, int], None]], None]):
        """``post`` brings work to the pump's thread."""
        self._folder = folder
        self._post = post
        self._underway: set[str] = set()

    def look(self) -> None:
        for path in sorted(self._folder.glob("*.nez")):
            if path.name not in self._underway:
                self._underway.add(path.name)
                self._post(self._giving(path))

    def _giving(self, path: Path) -> Callable[[Pump, int, int], None]:
        def give(pump: Pump, now_ms: int, wall_ms: int) -> None:
            """The file goes only when all of it was taken: a crash in the middle repeats it."""
            pump.tick(now_ms, wall_ms)  # it must know of what these words confirm
            try:
                courier.check(path)
                for bag in courier.messages(path):
                    for data in bag:
                        pump.take(Received(data), now_ms, wall_ms)
                log.info("a courier brought word from central")
            except CourierFileError as error:
                log.warning("what a courier brought is spoiled: %s", error)
            path.unlink(missing_ok=True)
            self._underway.discard(path.name)

        return give


def note_present(config: Config, link: EpochLink) -> None:
    """Leave word of the start that runs now: central seals its answers to it."""
    draft = config.data / f"{_PRESENT}.draft"
    with suppress(OSError):  # on a full disk answers come by other roads alone
        draft.write_bytes(messages.encode(link))
        draft.replace(config.data / _PRESENT)


def _present(config: Config) -> EpochLink | None:
    try:
        link = messages.decode((config.data / _PRESENT).read_bytes())
    except (OSError, WireError):
        return None
    return link if isinstance(link, EpochLink) and link.node_id == config.node else None


def _heard(store: Store, now_ms: int) -> Ack | None:
    """What came of central's own words."""
    marks = Inbox(store, DirectWriter(store.look(lambda db: db))).marks()
    told = tuple(AckMark(stream, mark, mark.seq) for stream, mark in marks)
    return Ack(store.node_id, max(0, now_ms), None, told) if told else None


def _carried(config: Config) -> Iterator[Carried]:
    """What lies at this relay for others goes along."""
    db = _outbox(config)
    relayed = Relayed(DirectWriter(db), db, 0)
    told: set[int] = set()
    try:
        while group := relayed.next(ALL_LANES, told, CARRIED_BYTES):
            told.update(one.n for one in group)
            yield Carried(config.node, tuple(Parcel(one.node_id, one.message) for one in group))
    finally:
        relayed.close()


def _sealed(message: Message, key: Ed25519PrivateKey) -> bytes:
    return sign(messages.encode(message), key)


def _reading(config: Config) -> Store:
    """The outbox for reading only: a node that runs goes on writing. Raises NodeError."""
    central = identity.central(config.keys)
    db = _outbox(config)
    # The key that this draws seals nothing: what goes is sealed as it lies.
    segments = Segments(config.node, central.sealing, os.urandom)
    try:
        return Store(config.node, DirectWriter(db), db, segments, lambda: Stamp(0))
    except sqlite3.Error as error:
        raise NodeError(f"The outbox cannot be read ({error}): repeat.") from error


def _outbox(config: Config) -> Database:
    path = (config.data / "outbox.db").resolve()
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    except sqlite3.Error as error:
        raise NodeError(f"{path} cannot be read ({error}): has this node run yet?") from error
    return Database(connection)


def _copied(path: Path, spool: Path) -> Path:
    """Copy first, then judge the copy: a stick may be pulled, or tell another story later."""
    draft = spool / f"{path.name}.draft"
    try:
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        with courier.opened(path) as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise NodeError(
            f"{path.name} cannot be copied to {spool} ({error.strerror}): free room, then repeat."
        ) from error
    return draft


def _shelve(draft: Path, spool: Path) -> None:
    try:
        draft.replace(draft.with_suffix(""))
        loading.flush(spool)
    except OSError as error:
        raise NodeError(f"{spool} takes no files ({error.strerror}): free room.") from error
