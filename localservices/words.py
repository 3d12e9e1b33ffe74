"""What central said to this node, in plain values; only while its staff may read."""

from collections.abc import Iterator
from dataclasses import dataclass

from sync.store.inbox import Inbox, Letter
from sync.wire import records
from sync.wire.errors import KindError
from sync.wire.kinds.answers import MessageSent, RecordDecided

LOOKED_THROUGH_MAX = 1000  # the newest


@dataclass(frozen=True, slots=True)
class Word:
    """A decision or a message. ``outcome`` is None for a message; ``text`` may be empty."""

    came_ms: int
    text: str
    said_by: str
    about: str | None
    outcome: str | None = None


def newest(inbox: Inbox) -> list[Word]:
    """The newest first."""
    return list(_read(inbox.newest(LOOKED_THROUGH_MAX)))


def about(inbox: Inbox, public_id: str) -> list[Word]:
    """What was said of one record, the newest first."""
    return [word for word in newest(inbox) if word.about == public_id]


def _read(letters: list[Letter]) -> Iterator[Word]:
    for letter in letters:
        try:
            record = records.from_body(letter.entry.kind, letter.entry.body)
        except KindError:
            continue  # of another release
        match record:
            case RecordDecided(about, outcome, text, by):
                yield Word(letter.came_ms, text, by, about, outcome)
            case MessageSent(text, by, about):
                yield Word(letter.came_ms, text, by, about)
            case _:
                continue
