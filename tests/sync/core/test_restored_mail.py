"""A disk put back from an old image gets central's words again; commands are not repeated."""

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.sim.machines import Central, Node, new_keys
from sync.transport.port import Received, RoadUp
from sync.wire import entries, messages
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane
from sync.wire.messages import Batch, Hello, Message
from sync.wire.sign import payload_of

KEYS, NODE = new_keys(1), "node-0"
LANES = st.lists(st.sampled_from([Lane.URGENT, Lane.PEOPLE, Lane.WORK]), max_size=12)


class Pair:
    """A node and central whose road loses nothing."""

    def __init__(self) -> None:
        self.now_ms, self.said = 0, list[bytes]()
        self.words = Counter[type[Message]]()  # of central
        self.central = Central(KEYS)
        self.node = Node(NODE, KEYS, random.Random(5), self.said.append, lambda: None)
        self.start(None)

    def start(self, image: bytes | None) -> None:
        """A new process of the node, on this disk."""
        self.node.put_image(image)
        self.node.take(RoadUp(), self.now_ms)

    def write(self, lanes: list[Lane]) -> None:
        for lane in lanes:
            number = len(self.central.post.letters)
            entry = entries.encode(Entry("sim.letter", Stamp(0), {"number": number}))
            self.central.post.write(NODE, lane, entry)

    def talk(self) -> None:
        """Until both have been silent for a while."""
        for _ in range(30):
            self.now_ms += 1_000
            self.node.tick(self.now_ms)
            self._hear(self.central.look(self.now_ms))
            while self.said:
                self._hear(self.central.take(NODE, self.said.pop(0), self.now_ms))

    def _hear(self, words: list[tuple[str, bytes]]) -> None:
        for _, word in words:
            self.words[type(messages.decode(payload_of(word)))] += 1
            self.node.take(Received(word), self.now_ms)

    def had(self) -> Counter[Lane]:
        """How many letters of each lane are in the inbox."""
        return Counter(stream.lane for stream, _ in self.node.inbox.places())


@settings(max_examples=40, deadline=None)
@given(before=LANES, lost=LANES, after=LANES, anew=st.booleans())
def test_what_an_old_image_lacks_comes_again_but_commands_do_not(
    before: list[Lane], lost: list[Lane], after: list[Lane], *, anew: bool
) -> None:
    pair = Pair()
    pair.write(before)
    pair.talk()
    image = pair.node.image()
    pair.write(lost)
    pair.talk()
    assert pair.had() == Counter([*before, *lost])
    if anew:
        pair.central.start()
    pair.start(image)
    pair.talk()
    again = [lane for lane in lost if lane is not Lane.URGENT]
    assert pair.had() == Counter([*before, *again])
    pair.write(after)
    pair.talk()
    assert pair.had() == Counter([*before, *again, *after])
    assert all(letter.held for letter in pair.central.post.letters)
    places = pair.node.inbox.places()
    assert len(places) == len(set(places))


def test_a_new_start_that_lacks_nothing_is_sent_nothing_again() -> None:
    pair = Pair()
    pair.write([Lane.URGENT, Lane.PEOPLE, Lane.WORK, Lane.PEOPLE])
    pair.talk()
    pair.words.clear()
    pair.start(pair.node.image())
    pair.talk()
    assert pair.had().total() == 4
    assert pair.words[Hello], "it was asked what it has"
    assert not pair.words[Batch]
    assert pair.central.mailbox.deadline_ms is None
