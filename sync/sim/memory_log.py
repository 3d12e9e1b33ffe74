"""Central's log in memory, as strict as the one in SQL; a copy of it plays an older backup."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sync.core.receiver import Book, Finding
from sync.wire.batch import Item
from sync.wire.messages import EpochLink, Hello, Refused
from sync.wire.places import Mark, Stream

Place = tuple[str, Stream, int]  # node id, stream, seq


class RowError(Exception):
    """What SQL refuses by key or reference: a record twice, or one of an epoch without a link."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One record of the log."""

    item: Item
    cloned: bool  # kept, not projected


@dataclass(frozen=True, slots=True)
class Concession:
    """Central goes on after ``mark`` without the records before it."""

    stream: Stream
    mark: Mark


@dataclass(slots=True)
class NodeLog:
    """All that is kept of one node."""

    book: Book = field(default_factory=Book)
    records: dict[tuple[Stream, int], Stored] = field(default_factory=dict)  # as they arrived
    kept: list[bytes | Concession] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    refusals: Counter[Refused] = field(default_factory=Counter)
    health: tuple[bytes, int, bytes] | None = None  # epoch, seq, entry

    def copy(self) -> "NodeLog":
        book = self.book
        branchings = {epoch: replace(both) for epoch, both in book.branchings.items()}
        return NodeLog(
            Book(dict(book.links), dict(book.held), dict(book.backed_up), branchings),
            dict(self.records),
            list(self.kept),
            set(self.findings),
            Counter(self.refusals),
            self.health,
        )


class MemoryShelf:
    """The log within one group: it works on copies, which replace the nodes' logs at its end."""

    def __init__(self, nodes: dict[str, NodeLog], step: Callable[[], None]) -> None:
        self.touched: dict[str, NodeLog] = {}
        self._nodes = nodes
        self._step = step

    def book(self, node_id: str) -> Book:
        return self._node(node_id).book

    def hash_at(self, node_id: str, stream: Stream, seq: int) -> bytes | None:
        stored = self._node(node_id).records.get((stream, seq))
        return stored.item.hash if stored else None

    def keep(self, node_id: str, message: bytes) -> None:
        self._step()
        self._node(node_id).kept.append(message)

    def link(self, link: EpochLink) -> None:
        self._step()
        if link.epoch in self._node(link.node_id).book.links:
            raise RowError("an epoch twice")

    def append(self, node_id: str, stream: Stream, first: int, items: list[Item]) -> None:
        node = self._node(node_id)
        if stream.epoch not in node.book.links:
            raise RowError("a record of an epoch without a link")
        cloned = node.book.is_clone(stream.epoch)
        for seq, item in enumerate(items, start=first):
            self._step()
            if (stream, seq) in node.records:
                raise RowError("a record twice")
            node.records[stream, seq] = Stored(item, cloned)

    def concede(self, node_id: str, stream: Stream, mark: Mark) -> None:
        self._node(node_id).kept.append(Concession(stream, mark))

    def found(self, node_id: str, finding: Finding) -> None:
        self._node(node_id).findings.add(finding)

    def told(self, hello: Hello) -> None:
        """People look at it; nothing follows from it."""

    def refused(self, node_id: str, why: Refused, message: bytes) -> None:  # noqa: ARG002
        self._node(node_id).refusals[why] += 1

    def health(self, node_id: str, epoch: bytes, seq: int, entry: bytes) -> None:
        node = self._node(node_id)
        if node.health is None or node.health[0] != epoch or node.health[1] < seq:
            node.health = (epoch, seq, entry)

    def _node(self, node_id: str) -> NodeLog:
        if node_id not in self.touched:
            found = self._nodes.get(node_id)
            self.touched[node_id] = found.copy() if found else NodeLog()
        return self.touched[node_id]


class MemoryLog:
    """A ``sync.core.intake.Log``. ``step`` is called wherever the process may die."""

    def __init__(
        self,
        nodes: dict[str, NodeLog] | None = None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        self.nodes = nodes if nodes is not None else {}
        self._step = step

    @contextmanager
    def group(self, now_ms: int) -> Iterator[MemoryShelf]:  # noqa: ARG002  no row has a time here
        shelf = MemoryShelf(self.nodes, self._step)
        yield shelf
        self._step()
        self.nodes.update(shelf.touched)

    def book(self, node_id: str) -> Book:
        return self.nodes[node_id].book if node_id in self.nodes else Book()

    def copied(self) -> dict[str, NodeLog]:
        return {node_id: node.copy() for node_id, node in self.nodes.items()}

    def mark_backed_up(self) -> None:
        """All that is held has left this machine."""
        for node in self.nodes.values():
            node.book.backed_up = {stream: mark.seq for stream, mark in node.book.held.items()}

    def items(self) -> Iterator[tuple[Place, Stored]]:
        """Every record with its place, each node's in the order in which they arrived."""
        for node_id, node in self.nodes.items():
            for (stream, seq), stored in node.records.items():
                yield (node_id, stream, seq), stored

    def holds(self, place: Place) -> bool:
        node_id, stream, seq = place
        return node_id in self.nodes and (stream, seq) in self.nodes[node_id].records
