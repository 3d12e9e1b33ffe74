"""Central's half of delivery: what a batch is to what is held, and when a history has branched.

A node's history is a tree of epochs: each start follows, lane by lane, the mark that the node
saw on its disk. A line means one disk with one past. A branch means that a disk was restored
from an older image (fork), or that two machines hold the same disk (clone: both branches grow).
Nothing is ever overwritten: both branches are kept, and people are told.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

from sync.wire.messages import Batch, EpochLink, Hello
from sync.wire.places import BEGINNING, NO_HASH, Mark, Stream


class Verdict(Enum):
    """What a batch is to what is held."""

    NEW = auto()  # continues what is held, at least with its last records
    DUPLICATE = auto()  # wholly held already
    GAP = auto()  # something before it is missing
    EPOCH_UNKNOWN = auto()  # the epoch's link has not come yet
    PARENT_FIRST = auto()  # the stream that it continues is not whole yet
    CONFLICT = auto()  # continues another history than the one held


class FindingCode(StrEnum):
    FORK = "fork"  # the node's disk was restored from an older image
    CLONE = "clone"  # two machines speak as this node
    CONFLICT = "conflict"  # other records under names that are held already
    HOLE = "hole"  # records that central declared safe and nobody has any more


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that operations must know of a node's history."""

    code: FindingCode
    epoch: bytes
    stream: Stream
    seq: int


@dataclass(slots=True)
class Branching:
    """Two continuations of one mark; which of them grew since that was seen."""

    old_grew: bool = False
    new_grew: bool = False


@dataclass(slots=True)
class Book:
    """What central knows of one node. Changed only by the functions of this module."""

    links: dict[bytes, EpochLink] = field(default_factory=dict)
    held: dict[Stream, Mark] = field(default_factory=dict)
    backed_up: dict[Stream, int] = field(default_factory=dict)
    branchings: dict[bytes, Branching] = field(default_factory=dict)  # by the younger epoch

    def mark(self, stream: Stream) -> Mark:
        return self.held.get(stream, BEGINNING)

    def is_clone(self, epoch: bytes) -> bool:
        """Whether ``epoch`` descends from a branching of which both sides grew."""
        return any(
            both.old_grew and both.new_grew and descends(self, epoch, younger)
            for younger, both in self.branchings.items()
        )


def judge(book: Book, batch: Batch) -> Verdict:
    link = book.links.get(batch.stream.epoch)
    if link is None:
        return Verdict.EPOCH_UNKNOWN
    held = book.mark(batch.stream)
    if batch.last <= held.seq:
        return Verdict.DUPLICATE
    if batch.first > held.seq + 1:
        return Verdict.GAP
    base = link.base(batch.stream.lane)
    if held.seq == 0 and base is not None and book.mark(base[0]).seq < base[1].seq:
        return Verdict.PARENT_FIRST
    if batch.first == held.seq + 1 and batch.previous != _expected(held, base):
        return Verdict.CONFLICT
    return Verdict.NEW


def admit(book: Book, link: EpochLink) -> list[Finding]:
    """Enter an epoch's link, once; a link that comes again changes nothing."""
    if link.epoch in book.links:
        return []
    book.links[link.epoch] = link
    return [finding for stream, _ in link.follows for finding in _branches(book, stream)]


def advance(book: Book, stream: Stream, mark: Mark) -> list[Finding]:
    """Hold ``stream`` up to ``mark``. Gives what that shows of the node's history."""
    assert mark.seq > book.mark(stream).seq
    book.held[stream] = mark
    findings = _growth(book, stream, mark)
    findings += _branches(book, stream)
    if mark.seq and (base := book.links[stream.epoch].base(stream.lane)):
        findings += _branches(book, base[0])
    return findings


def missing_forever(book: Book, hello: Hello, *, whole: bool) -> list[tuple[Stream, Mark]]:
    """Marks up to which a node no longer has what central does not hold.

    That happens only if central lost what it had declared backed up. ``whole``: the hello
    lists everything that the node holds, so what it does not list is gone.
    """
    gone = [(h.stream, h.floor) for h in hello.holdings if h.floor.seq > book.mark(h.stream).seq]
    listed = {holding.stream for holding in hello.holdings}
    lived = {stream.epoch for stream in listed} | {hello.epoch}
    for epoch in lived & book.links.keys() if whole else ():
        for stream, mark in book.links[epoch].follows:
            if stream not in listed and mark.seq > book.mark(stream).seq:
                gone.append((stream, mark))
    return gone


def concede(book: Book, stream: Stream, mark: Mark) -> list[Finding]:
    """Go on after ``mark`` without the records before it, and say so."""
    if mark.seq <= book.mark(stream).seq:
        return []
    book.held[stream] = mark
    return [Finding(FindingCode.HOLE, stream.epoch, stream, mark.seq)]


def descends(book: Book, epoch: bytes, ancestor: bytes) -> bool:
    seen: set[bytes] = set()
    ahead = [epoch]
    while ahead:
        here = ahead.pop()
        if here == ancestor:
            return True
        if here in book.links and here not in seen:
            seen.add(here)
            ahead += [stream.epoch for stream, _ in book.links[here].follows]
    return False


def _expected(held: Mark, base: tuple[Stream, Mark] | None) -> bytes:
    if held.seq:
        return held.head
    return base[1].head if base else NO_HASH


def _branches(book: Book, stream: Stream) -> list[Finding]:
    """Find the links that leave ``stream`` before its end, or beside another that does."""
    findings: list[Finding] = []
    children = [
        (link.epoch, mark)
        for link in book.links.values()
        for base, mark in link.follows
        if base == stream
    ]
    grown = [epoch for epoch, _ in children if book.mark(Stream(epoch, stream.lane)).seq]
    for epoch, mark in children:
        left_early = book.mark(stream).seq > mark.seq
        beside = epoch in grown[1:]
        if (left_early or beside) and epoch not in book.branchings:
            book.branchings[epoch] = Branching()
            findings.append(Finding(FindingCode.FORK, epoch, stream, mark.seq))
    return findings


def _growth(book: Book, stream: Stream, mark: Mark) -> list[Finding]:
    findings: list[Finding] = []
    for younger, branching in book.branchings.items():
        was_clone = branching.old_grew and branching.new_grew
        if descends(book, stream.epoch, younger):
            branching.new_grew = True
        elif not descends(book, younger, stream.epoch) or _beyond(book, younger, stream, mark):
            branching.old_grew = True
        if branching.old_grew and branching.new_grew and not was_clone:
            findings.append(Finding(FindingCode.CLONE, younger, stream, mark.seq))
    return findings


def _beyond(book: Book, younger: bytes, stream: Stream, mark: Mark) -> bool:
    """Whether ``mark`` is later than what ``younger`` saw of ``stream``."""
    seen = [end.seq for base, end in book.links[younger].follows if base == stream]
    return bool(seen) and mark.seq > seen[0]
