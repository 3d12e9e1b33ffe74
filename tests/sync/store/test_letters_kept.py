"""What central said can be read as long as it is here, whatever this node wrote or forgot."""

from pathlib import Path

from sync.store.inbox import Inbox
from sync.wire import entries
from sync.wire.entries import Entry, Stamp
from sync.wire.kinds.answers import MessageSent
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from sync.wire.records import to_body
from tests.sync.store.node import NAME, PASSPHRASE, Node

SAID = MessageSent("Хліб у п'ятницю", "central")


def a_node(folder: Path) -> tuple[Node, Inbox]:
    node = Node(folder)
    return node, Inbox(node.store, node.writer)


def comes(inbox: Inbox) -> None:
    stream = Stream(b"central1", Lane.WORK)
    entry = entries.encode(Entry(SAID.kind, Stamp(1_000), to_body(SAID)))
    inbox.keep(stream, inbox.mark(stream).seq + 1, [entry], set(), 1_000)


def test_a_letter_of_a_start_in_which_nothing_was_written_is_read_after_the_next(
    tmp_path: Path,
) -> None:
    node, inbox = a_node(tmp_path)
    node.accounts.create_first(NAME, PASSPHRASE)
    comes(inbox)
    node.off()
    node, inbox = a_node(tmp_path)
    assert inbox.newest(5) == [], "locked: nothing can be read"
    node.accounts.sign_in(NAME, PASSPHRASE)
    assert [one.entry.kind for one in inbox.newest(5)] == [SAID.kind]
    node.off()


def test_a_letter_outlives_the_records_of_its_start(tmp_path: Path) -> None:
    node, inbox = a_node(tmp_path)
    node.accounts.create_first(NAME, PASSPHRASE)
    node.write("Коваль")
    comes(inbox)
    node.hear()
    node.store.purge(10**15)
    node.off()
    node, inbox = a_node(tmp_path)
    node.accounts.sign_in(NAME, PASSPHRASE)
    assert len(inbox.newest(5)) == 1
    node.off()
