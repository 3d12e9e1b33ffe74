"""Central's end of a courier's run: every node's files are taken in, and answers are left.

It opens the log itself, beside a central that runs or without one: each group is one transaction
that holds the write lock from its start, so two writers wait for each other and no more.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from central.assembly import Core
from central.errors import LogRefusedError
from central.outgoing import Outgoing
from sync.core.receiver import Book
from sync.transport import courier, loading
from sync.transport.courier import CourierFileError
from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.courier import Label, Way
from sync.wire.messages import Ack, Message
from sync.wire.sign import payload_of


@dataclass(slots=True)
class Visit:
    """What one node's files brought. ``lacks``: something before them is missing here."""

    files: int = 0
    messages: int = 0
    before: int = 0
    held: int = 0
    refused: int = 0
    lacks: bool = False
    answers: list[bytes] = field(default_factory=list)

    @property
    def fresh(self) -> int:
        """Records that central did not have before."""
        return self.held - self.before


@dataclass(frozen=True, slots=True)
class Report:
    """By node, and a sentence for each file that was not taken."""

    visits: dict[str, Visit]
    problems: tuple[str, ...]


def size(folder: Path) -> int:
    """Bytes to be read. Raises StickError."""
    return sum(path.lstat().st_size for path in courier.files(folder, Way.UP))


def serve(
    core: Core,
    folder: Path,
    now_ms: int,
    on_bytes: Callable[[int], object] = lambda _: None,
) -> Report:
    """Take in what lies in ``folder``, then leave acks and mail for each of its nodes.

    Raises:
        StickError: the stick cannot be read or takes no answers; what was taken in stays.
        LogError: the log does not answer; what was taken in until then stays.
    """
    visits: dict[str, Visit] = {}
    problems: list[str] = []
    outgoing = Outgoing(core, now_ms)
    for path in courier.files(folder, Way.UP):
        try:
            label = courier.check(path)
            if label.node_id not in core.fleet.nodes:
                problems.append(
                    f"{path.name} is of {label.node_id}, which is not on the fleet list: enrol"
                    " it, then repeat."
                )
            elif label.way is Way.UP:
                visit = visits.setdefault(label.node_id, _visit(core, label.node_id))
                _take(core, path, label, visit, now_ms)
                outgoing.settle()
        except CourierFileError as error:
            problems.append(str(error))
        on_bytes(path.lstat().st_size)
    for node_id, visit in visits.items():
        visit.held = _held(core.log.book(node_id))
        letters = [*visit.answers, *outgoing.mail(node_id)]
        for other in sorted(outgoing.carried_by(node_id) - {node_id}):
            letters += [_carried(core, node_id, other, data) for data in outgoing.mail(other)]
        loading.write(folder, Label(Way.DOWN, node_id, now_ms), letters, lambda _: None)
    core.believed.save()
    return Report(visits, tuple(problems))


def _take(core: Core, path: Path, label: Label, visit: Visit, now_ms: int) -> None:
    visit.files += 1
    for bag in courier.messages(path):
        visit.messages += len(bag)
        for data in _answers(core, [(label.node_id, one) for one in bag], visit, now_ms):
            visit.answers.append(data)
            if isinstance(answer := _read(data), Ack):
                visit.lacks = answer.wants_hello
                visit.refused += len(answer.refused)


def _answers(core: Core, group: list[tuple[str, bytes]], visit: Visit, now_ms: int) -> list[bytes]:
    """As ingest does: a message that the database refuses takes no other with it.

    Answers to nodes that a relay carried go home as they came.
    """
    bearer = group[0][0]
    try:
        found = core.intake.take(group, now_ms)
    except LogRefusedError:
        if len(group) == 1:
            visit.refused += 1
            return []
        return [answer for one in group for answer in _answers(core, [one], visit, now_ms)]
    return [
        answer if node_id == bearer else _carried(core, bearer, node_id, answer)
        for node_id, answer in found
    ]


def _carried(core: Core, relay_id: str, node_id: str, answer: bytes) -> bytes:
    return core.intake.seal_ack(Carried(relay_id, (Parcel(node_id, answer),)))


def _visit(core: Core, node_id: str) -> Visit:
    return Visit(before=_held(core.log.book(node_id)))


def _held(book: Book) -> int:
    return sum(mark.seq for mark in book.held.values())


def _read(answer: bytes) -> Message:
    return messages.decode(payload_of(answer))
