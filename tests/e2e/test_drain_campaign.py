"""Node, broker and central are killed at random while a full outbox drains over a bad link."""

import os
import signal
import sqlite3
import sys
import threading
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from random import Random

import psutil
import pytest

from edge import clock
from edge.bench.drain.emulator import HUB_ADDRESS, Emulator
from edge.bench.drain.processes import Process, running
from edge.bench.drain.skies import Sky
from edge.bench.drain.stage import NODE_ID, Stage
from sync.wire.lanes import Lane
from tests.daemons import require

KILLS = int(os.environ.get("NEZLAM_KILLS", "50"))
RECORDS = int(os.environ.get("NEZLAM_RECORDS", "10000"))
SEED = int(os.environ.get("NEZLAM_SEED", "1"))
PORT = 8883
START_S = 60.0
DRAIN_S = 1_800.0
VICTIMS = ("node", "central", "broker")
SKY = Sky("campaign", rate_kbit=512, way_ms=150, jitter_ms=10, loss=0.01)
NEZLAM = (sys.executable, "-P", "-m", "edge")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        os.geteuid() != 0 or not Path("/dev/net/tun").exists(),
        reason="network namespaces and TUN devices take root",
    ),
]


class Village:
    """Node and central at the two ends of the emulated link, each alive unless just killed."""

    def __init__(self, folder: Path, sky: Emulator) -> None:
        self._folder, self._sky = folder, sky
        self._wait = threading.Event()
        self._lives: dict[str, tuple[ExitStack, Process]] = {}
        Stage(folder, sky, clock.monotonic_ms).make_keys()
        (folder / "central.toml").write_text(
            'data = "central"\nkeys = "keys/central"\n'
            f'[broker]\nhost = "{HUB_ADDRESS}"\nport = {PORT}\n[ops]\nport = 0\n'
        )
        (folder / "node.toml").write_text(
            f'node = "{NODE_ID}"\ndata = "node"\nkeys = "keys/node"\n'
            f'[broker]\nhost = "{HUB_ADDRESS}"\nport = {PORT}\n[web]\nport = 0\n'
        )

    def fill(self, count: int) -> None:
        """Write the records, and kill the process that did."""
        command = (sys.executable, "-P", "-m", "edge.bench.drain.node", "node.toml", str(count))
        here = self._sky.command(self._sky.node, *command)
        with running("writer", here, self._folder, clock.monotonic_ms) as writer:
            writer.until_it_said(1, START_S + count / 100)
            os.kill(writer.pid, signal.SIGKILL)

    def start(self, name: str) -> None:
        where = self._sky.hub if name == "central" else self._sky.node
        command = self._sky.command(where, *NEZLAM, name, "run", "--config", f"{name}.toml")
        ready = self._folder / name / "ready.json"
        ready.unlink(missing_ok=True)
        stack = ExitStack()
        process = stack.enter_context(running(name, command, self._folder, clock.monotonic_ms))
        self._lives[name] = (stack, process)
        process.until(ready.exists, START_S)

    def kill(self, victim: str) -> None:
        """With -9; whoever is dead afterwards is started again."""
        name = "central" if victim == "broker" else victim
        stack, process = self._lives[name]
        children = psutil.Process(process.pid).children(recursive=True)
        doomed = children if victim == "broker" else [*children, psutil.Process(process.pid)]
        for one in doomed:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        if victim != "broker" or not self._lives_on(process):
            stack.close()
            self.start(name)

    def held(self) -> int:
        with suppress(sqlite3.OperationalError):  # central is just migrating it
            return int(self.ask("SELECT count(*) FROM records WHERE lane = ?")[0][0])
        return 0

    def ask(self, sql: str) -> list[tuple[int, ...]]:
        path = self._folder / "central" / "central.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(sql, (int(Lane.PEOPLE),)).fetchall()

    def until_held(self, count: int, timeout_s: float) -> bool:
        """Whether central held so many in time."""
        give_up_ms = clock.monotonic_ms() + timeout_s * 1000
        while self.held() < count:
            if clock.monotonic_ms() > give_up_ms:
                return False
            self._wait.wait(0.2)
        return True

    def stop(self) -> None:
        for stack, _ in self._lives.values():
            stack.close()

    def _lives_on(self, process: Process) -> bool:
        """Central starts a broker that died again, or ends, which a unit file would mend."""
        self._wait.wait(5.0)
        return process.is_alive


def test_whoever_is_killed_everything_comes_once_and_in_order(tmp_path: Path) -> None:
    require("nats-server")
    chance = Random(SEED)
    with Emulator(SKY, f"nzc{os.getpid()}", SEED, lambda: float(clock.monotonic_ms())) as sky:
        village = Village(tmp_path, sky)
        village.fill(RECORDS)
        try:
            village.start("central")
            village.start("node")
            for kill in range(KILLS):
                # Somewhere within this kill's share of the way, or after a while of no progress.
                village.until_held(int(RECORDS * (kill + chance.random()) / KILLS), 20.0)
                village.kill(chance.choice(VICTIMS))
            assert village.until_held(RECORDS, DRAIN_S), f"only {village.held()} came"
        finally:
            village.stop()
        seqs = [
            seq
            for (seq,) in village.ask("SELECT seq FROM records WHERE lane = ? ORDER BY position")
        ]
    assert seqs == list(range(1, RECORDS + 1))
