"""A relief centre of real processes for one test: its people, its link, and what to wait for."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import requests

from provisioning import clock
from provisioning.demo import sample_document
from provisioning.demo.browser import Account, StaffBrowser
from provisioning.demo.people import Sample
from provisioning.demo.village import Ports, Village

ACCOUNT = Account("Олена Коваль", "чотири зелені яблука")
WAIT_S = 150.0  # nodes look for what is new within a minute, at random
LOOK_EVERY_S = 0.05


class Centre:
    """Started, and with its first account made, which is signed in as ``staff``."""

    def __init__(
        self,
        folder: Path,
        account: Account = ACCOUNT,
        ports: Ports = Ports(),  # noqa: B008
    ) -> None:
        self.village = Village(folder, ports)
        self.account = account
        self.document = sample_document.make(self.village.folder)
        self._stop = threading.Event()

    def open(self) -> None:
        self.village.start(self._stop, lambda _: None)
        self.staff = StaffBrowser(self.village.node_address)
        self.staff.set_up(self.account, self.village.node.setup_code or "")

    def restart_node(self) -> None:
        """After its end, whatever that was."""
        self.village.start_node(self._stop)
        self.staff = self.another_browser()

    def restart_central(self) -> None:
        """After its end, whatever that was; its broker may listen elsewhere now."""
        self.village.start_central(self._stop)

    def another_browser(self) -> StaffBrowser:
        browser = StaffBrowser(self.village.node_address)
        browser.sign_in(self.account)
        return browser

    def register(self, number: int, **changes: str) -> str:
        """Register a household over HTTP; give the path of its page."""
        return self.staff.register(Sample(number).fields() | changes)

    def expect(self, what: str, holds: Callable[[], bool], wait_s: float = WAIT_S) -> None:
        """Wait until it holds, looking now and then; fail if that takes too long."""
        give_up_s = clock.monotonic_s() + wait_s
        while not holds():
            assert clock.monotonic_s() < give_up_s, f"not within {wait_s:.0f} s: {what}"
            self._stop.wait(LOOK_EVERY_S)

    def all_held(self) -> bool:
        """Central has confirmed whatever was written."""
        return all(lane["waiting"] == 0 for lane in self.staff.status()["lanes"].values())

    def link_is_up(self) -> bool:
        return bool(self.staff.status()["link"]["up"])

    def households_at_central(self) -> int:
        address = f"{self.village.ops_address}api/households/count"
        return int(requests.get(address, timeout=WAIT_S).json()["count"])

    def notes_at_central(self) -> Counter[str]:
        """How often central holds a household with each note."""
        path = self.village.folder / "central" / "central.db"
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return Counter(note for (note,) in db.execute("SELECT note FROM households"))
        finally:
            db.close()

    def node_pid(self) -> int:
        ready = self.village.folder / "node" / "ready.json"
        return int(json.loads(ready.read_text("utf-8"))["pid"])

    def command(self, *arguments: str) -> str:
        """Run ``nezlam`` in the village's folder; give what it said."""
        line = [sys.executable, "-P", "-m", "edge", *arguments]
        done = subprocess.run(
            line,
            cwd=self.village.folder,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
