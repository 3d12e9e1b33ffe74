"""The segment keys in memory: the one of this start, and those that an unlocked desk opens."""

from collections.abc import Callable, Mapping

from sync.wire.errors import SealError
from sync.wire.messages import EpochLink, segment_info
from sync.wire.places import EPOCH_BYTES, Mark, Stream
from sync.wire.seal import SECRET_BYTES, OpeningKey, SealingKey, SegmentKey


class Segments:
    """Keys by epoch. On the disk they lie only sealed: to central, and to the desk."""

    def __init__(
        self, node_id: str, to_central: SealingKey, chance: Callable[[int], bytes]
    ) -> None:
        """``chance(n)`` gives n unguessable bytes."""
        self._node_id = node_id
        self._to_central = to_central
        self._epoch = chance(EPOCH_BYTES)
        self._keys = {self._epoch: SegmentKey(chance(SECRET_BYTES))}
        self.desk: SealingKey | None = None  # public half; None before the first account
        self._desk_opening: OpeningKey | None = None

    @property
    def current(self) -> SegmentKey:
        """The key under which this start seals."""
        return self._keys[self._epoch]

    def new_link(self, node_id: str, follows: tuple[tuple[Stream, Mark], ...]) -> EpochLink:
        info = segment_info(node_id, self._epoch)
        return EpochLink(
            node_id, self._epoch, follows, self._to_central.seal(self.current.secret, info)
        )

    def all(self) -> list[SegmentKey]:
        """Every key in memory."""
        return list(self._keys.values())

    def key_of(self, epoch: bytes) -> SegmentKey | None:
        return self._keys.get(epoch)

    def sealed_to_desk(self, epoch: bytes) -> bytes | None:
        """The key of an epoch for the desk; None without a desk or without the key."""
        key = self._keys.get(epoch)
        if self.desk is None or key is None:
            return None
        return self.desk.seal(key.secret, segment_info(self._node_id, epoch))

    def unlock(self, opening: OpeningKey) -> None:
        self._desk_opening = opening

    def learn(self, boxes: Mapping[bytes, bytes | None]) -> None:
        """Open what is sealed to the desk, as far as it is unlocked and not yet known."""
        for epoch, box in boxes.items():
            if box is None or epoch in self._keys or self._desk_opening is None:
                continue
            try:
                secret = self._desk_opening.open(box, segment_info(self._node_id, epoch))
            except SealError:
                continue  # sealed to an earlier desk: central still opens it
            self._keys[epoch] = SegmentKey(secret)

    def lock(self) -> None:
        """Forget every key but the current one: without it nothing could be written."""
        self._desk_opening = None
        self._keys = {self._epoch: self.current}
