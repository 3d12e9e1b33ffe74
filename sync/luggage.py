"""What a courier takes along: all that a store still has to tell central, as it lies."""

from collections.abc import Callable, Iterator

from sync.packing import Dictionaries, Packer
from sync.store.store import Store
from sync.store.streams import Track
from sync.wire.limits import BATCH_BYTES_MAX
from sync.wire.messages import NONCE_BYTES, Ack, EpochLink, Form, Hello, Message


def of(
    store: Store,
    chance: Callable[[int], bytes],
    *,
    everything: bool,
    present: EpochLink | None = None,
    ack: Ack | None = None,
) -> Iterator[Message]:
    """Links, and batches between two hellos; ``everything``: also what central has confirmed.

    The first hello is there for a central that lost what it had declared safe; the last, so that
    one answer covers all. ``present`` is the start that runs now, to which central seals its own
    words; ``ack`` says what came of them.
    """
    tracks = [track for track in store.tracks() if track.newest > after(track, everything)]
    epochs = list(dict.fromkeys(track.stream.epoch for track in tracks))
    links = [link for epoch in epochs if (link := store.link_of(epoch)) is not None]
    if present is not None and present not in links:
        links.append(present)
    newest = links[-1].epoch if links else store.epoch
    yield from links
    if ack is not None:
        yield ack
    yield Hello(store.node_id, chance(NONCE_BYTES), newest, store.holdings())
    packer = Packer(store, Dictionaries())
    for track in sorted(tracks, key=lambda one: one.stream.lane):  # stable: older epochs first
        done = after(track, everything)
        while batch := packer.next_batch(track.stream, done, Form.SEALED, BATCH_BYTES_MAX):
            yield batch
            done = batch.last
    yield Hello(store.node_id, chance(NONCE_BYTES), newest, store.holdings())


def after(track: Track, everything: bool) -> int:
    """The record behind which a stream's luggage begins."""
    return track.floor if everything else max(track.held, track.floor)
