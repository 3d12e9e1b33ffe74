"""The ways back to nodes whose words a relay brought: what central says goes that way, too."""

import threading
from collections.abc import Callable

from sync.wire.carried import Carried, Parcel

ROUTE_MS = 10 * 60_000  # a relay that is alive brings the node's next hello within that time
RELAYS_MAX = 3  # for one node, the latest; a relay that lies about its road pushes out none but one
NODES_MAX = 30_000

Send = Callable[[str, bytes], None]


class Routes:
    """``send`` goes straight to the node, and to its relays. Any thread may call."""

    def __init__(
        self, direct: Send, seal: Callable[[Carried], bytes], now_ms: Callable[[], int]
    ) -> None:
        """``seal`` signs as central; ``now_ms`` is monotonic."""
        self._direct, self._seal, self._now_ms = direct, seal, now_ms
        self._lock = threading.Lock()
        self._relays: dict[str, dict[str, int]] = {}  # until when, by node and relay

    def carried(self, relay_id: str, node_id: str) -> None:
        """The relay brought words that are truly the node's."""
        with self._lock:
            if node_id not in self._relays and len(self._relays) >= NODES_MAX:
                self._relays.clear()  # each is known again with its next word
            relays = self._relays.setdefault(node_id, {})
            relays.pop(relay_id, None)
            relays[relay_id] = self._now_ms() + ROUTE_MS
            if len(relays) > RELAYS_MAX:
                del relays[next(iter(relays))]

    def heard(self, node_id: str) -> None:
        """The node spoke by itself: it needs no relay."""
        with self._lock:
            self._relays.pop(node_id, None)

    def send(self, node_id: str, data: bytes) -> None:
        self._direct(node_id, data)
        for relay_id in self._open(node_id):
            self._direct(relay_id, self._seal(Carried(relay_id, (Parcel(node_id, data),))))

    def _open(self, node_id: str) -> list[str]:
        now_ms = self._now_ms()
        with self._lock:
            relays = self._relays.get(node_id, {})
            return [relay_id for relay_id, until_ms in relays.items() if until_ms > now_ms]
