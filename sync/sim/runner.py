"""One seed from its script to its verdict, and the shortest script that still breaks a promise."""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.sim.acts import perform
from sync.sim.machines import Keys
from sync.sim.promises import broken
from sync.sim.script import HOUR_MS, Act, draw
from sync.sim.world import World

ACTS = 80
CALM_MS = 10 * 60_000  # between two looks at the promises
CALM_MS_MAX = 2 * HOUR_MS  # of good weather, in which every promise must be kept
SHRINK_RUNS_MAX = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """``broken`` is empty when every promise was kept. ``acts``: the shortest found that breaks."""

    seed: int
    broken: tuple[str, ...]
    saved: int  # records that people were told are saved
    acts: tuple[Act, ...] = ()


def run_seed(seed: int, keys: Keys) -> Outcome:
    """Run a seed; where a promise breaks, look for a shorter way to break it."""
    acts = draw(seed, len(keys.nodes), ACTS)
    outcome = run_acts(seed, acts, keys)
    if not outcome.broken:
        return outcome
    return _shrunk(outcome, acts, keys)


def run_acts(seed: int, acts: Sequence[Act], keys: Keys) -> Outcome:
    """Play these acts in the weather of ``seed``, then wait for calm."""
    world = World(seed, keys)
    try:
        for act in acts:
            perform(world, act)
        found = _after_calm(world)
    except Exception as error:  # noqa: BLE001  a crash is a finding, with its seed
        found = [f"crashed: {type(error).__name__}: {error}"]
    return Outcome(seed, tuple(found), len(world.ledger.saved), tuple(acts))


def _after_calm(world: World) -> list[str]:
    world.calm()
    found: list[str] = []
    for _ in range(CALM_MS_MAX // CALM_MS):
        world.run(CALM_MS)
        found = broken(world)
        if not found:
            break
    return found


def _shrunk(failed: Outcome, acts: list[Act], keys: Keys) -> Outcome:
    """Drop ever smaller pieces while a promise still breaks (Zeller's delta debugging)."""
    size, runs = len(acts) // 2, 0
    while size and runs < SHRINK_RUNS_MAX:
        start, dropped = 0, False
        while start < len(acts) and runs < SHRINK_RUNS_MAX:
            fewer = acts[:start] + acts[start + size :]
            outcome = run_acts(failed.seed, fewer, keys)
            runs += 1
            if outcome.broken:
                acts, failed, dropped = fewer, outcome, True
            else:
                start += size
        if not dropped or size > len(acts):
            size //= 2
    return failed
