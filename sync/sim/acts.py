"""What each act of a script does to a world."""

import random
from collections.abc import Callable
from functools import partial

from sync.sim.crashes import Killed
from sync.sim.line import Line
from sync.sim.records import token
from sync.sim.script import Act, Do
from sync.sim.ways import COSTS
from sync.sim.world import REDIAL_MS, World
from sync.wire import entries
from sync.wire.entries import Entry, Stamp
from sync.wire.lanes import Lane

BROKER_WAY = "mqtt"

Deed = Callable[[World, Line, int], None]


def perform(world: World, act: Act) -> None:
    line = world.lines[act.node % len(world.lines)]
    _DEEDS[act.do](world, line, act.amount)
    world.tick(line)
    world.look_for_early_words()


def _write(world: World, line: Line, lane: int) -> None:
    world.write(line, lane)


def _attach(world: World, line: Line, size: int) -> None:
    world.attach(line, size)


def _wait(world: World, _line: Line, duration_ms: int) -> None:
    world.run(duration_ms)


def _cut(world: World, line: Line, _amount: int) -> None:
    world.cut(line)


def _mend(world: World, line: Line, _amount: int) -> None:
    world.mend(line)


def _cut_one(world: World, line: Line, which: int) -> None:
    world.cut(line, [_road(which)])


def _mend_one(world: World, line: Line, which: int) -> None:
    world.mend(line, [_road(which)])


def _silence(_world: World, line: Line, which: int) -> None:
    line.ways[_road(which)].is_silent = True


def _end_silence(_world: World, line: Line, which: int) -> None:
    line.ways[_road(which)].is_silent = False


def _road(which: int) -> str:
    return list(COSTS)[which % len(COSTS)]


def _restart(world: World, line: Line, _amount: int) -> None:
    world.revive(line)


def _crash(_world: World, line: Line, steps: int) -> None:
    line.node.fuse.left = steps


def _crash_central(world: World, _line: Line, steps: int) -> None:
    world.central.fuse.left = steps


def _wipe_broker(world: World, _line: Line, _amount: int) -> None:
    for line in world.lines:
        if line.ways[BROKER_WAY].up:
            world.cut(line, [BROKER_WAY])
            world.later(REDIAL_MS, partial(world.mend, line, [BROKER_WAY]))


def _back_up(world: World, _line: Line, _amount: int) -> None:
    world.central.back_up()


def _restore_central(world: World, _line: Line, _amount: int) -> None:
    world.central.restore()
    world.ledger.central_lost_disk(world.central.log.holds, world.on_a_disk)
    world.central_asks()


def _take_image(_world: World, line: Line, _amount: int) -> None:
    line.image = line.node.image()


def _put_image(world: World, line: Line, _amount: int) -> None:
    if line.image is None:
        return
    node = line.node
    node.put_image(line.image)
    world.ledger.copied.add(node.node_id)
    world.ledger.node_lost_disk(node.node_id, world.central.log.holds, world.on_a_disk)
    world.connect(line)


def _clone(world: World, line: Line, _amount: int) -> None:
    if len(world.lines) < 2 * len(world.keys.nodes):
        world.ledger.copied.add(line.node.node_id)
        world.add(line.node.node_id, line.node.image())


def _lose_acks(world: World, _line: Line, duration_ms: int) -> None:
    world.mute_until_ms = world.now_ms + duration_ms


def _turn_clock(_world: World, line: Line, by_ms: int) -> None:
    line.node.clock_off_ms = by_ms


def _purge(world: World, line: Line, age_ms: int) -> None:
    try:
        line.node.store.purge(line.node.wall(world.now_ms) - age_ms)
    except Killed:
        world.revive(line)


def _report_health(world: World, line: Line, _amount: int) -> None:
    try:
        line.node.report_health(world.now_ms)
    except Killed:
        world.revive(line)


def _set_weather(world: World, _line: Line, per_mille: int) -> None:
    world.broker.fault = per_mille / 1000


def _publish(world: World, _line: Line, size: int) -> None:
    number = len(world.central.library.editions)
    content = random.Random(f"edition {number}").randbytes(size)  # noqa: S311  a list of keys, say
    world.central.library.publish(content)


def _write_letter(world: World, line: Line, lane: int) -> None:
    number = len(world.central.post.letters)
    entry = entries.encode(Entry("sim.letter", Stamp(0), {"token": token(number)}))
    world.central.post.write(line.node.node_id, Lane(lane), entry)
    world.look_for_mail()


def _load_stick(world: World, line: Line, _amount: int) -> None:
    world.sticks.load(line.node)


def _unload_stick(world: World, _line: Line, which: int) -> None:
    """A courier reaches central, perhaps again with what it brought before."""
    for node_id, data in world.sticks.brought(which):
        world.sticks.keep_answers(world.take_at_central(node_id, data))


def _bring_answers(world: World, line: Line, which: int) -> None:
    """A courier comes back, perhaps with an old stick, perhaps to a node that it is not for."""
    for data in world.sticks.answers(line.node.node_id, which):
        world.deliver(line, data)


def _hand_over(world: World, line: Line, which: int) -> None:
    world.hand_over(line, world.lines[which % len(world.lines)])


_DEEDS: dict[Do, Deed] = {
    Do.WRITE: _write,
    Do.ATTACH: _attach,
    Do.WAIT: _wait,
    Do.CUT: _cut,
    Do.MEND: _mend,
    Do.CUT_ROAD: _cut_one,
    Do.MEND_ROAD: _mend_one,
    Do.SILENCE: _silence,
    Do.SPEAK: _end_silence,
    Do.RESTART: _restart,
    Do.CRASH: _crash,
    Do.CENTRAL_CRASH: _crash_central,
    Do.BROKER_WIPE: _wipe_broker,
    Do.BACKUP: _back_up,
    Do.CENTRAL_RESTORE: _restore_central,
    Do.IMAGE: _take_image,
    Do.REIMAGE: _put_image,
    Do.CLONE: _clone,
    Do.ACKS_LOST: _lose_acks,
    Do.CLOCK: _turn_clock,
    Do.PURGE: _purge,
    Do.HEALTH: _report_health,
    Do.WEATHER: _set_weather,
    Do.PUBLISH: _publish,
    Do.LETTER: _write_letter,
    Do.STICK: _load_stick,
    Do.STICK_AT_CENTRAL: _unload_stick,
    Do.STICK_BACK: _bring_answers,
    Do.HAND_OVER: _hand_over,
}
