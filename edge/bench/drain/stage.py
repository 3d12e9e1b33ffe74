"""Both ends of a drain as real processes, each in its own namespace, with real keys and TLS."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from edge.bench.drain import people
from edge.bench.drain.emulator import HUB_ADDRESS, Emulator
from edge.bench.drain.node import Drained
from edge.bench.drain.processes import Process, StageError, running
from sync.wire.lanes import Lane

NODE_ID = "bench-1"
START_TIMEOUT_S = 60.0
_WRITTEN_A_SECOND = 100  # at the least, before the drain begins
_PASSPHRASE = "a bench keeps no secrets"  # noqa: S105  its authority lives for minutes


@dataclass(frozen=True, slots=True)
class AtCentral:
    """What central's log holds in the end."""

    people: int
    doubled: int  # records that are there more than once
    alarm_at_ms: int  # Unix time at which the urgent record was there
    busy_ms: int  # processor time of central since its start, its broker aside


class Stage:
    """Make it in an empty folder; ``drain`` once."""

    def __init__(self, folder: Path, emulator: Emulator, now_ms: Callable[[], int]) -> None:
        self._folder = folder
        self._emulator = emulator
        self._now_ms = now_ms

    def drain(self, count: int, timeout_s: float) -> tuple[Drained, AtCentral]:
        """Write ``count`` households at the node, and see them to central. Raises StageError."""
        self.make_keys()
        self._give_dictionary()
        with self._central() as central:
            drained = self._run_node(central, count, timeout_s)
            busy = psutil.Process(central.pid).cpu_times()
        return drained, self._look(count, int(1000 * (busy.user + busy.system)))

    def make_keys(self) -> None:
        """An authority that nobody keeps, central's keys and the node's. Raises StageError."""
        secret = self._folder / "passphrase"
        secret.write_text(_PASSPHRASE, "utf-8")
        keys, authority = self._folder / "keys", self._folder / "authority"
        by = ("--passphrase-file", str(secret))
        self._provision("authority", "--dir", str(authority), *by)
        signed = ("--authority", str(authority), *by)
        central = str(keys / "central")
        self._provision("central", *signed, "--to", central, "--host", HUB_ADDRESS)
        node = str(keys / "node")
        self._provision("enrol", NODE_ID, *signed, "--central", central, "--to", node)

    def _give_dictionary(self) -> None:
        """To both, where each of them looks for it."""
        trained = people.dictionary()
        folder = self._folder / "central" / "dictionaries"
        folder.mkdir(parents=True, mode=0o700)
        (folder / f"{trained.name.hex()}.dictionary").write_bytes(trained.encoded)
        self._dictionary.write_bytes(trained.encoded)

    @property
    def _dictionary(self) -> Path:
        return self._folder / "trained.dictionary"

    def _provision(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603  our own command line
            [*_NEZLAM, "provision", *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StageError(f"No keys could be made: {done.stderr.strip()[-200:]}")

    def _central(self) -> AbstractContextManager[Process]:
        settings = (
            'data = "central"\nkeys = "keys/central"\n'
            f'[broker]\nhost = "{HUB_ADDRESS}"\nport = 0\n[ops]\nport = 0\n'
        )
        (self._folder / "central.toml").write_text(settings, "utf-8")
        command = (*_NEZLAM, "central", "run", "--config", str(self._folder / "central.toml"))
        hub = self._emulator.command(self._emulator.hub, *command)
        return running("central", hub, self._folder, self._now_ms)

    def _run_node(self, central: Process, count: int, timeout_s: float) -> Drained:
        ready = self._folder / "central" / "ready.json"
        central.until(ready.exists, START_TIMEOUT_S)
        port = json.loads(ready.read_text("utf-8"))["broker_port"]
        settings = (
            f'node = "{NODE_ID}"\ndata = "node"\nkeys = "keys/node"\n'
            f'[broker]\nhost = "{HUB_ADDRESS}"\nport = {port}\n'
        )
        (self._folder / "node.toml").write_text(settings, "utf-8")
        with_dictionary = ("--dictionary", str(self._dictionary))
        command = (*_NODE, str(self._folder / "node.toml"), str(count), *with_dictionary)
        at_node = self._emulator.command(self._emulator.node, *command)
        with running("node", at_node, self._folder, self._now_ms) as node:
            node.until_it_said(1, START_TIMEOUT_S + count / _WRITTEN_A_SECOND)
            self._emulator.begin()
            node.go()
            told = node.until_it_said(2, timeout_s)
        return Drained(**json.loads(told))

    def _look(self, count: int, busy_ms: int) -> AtCentral:
        path = self._folder / "central" / "central.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            people, distinct = _one(
                db,
                "SELECT count(*), count(DISTINCT hex(epoch) || seq) FROM records WHERE lane = ?",
                Lane.PEOPLE,
            )
            [alarm_at_ms] = _one(
                db, "SELECT max(arrived_at_ms) FROM records WHERE lane = ?", Lane.URGENT
            )
        if people < count:
            raise StageError(f"Central holds {people} of {count} records though all were acked.")
        return AtCentral(people, people - distinct, alarm_at_ms, busy_ms)


def _one(db: sqlite3.Connection, sql: str, lane: Lane) -> tuple[Any, ...]:
    found: tuple[Any, ...] = db.execute(sql, (int(lane),)).fetchone()
    return found


_NEZLAM = (sys.executable, "-P", "-m", "edge")
_NODE = (sys.executable, "-P", "-m", "edge.bench.drain.node")
