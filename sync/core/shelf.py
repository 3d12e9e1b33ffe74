"""What central's intake needs of a log: SQL in service, memory in the simulator."""

from contextlib import AbstractContextManager
from typing import Protocol

from sync.core.receiver import Book, Finding
from sync.wire.batch import Item
from sync.wire.messages import EpochLink, Hello, Refused
from sync.wire.places import Mark, Stream


class Shelf(Protocol):
    """Central's log within one transaction. Nothing of it lasts if the transaction fails."""

    def book(self, node_id: str) -> Book:
        """What is known of the node, the same object all through the transaction."""

    def hash_at(self, node_id: str, stream: Stream, seq: int) -> bytes | None:
        """The stored hash of a record; None if it is not held."""

    def keep(self, node_id: str, message: bytes) -> None:
        """Keep a signed message as it came: evidence, and what a backup is made of."""

    def link(self, link: EpochLink) -> None: ...

    def append(self, node_id: str, stream: Stream, first: int, items: list[Item]) -> None:
        """Add records to the log, in order, and move the stream's mark to the last of them.

        An item without an entry is poison: it is kept, shown to operations, and blocks nothing.
        Records of a cloned epoch (``Book.is_clone``) are kept and not projected.
        """

    def concede(self, node_id: str, stream: Stream, mark: Mark) -> None:
        """Move a stream's mark over records that nobody has any more."""

    def found(self, node_id: str, finding: Finding) -> None: ...

    def told(self, hello: Hello) -> None:
        """Note how far the node says it has written, in place of what it said before."""

    def refused(self, node_id: str, why: Refused, message: bytes) -> None:
        """Count a message that was not taken, and keep it for a person (bounded)."""

    def health(self, node_id: str, epoch: bytes, seq: int, entry: bytes) -> None:
        """Replace the node's health unless a newer one of the same epoch is there."""


class Log(Protocol):
    """Central's log: SQL in service, memory in the simulator; one contract binds both."""

    def group(self, now_ms: int) -> AbstractContextManager[Shelf]:
        """One transaction: committed and on disk when the block ends without an exception."""
