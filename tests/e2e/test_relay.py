"""A field laptop whose only link is a centre's local network: its records reach central once."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioning import clock
from provisioning.demo.browser import Account, StaffBrowser
from provisioning.demo.people import Sample
from provisioning.demo.switch import Switch
from provisioning.demo.village import Process
from tests.daemons import free_port, require
from tests.e2e.sticks import Country

ACCOUNT = Account("Олена Коваль", "чотири зелені яблука")
WAIT_S = 60.0


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

    def laptop(self) -> StaffBrowser:
        """Its first account, signed in; it is the last that was started."""
        browser = StaffBrowser(self.address)
        browser.set_up(ACCOUNT, self.processes["field-1"].setup_code or "")
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


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    require("nats-server")
    region = Region(tmp_path)
    try:
        yield region
    finally:
        region.close()


def test_a_laptop_without_any_link_but_the_lan_is_told_that_central_has_it(region: Region) -> None:
    for name in ("central", "centre-1", "field-1"):
        region.start(name)
    laptop = region.laptop()
    pages = [laptop.register(Sample(number).fields()) for number in range(3)]
    region.expect("central has it", lambda: {laptop.stage(one) for one in pages} == {"held"})
    assert not laptop.status()["link"]["up"]
    assert region.at_central()["field-1"] == laptop.status()["lanes"]["people"]["written"] == 3
    region.expect("nothing is kept for others any more", lambda: region.parcels() == 0)
    region.command("central", "message", "--config", "central.toml", "field-1", "Хліб привезуть")
    region.expect("central's word is there", lambda: "Хліб" in laptop.text("notices"))
    region.expect("central knows it", lambda: region.letters_unread() == 0)


def test_what_a_relay_in_the_dark_took_over_survives_kill_9_and_reaches_central_once(
    region: Region,
) -> None:
    """And the laptop need not be there when it does."""
    region.start("centre-1")  # central is not there yet: the relay is in the dark
    region.start("field-1")
    laptop = region.laptop()
    pages = [laptop.register(Sample(number).fields()) for number in range(3)]
    region.expect("handed over", lambda: {laptop.stage(one) for one in pages} == {"sent"})
    written = sum(lane["written"] for lane in laptop.status()["lanes"].values())
    region.kill("centre-1")
    assert region.parcels() > 0
    region.processes["field-1"].stop()
    region.start("central")
    region.start("centre-1")
    region.expect("central has it", lambda: region.at_central()["field-1"] == written)
    region.expect("nothing is kept for others any more", lambda: region.parcels() == 0)
    region.start("field-1")
    laptop = StaffBrowser(region.address)
    laptop.sign_in(ACCOUNT)
    region.expect("it is told", lambda: {laptop.stage(one) for one in pages} == {"held"})
    assert len(set(region.country.at_central())) == len(region.country.at_central())
