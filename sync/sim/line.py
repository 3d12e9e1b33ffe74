"""A machine with its roads to central; its process may die, the weather goes on."""

from dataclasses import dataclass, field

from sync.sim.machines import Node
from sync.sim.ways import COSTS, Choice, Way


@dataclass
class Line:
    """One machine and its roads to central."""

    node: Node
    choice: Choice
    ways: dict[str, Way] = field(default_factory=lambda: {name: Way() for name in COSTS})
    image: bytes | None = None

    @property
    def due_ms(self) -> int:
        return min(self.node.due_ms, self.choice.look_ms)
