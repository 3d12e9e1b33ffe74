"""What people were told is saved, and what no protocol can bring back once two disks are lost."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.sim.memory_log import Place

Holds = Callable[[Place], bool]


@dataclass
class Ledger:
    """Places and tokens of what was answered "saved".

    Attributes:
        files: what was attached, by the place of the record that announces it.
        early: what was confirmed while central did not hold it, as sentences.
        copied: nodes whose disk was put back from an image or cloned.
    """

    saved: dict[Place, str] = field(default_factory=dict)
    files: dict[Place, bytes] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)
    copied: set[str] = field(default_factory=set)
    _at_central_only: set[Place] = field(default_factory=set)

    def node_lost_disk(self, node_id: str, central: Holds, disk: Holds) -> None:
        """An older image took the disk's place: forget what nobody holds any more."""
        for place in [place for place in self.saved if place[0] == node_id and not disk(place)]:
            if central(place):
                self._at_central_only.add(place)
            else:
                del self.saved[place]

    def central_lost_disk(self, central: Holds, disk: Holds) -> None:
        """A backup took the log's place: forget what it lacks and its node had lost before.

        What a node dropped by itself is not forgiven: it may only drop what a backup holds.
        """
        for place in list(self._at_central_only):
            if not central(place) and not disk(place):
                self._at_central_only.discard(place)
                self.saved.pop(place, None)
