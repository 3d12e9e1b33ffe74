"""Where a public id stands: a page of a locked node finds its record without opening it."""

import re

from sync.store.store import Store
from sync.wire.lanes import Lane
from sync.wire.places import Stream

_PUBLIC_ID = re.compile(r"([A-Za-z0-9-]{1,48})-([0-9a-f]{6})-(\d)-(\d{1,15})", re.ASCII)


def is_public_id(text: str) -> bool:
    """Whether it looks like one; the record may be anybody's."""
    return _PUBLIC_ID.fullmatch(text) is not None


def place_of(store: Store, public_id: str, lane: Lane) -> tuple[Stream, int] | None:
    """None: not a record of this lane at this node."""
    parts = _PUBLIC_ID.fullmatch(public_id)
    if parts is None or parts[1] != store.node_id or int(parts[3]) != lane:
        return None
    for track in store.tracks():
        stream = track.stream
        if stream.lane is lane and stream.epoch.hex().startswith(parts[2]):
            return stream, int(parts[4])
    return None
