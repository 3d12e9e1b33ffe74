"""The whole story unattended: register, verify, cut, register, restore, and see all confirmed."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import requests

from provisioning import clock
from provisioning.demo.browser import Account, PageError, StaffBrowser
from provisioning.demo.people import Sample
from provisioning.demo.village import Village

BEFORE = 10  # households while the link is there
DARK = 20  # households during the blackout
WAIT_S = 60.0  # for anything that must come about
LOOK_EVERY_S = 0.1


@dataclass(slots=True)
class Seen:
    """What was seen; printed as JSON. ``broken`` names each promise that was not kept."""

    households_before: int = 0
    households_in_blackout: int = 0
    held_in_blackout: int = 0  # of those, before the link came back: must stay 0
    document_verdict: str = ""
    seconds_to_notice_the_cut: float = 0.0
    seconds_to_drain: float = 0.0
    bytes_per_record: float = 0.0  # up and down, with TLS, MQTT and the reconnection
    at_central: int = 0
    everything_confirmed: bool = False
    broken: list[str] = field(default_factory=list)


class Story:
    """Plays once through a village that has been started."""

    def __init__(self, village: Village, account: Account, stop: threading.Event) -> None:
        self._village = village
        self._staff = StaffBrowser(village.node_address)
        self._account = account
        self._stop = stop
        self._pages: list[str] = []
        self.seen = Seen()

    def play(self, setup_code: str, document: str) -> dict[str, object]:
        """Give what was seen, as plain values."""
        try:
            self._staff.set_up(self._account, setup_code)
            self._register(BEFORE)
            self.seen.households_before = len(self._pages)
            self._expect("the first households are confirmed", self._all_held)
            self._verify(document)
            self._blackout()
            self._drain()
        except (PageError, requests.RequestException) as error:
            self.seen.broken.append(str(error))
        self.seen.everything_confirmed = not self.seen.broken
        return asdict(self.seen)

    def _register(self, count: int) -> None:
        for _ in range(count):
            self._pages.append(self._staff.register(Sample(len(self._pages)).fields()))

    def _verify(self, document: str) -> None:
        page = self._staff.verify(document)
        self.seen.document_verdict = "valid" if 'data-verdict="valid"' in page else "another"
        if self.seen.document_verdict != "valid":
            self.seen.broken.append("the sample document was not judged valid")

    def _blackout(self) -> None:
        self._village.switch.cut()
        began_s = clock.monotonic_s()
        self._expect("the node notices the cut", lambda: not self._staff.status()["link"]["up"])
        self.seen.seconds_to_notice_the_cut = round(clock.monotonic_s() - began_s, 3)
        self._register(DARK)
        dark = self._pages[self.seen.households_before :]
        self.seen.households_in_blackout = len(dark)
        self.seen.held_in_blackout = self._held(dark)
        if self.seen.held_in_blackout or self._at_central() != self.seen.households_before:
            self.seen.broken.append("a record reached central through a cut link")

    def _drain(self) -> None:
        switch = self._village.switch
        carried = switch.up_bytes + switch.down_bytes
        began_s = clock.monotonic_s()
        switch.restore()
        self._expect("everything is confirmed after the blackout", self._all_held)
        self.seen.seconds_to_drain = round(clock.monotonic_s() - began_s, 3)
        carried = switch.up_bytes + switch.down_bytes - carried
        self.seen.bytes_per_record = round(carried / self.seen.households_in_blackout, 1)
        self.seen.at_central = self._at_central()
        if self.seen.at_central != len(self._pages):
            self.seen.broken.append(
                f"central counts {self.seen.at_central} of {len(self._pages)} households"
            )
        if self._held(self._pages) != len(self._pages):
            self.seen.broken.append("a household's page does not say that central has it")

    def _held(self, pages: list[str]) -> int:
        return sum(self._staff.stage(page) == "held" for page in pages)

    def _all_held(self) -> bool:
        lanes = self._staff.status()["lanes"]
        return all(lane["waiting"] == 0 for lane in lanes.values())

    def _at_central(self) -> int:
        answer = requests.get(f"{self._village.ops_address}api/households/count", timeout=WAIT_S)
        return int(answer.json()["count"])

    def _expect(self, what: str, holds: Callable[[], bool]) -> None:
        give_up_s = clock.monotonic_s() + WAIT_S
        while not holds():
            if clock.monotonic_s() > give_up_s or self._stop.wait(LOOK_EVERY_S):
                raise PageError(f"not within {WAIT_S:.0f} s: {what}")
