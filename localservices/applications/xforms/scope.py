"""What an expression can reach while it is worked out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.nodes import Node

STEPS_MAX = 2_000_000  # of one expression: nodes looked at and operations done


@dataclass(frozen=True)
class Device:
    """What only the machine can say; handed in.

    ``now`` gives a moment with its zone, ``new_id`` a fresh UUID, ``share`` a random number in
    [0, 1); ``properties`` are those that forms ask for (deviceid, username, phonenumber, email).
    """

    now: Callable[[], datetime]
    new_id: Callable[[], str]
    share: Callable[[], float]
    properties: Mapping[str, str] = field(default_factory=dict)

    def zone(self) -> tzinfo:
        zone = self.now().tzinfo
        if zone is None:
            raise ValueError("the clock must say its zone")
        return zone


class Table:
    """A secondary instance: it never changes, so what is looked up in it is indexed.

    ``root`` stands above its own root element.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.by_text: dict[tuple[int, str, str], dict[str, list[Node]]] = {}
        self.by_number: dict[tuple[int, str, str], dict[float, list[Node]]] = {}


@dataclass
class World:
    """``texts`` gives the words of an itext id; ``label`` the label of a choice of a question."""

    root: Node
    device: Device
    tables: Mapping[str, Table] = field(default_factory=dict)
    texts: Callable[[str], str] = lambda name: name
    label: Callable[[str, Node], str] = lambda value, _question: value
    version: str = ""
    steps: int = 0

    def tick(self, count: int = 1) -> None:
        self.steps += count
        if self.steps > STEPS_MAX:
            raise EvaluationError("takes too much work")


@dataclass(frozen=True)
class Scope:
    """``node`` is ``.``, ``origin`` is ``current()``; position and size are those of a predicate.

    ``zone`` is the one in which a date has no zone of its own.
    """

    world: World
    node: Node
    origin: Node
    zone: tzinfo
    position: int | None = None
    size: int = 1

    def at(self, node: Node, position: int, size: int) -> "Scope":
        return replace(self, node=node, position=position, size=size)


def scope(world: World, node: Node) -> Scope:
    """For a whole expression at ``node``: its steps are counted anew."""
    world.steps = 0
    return Scope(world, node, node, world.device.zone())
