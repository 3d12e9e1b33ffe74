"""What happens in one simulated stretch of bad weather: a list of acts drawn from a seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sync.wire.lanes import DURABLE

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
YEAR_MS = 365 * 24 * HOUR_MS


class Do(StrEnum):
    """Something that happens to the world. ``Act.amount`` means what is said here."""

    WRITE = "write"  # a member of staff saves a record in lane ``amount``
    ATTACH = "attach"  # a member of staff saves a file of ``amount`` bytes
    WAIT = "wait"  # ``amount`` milliseconds pass
    CUT = "cut"  # all roads of a node fall, with what is on them
    MEND = "mend"
    CUT_ROAD = "cut road"  # one of them, by ``amount``, falls
    MEND_ROAD = "mend road"
    SILENCE = "silence"  # one of them looks open, and nothing comes through
    SPEAK = "speak"  # that one carries again
    RESTART = "restart"  # a node's process is killed between two steps
    CRASH = "crash"  # a node's process is killed at its ``amount``-th step from now
    CENTRAL_CRASH = "central crash"  # the same for central
    BROKER_WIPE = "broker wipe"  # the broker forgets all that it carries; its roads fall
    BACKUP = "backup"  # what central holds leaves its machine
    CENTRAL_RESTORE = "central restore"  # central's disk is lost; the newest backup is put back
    IMAGE = "image"  # someone copies a node's disk
    REIMAGE = "reimage"  # a node's disk is replaced by its last image
    CLONE = "clone"  # a second machine is started from a node's disk
    ACKS_LOST = "acks lost"  # nothing comes down for ``amount`` milliseconds
    CLOCK = "clock"  # a node's wall clock jumps by ``amount`` milliseconds
    PURGE = "purge"  # a node drops what is backed up and older than ``amount`` milliseconds
    HEALTH = "health"  # a node reads its host and tells central
    PUBLISH = "publish"  # central puts a file of ``amount`` bytes into the catalogue
    LETTER = "letter"  # somebody at central writes to a node, in lane ``amount``
    STICK = "stick"  # a courier takes along what a node has for central
    STICK_AT_CENTRAL = "stick at central"  # one of the sticks, by ``amount``, is read there
    STICK_BACK = "stick back"  # answers, from the ``amount``-th on, are brought to a node
    HAND_OVER = "hand over"  # a node gives what central lacks to the ``amount``-th, a relay
    WEATHER = "weather"  # from now on ``amount`` per mille of messages meet each fault


@dataclass(frozen=True, slots=True)
class Act:
    do: Do
    node: int = 0
    amount: int = 0

    def __str__(self) -> str:
        return f"{self.do.value} node={self.node} amount={self.amount}"


_WEIGHTS = {
    Do.WRITE: 36,
    Do.ATTACH: 2,
    Do.WAIT: 24,
    Do.CUT: 6,
    Do.MEND: 8,
    Do.CUT_ROAD: 3,
    Do.MEND_ROAD: 3,
    Do.SILENCE: 2,
    Do.SPEAK: 2,
    Do.RESTART: 3,
    Do.CRASH: 5,
    Do.CENTRAL_CRASH: 4,
    Do.BROKER_WIPE: 1,
    Do.BACKUP: 3,
    Do.CENTRAL_RESTORE: 1,
    Do.IMAGE: 2,
    Do.REIMAGE: 2,
    Do.CLONE: 1,
    Do.ACKS_LOST: 1,
    Do.CLOCK: 1,
    Do.PURGE: 2,
    Do.HEALTH: 2,
    Do.WEATHER: 3,
    Do.PUBLISH: 1,
    Do.LETTER: 4,
    Do.STICK: 2,
    Do.STICK_AT_CENTRAL: 2,
    Do.STICK_BACK: 2,
    Do.HAND_OVER: 5,
}


def draw(seed: int, nodes: int, length: int) -> list[Act]:
    """The same seed gives the same acts, on every machine."""
    chance = random.Random(f"script {seed}")  # noqa: S311  weather, not secrets
    kinds = chance.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()), k=length)
    return [Act(do, chance.randrange(nodes), _AMOUNTS.get(do, _none)(chance)) for do in kinds]


def _none(_chance: random.Random) -> int:
    return 0


_AMOUNTS: dict[Do, Callable[[random.Random], int]] = {
    Do.WRITE: lambda chance: int(chance.choice(DURABLE)),
    Do.ATTACH: lambda chance: chance.randrange(1, 40_000),
    Do.WAIT: lambda chance: chance.choice(
        [100, 2_000, 30_000, 10 * MINUTE_MS, chance.randrange(HOUR_MS)]
    ),
    Do.CUT_ROAD: lambda chance: chance.randrange(2),
    Do.MEND_ROAD: lambda chance: chance.randrange(2),
    Do.SILENCE: lambda chance: chance.randrange(2),
    Do.SPEAK: lambda chance: chance.randrange(2),
    Do.CRASH: lambda chance: chance.randrange(1, 12),
    Do.CENTRAL_CRASH: lambda chance: chance.randrange(1, 12),
    Do.ACKS_LOST: lambda chance: chance.randrange(8 * HOUR_MS),
    Do.CLOCK: lambda chance: chance.randrange(-50 * YEAR_MS, 50 * YEAR_MS),
    Do.PURGE: lambda chance: chance.choice([0, HOUR_MS]),
    Do.WEATHER: lambda chance: chance.choice([0, 10, 50, 200]),
    Do.PUBLISH: lambda chance: chance.randrange(1, 30_000),
    Do.LETTER: lambda chance: int(chance.choice(DURABLE)),
    Do.STICK_AT_CENTRAL: lambda chance: chance.randrange(100),
    Do.STICK_BACK: lambda chance: chance.randrange(100),
    Do.HAND_OVER: lambda chance: chance.randrange(100),
}
