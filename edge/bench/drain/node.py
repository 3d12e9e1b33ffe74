"""The node whose outbox is drained: a process of its own, put together as any node is.

Told on its command line its settings and how many households to write first. Says on its output
one JSON object when all is written, and after a line on its input drains, and says another.
"""

import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import click

from edge import assembly, clock
from edge import config as configs
from edge.assembly import Node
from edge.bench.drain import people
from sync import pump as pumps
from sync.wire.lanes import Lane

LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something urgent, written while all the rest is on its way."""

    kind: ClassVar[str] = "bench.alarm"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 1

    text: str


@dataclass(frozen=True, slots=True)
class Drained:
    """Milliseconds count from the moment at which the node began to dial."""

    up_ms: int
    held_ms: int  # the last ack was here
    alarm_at_ms: int  # Unix time at which the urgent record was saved
    records_sent: int
    payload_bytes: int
    busy_ms: int  # processor time of this process, both kinds


def drain(node: Node, count: int) -> Drained:
    """Open the road, and wait until central has confirmed all of ``count`` and an alarm."""
    stop, look = threading.Event(), threading.Event()
    clocks = (clock.monotonic_ms, clock.wall_ms)
    pump = threading.Thread(
        target=pumps.run, args=(node.pump, node.inbox, stop, lambda: (clocks[0](), clocks[1]()))
    )
    began_ms, began_busy_ms = clock.monotonic_ms(), _busy_ms()
    pump.start()
    node.road.start()
    up_ms = alarm_at_ms = held_ms = 0
    try:
        while not held_ms:
            look.wait(LOOK_EVERY_S)
            depths = node.kept.store.depths()
            if node.pump.link.up and not up_ms:
                up_ms = clock.monotonic_ms() - began_ms
            if not alarm_at_ms and depths[Lane.PEOPLE].held >= count // 3:
                node.kept.store.write(Alarm("shelling"))
                alarm_at_ms = clock.wall_ms()
            elif alarm_at_ms and not any(depth.waiting for depth in depths.values()):
                held_ms = clock.monotonic_ms() - began_ms
    finally:
        stop.set()
        node.inbox.put(None)
        node.road.stop()
        pump.join()
    handed = node.pump.handed
    busy_ms = _busy_ms() - began_busy_ms
    return Drained(up_ms, held_ms, alarm_at_ms, handed.records, handed.bytes, busy_ms)


def _busy_ms() -> int:
    spent = os.times()
    return int(1000 * (spent.user + spent.system))


@click.command()
@click.argument("config_file", type=click.Path(path_type=Path))
@click.argument("count", type=int)
@click.option("--dictionary", type=click.Path(path_type=Path), help="Pack batches with it.")
def main(config_file: Path, count: int, dictionary: Path | None) -> None:
    """Write COUNT households, wait for a line, drain."""
    node = assembly.build(configs.read(config_file))
    if dictionary is not None:
        node.pump.dictionaries.replace([dictionary.read_bytes()])
    try:
        for body in people.bodies(count):
            node.kept.store.write(people.as_record(body))
        click.echo(json.dumps({"written": count}))
        sys.stdin.readline()
        click.echo(json.dumps(asdict(drain(node, count))))
    finally:
        node.kept.store.close()
        node.claim.close()


if __name__ == "__main__":
    main()
