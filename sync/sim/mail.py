"""Central's letters in the simulator: in memory, beside the log, and lost with it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sync.core.mailbox import Reach
from sync.wire.lanes import Lane
from sync.wire.places import Stream


@dataclass(frozen=True, slots=True)
class Letter:
    node_id: str
    lane: Lane
    entry: bytes
    stream: Stream | None = None  # None: not yet numbered
    seq: int = 0
    held: bool = False


@dataclass
class Post:
    """A ``sync.core.mailbox.Letters``. ``step`` is called wherever the process may die."""

    step: Callable[[], None]
    letters: list[Letter] = field(default_factory=list)
    epoch: bytes = b""  # of the present start

    def write(self, node_id: str, lane: Lane, entry: bytes) -> None:
        self.letters.append(Letter(node_id, lane, entry))

    def number(self) -> None:
        for n, letter in enumerate(self.letters):
            if letter.stream is None:
                stream = Stream(self.epoch, letter.lane)
                known = self.after(letter.node_id, stream, 0, len(self.letters))
                last = known[-1][0] if known else 0
                self.letters[n] = replace(letter, stream=stream, seq=last + 1)

    def reaches(self, node_id: str | None = None) -> list[Reach]:
        found: dict[tuple[str, Stream], list[int]] = {}
        for letter in self.letters:
            if letter.stream is not None and not letter.held and node_id in (None, letter.node_id):
                found.setdefault((letter.node_id, letter.stream), []).append(letter.seq)
        return [Reach(*name, max(seqs), min(seqs) - 1) for name, seqs in found.items()]

    def known(self, node_id: str) -> list[Reach]:
        found: dict[Stream, list[Letter]] = {}
        for letter in self.letters:
            if letter.stream is not None and letter.node_id == node_id:
                found.setdefault(letter.stream, []).append(letter)
        return [_known(stream, letters) for stream, letters in found.items()]

    def after(self, node_id: str, stream: Stream, seq: int, limit: int) -> list[tuple[int, bytes]]:
        rows = [
            (one.seq, one.entry)
            for one in self.letters
            if (one.node_id, one.stream) == (node_id, stream) and one.seq > seq
        ]
        return sorted(rows)[:limit]

    def confirm(self, node_id: str, stream: Stream, seq: int) -> None:
        self.step()
        for n, letter in enumerate(self.letters):
            if (letter.node_id, letter.stream) == (node_id, stream):
                self.letters[n] = replace(letter, held=letter.seq <= seq)


def _known(stream: Stream, letters: list[Letter]) -> Reach:
    newest = max(one.seq for one in letters)
    held = max((one.seq for one in letters if one.held), default=0)
    return Reach(
        letters[0].node_id, stream, newest, held, held if stream.lane is Lane.URGENT else 0
    )
