"""A centre that relays and a field laptop that reaches only the centre, of real processes."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from provisioning import clock
from provisioning.demo.browser import Account, StaffBrowser
from provisioning.demo.switch import Switch
from provisioning.demo.village import Process
from tests.daemons import free_port
from tests.e2e.sticks import Country

ACCOUNT = Account("Олена Коваль", "чотири зелені яблука")
WAIT_S = 150.0  # nodes look for what is new within a minute, at random


class Region:
    """Central with its broker, a centre that relays, and a laptop that reaches only the centre."""

    def __init__(self, folder: Path) -> None:
        self.country = Country(folder, "centre-1", "field-1")
        self.folder = folder
        self.switch = Switch()  # between the centre and central
        self.web_port = free_port()
        self.processes: dict[str, Process] = {}
        self._stop = threading.Event()
        (folder / "central.toml").write_text(
            'data = "central"\nkeys = "keys/central"\nbackup = "backup"\n'
            "[broker]\nport = 0\n[ops]\nport = 0\n",
            "utf-8",
        )
        self._write("centre-1", self.switch.port, self.web_port, "offers = true")
        address = f"http://127.0.0.1:{self.web_port}"
        self._write("field-1", free_port(), 0, f'address = "{address}"')

    def start(self, name: str) -> None:
        door = "central" if name == "central" else "node"
        process = Process(
            name, [door, "run", "--config", str(self.folder / f"{name}.toml")], self.folder
        )
        self.processes[name] = process
        told = process.ready(self.folder / name / "ready.json", self._stop)
        if name == "central":
            self.switch.aim(told["broker_port"])
        else:
            self.address = told["web"]

    def staff_at(self, name: str) -> StaffBrowser:
        """Its first account, signed in; it is the last that was started."""
        browser = StaffBrowser(self.address)
        browser.set_up(ACCOUNT, self.processes[name].setup_code or "")
        return browser

    def kill(self, name: str) -> None:
        self.processes.pop(name).kill()

    def expect(self, what: str, holds: Callable[[], bool]) -> None:
        give_up_s = clock.monotonic_s() + WAIT_S
        while not holds():
            assert clock.monotonic_s() < give_up_s, f"not within {WAIT_S:.0f} s: {what}"
            self._stop.wait(0.1)

    def parcels(self) -> int:
        """How many the centre keeps for others."""
        found = self.country.ask(
            "centre-1/outbox.db", "SELECT count(*) FROM parcels WHERE kind = 'batch'"
        )
        return int(found[0][0])

    def letters_unread(self) -> int:
        found = self.country.ask(
            "central/central.db", "SELECT sum(held_at_ms IS NULL) FROM letters"
        )
        return int(found[0][0])

    def command(self, *arguments: str) -> None:
        line = [sys.executable, "-P", "-m", "edge", *arguments]
        subprocess.run(line, check=True, cwd=self.folder, capture_output=True, timeout=WAIT_S)

    def at_central(self) -> Counter[str]:
        return Counter(node for node, _ in self.country.at_central())

    def close(self) -> None:
        for process in reversed(self.processes.values()):
            process.stop()
        self.switch.close()

    def _write(self, node_id: str, broker_port: int, web_port: int, relay: str) -> None:
        (self.folder / f"{node_id}.toml").write_text(
            f'node = "{node_id}"\ndata = "{node_id}"\nkeys = "keys/{node_id}"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {broker_port}\n'
            f"[web]\nport = {web_port}\n[relay]\n{relay}\n",
            "utf-8",
        )
