"""What must be true after the weather has cleared: each broken promise as a sentence."""

import hashlib
from collections import Counter
from collections.abc import Iterator

from sync.core.effects import Trouble
from sync.core.receiver import Book, FindingCode
from sync.sim.memory_log import NodeLog, Place
from sync.sim.world import World
from sync.wire import entries
from sync.wire.lanes import Lane
from sync.wire.places import Mark, Stream


def broken(world: World) -> list[str]:
    """Every promise that this world broke; none if all were kept."""
    return [
        *world.ledger.early,
        *_missing(world),
        *_doubled(world),
        *_in_pieces(world),
        *_out_of_order(world),
        *_unconfirmed(world),
        *_readable(world),
        *_not_replayable(world),
        *_history(world),
        *_outdated(world),
        *_unanswered(world),
    ]


def _missing(world: World) -> Iterator[str]:
    """P1 and P2: what a person was told is saved, central holds, as it was written."""
    held = _tokens(world)
    for place, token in world.ledger.saved.items():
        if held.get(place) != token:
            yield f"lost: {token} was saved at {_name(place)} and central does not hold it there"


def _doubled(world: World) -> Iterator[str]:
    """P2: one act of a person is one record at central, whatever was sent twice."""
    for token, count in Counter(_tokens(world).values()).items():
        if count > 1:
            yield f"doubled: central holds {token} {count} times"


def _in_pieces(world: World) -> Iterator[str]:
    """P2: a file that was saved is whole at central, unless its disk was put back from a copy."""
    chunks: dict[bytes, dict[int, bytes]] = {}
    for _, stored in world.central.log.items():
        body = {} if stored.item.entry is None else entries.decode(stored.item.entry).body
        if "file" in body:
            chunks.setdefault(body["file"], {})[body["number"]] = body["data"]
    for place, content in world.ledger.files.items():
        found = chunks.get(hashlib.sha256(content).digest(), {})
        whole = b"".join(found[number] for number in sorted(found)) == content
        if not whole and place[0] not in world.ledger.copied:
            yield f"in pieces: a file of {len(content)} bytes, saved at {_name(place)}"


def _out_of_order(world: World) -> Iterator[str]:
    """P2: each lane arrives in the order in which it was written, over all starts of a node."""
    reached: dict[tuple[str, Stream], int] = {}
    for place, _ in world.central.log.items():
        node_id, stream, seq = place
        before, after = reached.get((node_id, stream), 0), _base(world, place)
        reached[node_id, stream] = seq
        if _conceded(world, node_id):
            continue  # holes are told to operations, and order around them is unknown
        if seq != before + 1:
            yield f"out of order: {_name(place)} came after {before}"
        if after and reached.get((node_id, after[0]), 0) < after[1].seq:
            yield f"out of order: {_name(place)} came before its past"


def _unconfirmed(world: World) -> Iterator[str]:
    """P5: with a good link for long enough, the node knows that central holds everything."""
    for line in world.lines:
        waiting = sum(depth.waiting for depth in line.node.store.depths().values())
        if waiting:
            yield f"stuck: {line.node.node_id} still waits for {waiting} acks"
        for trouble in line.node.pump.link.troubles - {Trouble.CENTRAL_LOST}:
            yield f"stuck: {line.node.node_id} was told {trouble.value}"


def _readable(world: World) -> Iterator[str]:
    """P4: the broker reads nothing."""
    if world.leaked:
        yield f"readable: the broker saw {world.leaked} records"


def _not_replayable(world: World) -> Iterator[str]:
    """What central shows is what a replay of the messages it kept gives."""
    replayed = world.central.replayed()
    for node_id, node in world.central.log.nodes.items():
        again = replayed.nodes.get(node_id, NodeLog())
        if (again.records, again.book.held) != (node.records, node.book.held):
            yield f"projection: a replay of what {node_id} sent gives another log"


def _history(world: World) -> Iterator[str]:
    """P4: a disk put back from an image, or cloned, is noticed, and nothing else is called so."""
    for node_id, node in world.central.log.nodes.items():
        codes = {finding.code for finding in node.findings}
        branched = codes & {FindingCode.FORK, FindingCode.CLONE}
        if FindingCode.CONFLICT in codes:
            yield f"history: central holds other records under the names of {node_id}"
        if not branched and not _is_line(node.book):
            yield f"history: nobody was told that the history of {node_id} has branched"
        if branched and node_id not in world.ledger.copied:
            yield f"history: {node_id} was called a copy and never was one"


def _outdated(world: World) -> Iterator[str]:
    """What central published last is in force on every node, byte for byte."""
    editions = world.central.library.editions
    for line in world.lines:
        if editions and line.node.books.content != editions[-1]:
            yield f"outdated: {line.node.node_id} has edition {line.node.books.edition}"


def _unanswered(world: World) -> Iterator[str]:
    """P2, downwards: each letter is in its node's inbox, once, in order, and can be read there."""
    for line in world.lines:
        node_id, found = line.node.node_id, line.node.inbox.places()
        reached: dict[Stream, int] = {}
        for stream, seq in found:
            # A disk that was put back does not get its commands again, only what follows them.
            skips = node_id in world.ledger.copied and stream.lane is Lane.URGENT
            before = reached.get(stream, 0)
            if seq <= before or (seq != before + 1 and not skips):
                yield f"letters: {node_id} has {seq} after {before}"
            reached[stream] = seq
        if node_id in world.ledger.copied:
            continue
        for letter in world.central.post.letters:
            if letter.node_id == node_id and (letter.stream, letter.seq) not in found:
                yield f"letters: {node_id} lacks the {letter.seq}th of {letter.lane.name.lower()}"


def _is_line(book: Book) -> bool:
    """Whether every epoch that wrote continues the end of what was written before it."""
    taken: set[Stream] = set()
    for link in book.links.values():
        for stream, mark in link.follows:
            if not book.mark(Stream(link.epoch, stream.lane)).seq:
                continue
            if stream in taken or book.mark(stream).seq > mark.seq:
                return False
            taken.add(stream)
    return True


def _tokens(world: World) -> dict[Place, str]:
    return {
        place: str(body["token"])
        for place, stored in world.central.log.items()
        if stored.item.entry is not None
        and "token" in (body := entries.decode(stored.item.entry).body)
    }


def _base(world: World, place: Place) -> tuple[Stream, Mark] | None:
    node_id, stream, _ = place
    return world.central.log.book(node_id).links[stream.epoch].base(stream.lane)


def _conceded(world: World, node_id: str) -> bool:
    findings = world.central.log.nodes[node_id].findings
    return any(finding.code is FindingCode.HOLE for finding in findings)


def _name(place: Place) -> str:
    node_id, stream, seq = place
    return f"{node_id}/{stream.epoch.hex()[:6]}/{stream.lane.name.lower()}/{seq}"
