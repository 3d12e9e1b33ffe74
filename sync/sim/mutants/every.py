"""All deliberate bugs: each breaks one rule of the protocol, and the simulator must catch it.

A mutant is a context: within it the rule is broken for the whole process.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sync.sim.mutants import carried, central, node

MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    mutant.__name__.replace("_", "-"): mutant
    for room in (central, node, carried)
    for mutant in room.MUTANTS
}
