"""A new signing key: made, told to central by a record, and used once central holds that."""

import logging
from collections.abc import Callable

from edge.signing import Signing
from sync.pump import Pump
from sync.store.errors import StoreFullError
from sync.store.store import Receipt, Store
from sync.wire.kinds.keys import KeyRotated

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2


class Rotation:
    """Used on the pump's thread, but for ``is_underway``."""

    def __init__(self, signing: Signing, store: Store) -> None:
        self._signing, self._store = signing, store
        self._told: Receipt | None = None

    @property
    def is_underway(self) -> bool:
        """A next key waits for central; any thread may ask."""
        return self._signing.succession() is not None

    def look(self, post: Callable[[Callable[[Pump, int, int], None]], None]) -> Callable[[], None]:
        """A duty: ``post`` brings work to the pump's thread, if there is any."""

        def step_if_underway() -> None:
            if self.is_underway:
                post(self.step)

        return step_if_underway

    def begin(self) -> None:
        """Have a next key and tell central of it; done twice, it is the same key.

        Raises:
            OSError: the keys' folder takes nothing.
            StoreFullError: central is told when there is room.
        """
        self._signing.prepare()
        self._tell()

    def step(self, _pump: Pump, _now_ms: int, _wall_ms: int) -> None:
        """Use the next key as soon as central holds the record that names it."""
        try:
            told = self._told or self._tell()
            if told is not None and self._is_held(told):
                self._signing.switch()
                self._told = None
                log.info("this node signs with its new key")
        except StoreFullError:
            return
        except OSError as error:
            log.error("the new key waits: %s", error.strerror)  # noqa: TRY400  a sentence

    def _tell(self) -> Receipt | None:
        said = self._signing.succession()
        if said is None:
            return None
        self._told = self._store.write(KeyRotated(said), once=b"key " + said[-32:])
        return self._told

    def _is_held(self, told: Receipt) -> bool:
        tracks = {track.stream: track for track in self._store.tracks()}
        track = tracks.get(told.stream)
        return track is None or told.seq <= track.held  # a stream that is gone was held
