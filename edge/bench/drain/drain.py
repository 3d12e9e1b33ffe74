"""Drains a full outbox over an emulated sky, and says how near that came to what the sky allows."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.bench.drain import people
from edge.bench.drain.emulator import Emulator
from edge.bench.drain.processes import StageError
from edge.bench.drain.rivals import Arrived, Ground
from edge.bench.drain.skies import Sky
from edge.bench.drain.stage import Stage

RIVAL_S = 40.0  # of open link; what did not come by then is reckoned at the same pace
_SEED = 1
_TIMES_IDEAL = 12  # then it is called off
_LEAST_S = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way of bringing ``count`` records home over one sky.

    Attributes:
        arrived: how many came; fewer, and the rest is reckoned at the same pace.
        up_bytes, down_bytes: whole IP packets on the link.
        payload_bytes: what they carried upwards, without TLS and below.
    """

    sky: Sky
    way: str
    count: int
    arrived: int
    arrived_s: float
    up_bytes: int
    down_bytes: int
    payload_bytes: int

    @property
    def seconds(self) -> float:
        """For all of them."""
        return self.arrived_s * self.count / self.arrived

    @property
    def ideal_s(self) -> float:
        """The bytes that went up, at the sky's rate while it is open, for all of them."""
        return self.up_bytes / self.sky.bytes_a_s * self.count / self.arrived

    @property
    def bytes_a_record(self) -> float:
        """Both ways."""
        return (self.up_bytes + self.down_bytes) / self.arrived


@dataclass(frozen=True, slots=True)
class Ours:
    """What only our own way can tell."""

    outcome: Outcome
    up_s: float  # until the road was open
    sent_twice: int
    doubled: int
    urgent_ms: int  # from "saved" to central's log, in the middle of the drain
    node_busy_s: float  # processor time
    central_busy_s: float


def ours(sky: Sky, count: int, now_ms: Callable[[], int]) -> Ours:
    """Raises EmulatorError, StageError."""
    with _ground(sky, now_ms) as (folder, emulator):
        stage = Stage(folder, emulator, now_ms)
        drained, there = stage.drain(count, _LEAST_S + _TIMES_IDEAL * count * 120 / sky.bytes_a_s)
        up, down = emulator.up.wire_bytes, emulator.down.wire_bytes
    seconds = (drained.held_ms - drained.up_ms) / 1000
    outcome = Outcome(sky, "Nezlam", count, count, seconds, up, down, drained.payload_bytes)
    return Ours(
        outcome,
        up_s=drained.up_ms / 1000,
        sent_twice=drained.records_sent - count - 1,
        doubled=there.doubled,
        urgent_ms=there.alarm_at_ms - drained.alarm_at_ms,
        node_busy_s=drained.busy_ms / 1000,
        central_busy_s=there.busy_ms / 1000,
    )


def rival(
    sky: Sky,
    way: str,
    go: Callable[[Ground], Arrived],
    count: int,
    now_ms: Callable[[], int],
) -> Outcome:
    """Let another way bring as many as it can in a while. Raises AbsentError and as ``ours``."""
    with _ground(sky, now_ms) as (folder, emulator):
        file = folder / "records.jsonl"
        lines = [people.as_json(body) for body in people.bodies(count)]
        file.write_bytes(b"\n".join([*lines, b""]))
        limit_s = RIVAL_S / sky.open_share
        arrived = go(Ground(folder, file, count, emulator, now_ms, limit_s))
        up, down = emulator.up.wire_bytes, emulator.down.wire_bytes
    if not arrived.records:
        raise StageError(f"{way} brought nothing in {limit_s:.0f} s.")
    size = sum(map(len, lines[: arrived.records]))
    return Outcome(sky, way, count, arrived.records, arrived.ms / 1000, up, down, size)


@contextmanager
def _ground(sky: Sky, now_ms: Callable[[], int]) -> Iterator[tuple[Path, Emulator]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nezlam-drain-")))
        name = f"nz{os.getpid()}"
        yield folder, stack.enter_context(Emulator(sky, name, _SEED, now_ms))
