"""How far sending has come, gathered for the pages: the pump, the outbox, the roads, the meter."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge import clock
from edge.meter import Meter
from localservices.facts import Progress
from sync.pump import Pump
from sync.store import ledger
from sync.store.store import Store
from sync.transport.roads import Roads
from sync.wire.lanes import Lane

TELL_EVERY_S = 10
_LOOK_EVERY_MS = 2_000  # at the outbox: many open pages cost no more than one
_MB = 1024**2


class Gauge:
    """Any thread may ask."""

    def __init__(
        self, store: Store, pump: Pump, ways: Roads, meter: Meter, budget_mb: int | None
    ) -> None:
        self.meter = meter
        self._budget_mb = budget_mb
        self._store, self._pump, self._ways = store, pump, ways
        self._lock = threading.Lock()
        self._told = ""
        self._looked_ms = -_LOOK_EVERY_MS
        self._waiting: dict[Lane, int] = {}

    def facts(self) -> Progress:
        traffic, packer = self._pump.traffic, self._pump.packer
        left = {lane: packer.expected(lane, size) for lane, size in self._lying().items()}
        total, up = sum(left.values()), self._pump.link.up
        known = traffic.goodput is not None and traffic.goodput > 0 and up
        return Progress(
            {lane.name.lower(): count for lane, count in traffic.sent.items()},
            {lane.name.lower(): size for lane, size in left.items()},
            frozenset(lane.name.lower() for lane in traffic.differing),
            traffic.goodput if up else None,
            round(total / traffic.goodput) if known and traffic.goodput and total else None,
            sum(self.meter.today().values()),
            None if self._budget_mb is None else self._budget_mb * _MB,
        )

    def tell(self, path: Path) -> None:
        """Write it down for ``nezlam node status``, where it has changed."""
        facts = asdict(self.facts()) | {"road": self._ways.in_use}
        told = json.dumps(facts, default=sorted)
        if told == self._told:
            return
        draft = path.with_suffix(".draft")
        with suppress(OSError):  # on a full disk the command says less
            draft.write_text(told, "utf-8")
            draft.replace(path)
            self._told = told

    def _lying(self) -> dict[Lane, int]:
        with self._lock:
            now_ms = clock.monotonic_ms()
            if now_ms - self._looked_ms >= _LOOK_EVERY_MS:
                self._looked_ms = now_ms
                self._waiting = self._store.look(ledger.waiting_bytes)
            return self._waiting


def sentence(told: Mapping[str, Any]) -> str:
    """What ``Gauge.tell`` wrote, for a person at a terminal."""
    road = told.get("road") or "none"
    left = sum(dict(told.get("bytes_left") or {}).values())
    words = f"road: {road}; about {left / 1000:,.0f} kB left"
    if (goodput := told.get("goodput")) is not None:
        words += f" at {goodput / 1000:,.1f} kB/s"
    if (seconds := told.get("seconds_left")) is not None:
        words += f": {seconds // 60} min {seconds % 60} s"
    words += f"; today {told.get('today_bytes', 0) / 1_000_000:,.1f} MB"
    if (budget := told.get("budget_bytes")) is not None:
        words += f" of {budget / 1_000_000:,.0f} MB"
    return words
