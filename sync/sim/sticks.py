"""USB sticks in the simulator: brought late, twice, out of order, or never."""

from collections import deque
from collections.abc import Iterable

from sync.sim.machines import Node

STICKS_MAX = 8  # of either direction; the oldest are lost


class Sticks:
    """What couriers carry: whole files of signed messages, for a torn one is not taken at all."""

    def __init__(self) -> None:
        self._up: deque[list[tuple[str, bytes]]] = deque(maxlen=STICKS_MAX)
        self._down: deque[tuple[str, bytes]] = deque(maxlen=STICKS_MAX)

    def load(self, node: Node) -> None:
        self._up.append([(node.node_id, data) for data in node.luggage()])

    def brought(self, which: int) -> list[tuple[str, bytes]]:
        """What is on one of the sticks: (node id, signed message). It stays on it."""
        return self._up[which % len(self._up)] if self._up else []

    def keep_answers(self, answers: Iterable[tuple[str, bytes]]) -> None:
        self._down.extend(answers)

    def answers(self, node_id: str, which: int) -> list[bytes]:
        """Central's words for a node, as one of the sticks has them."""
        own = [data for owner, data in self._down if owner == node_id]
        return own[which % len(own) :] if own else []
