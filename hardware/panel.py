"""The last good reading of each device and how old it is. To look never waits."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from hardware.errors import DeviceError, DeviceUnreachableError
from hardware.readings import HostReading, Seen

R = TypeVar("R")

log = logging.getLogger(__name__)


class Instrument(Generic[R]):
    """One device behind a hard timeout.

    A call that hangs is left behind on its own thread, and no other is begun before it ends: a
    dead device costs one thread, not one a minute.

    Attributes:
        last: the last good reading; replaced whole, so any thread may look.
        fault: why there was no reading the last time; None: there was.
    """

    def __init__(
        self, name: str, read: Callable[[], R], now_ms: Callable[[], int], timeout_s: float
    ) -> None:
        """``now_ms`` never goes back."""
        self.name = name
        self.last: Seen[R] | None = None
        self.fault: DeviceError | None = None
        self._read = read
        self._now_ms = now_ms
        self._timeout_s = timeout_s
        self._asking: Future[R] | None = None

    def ask(self) -> None:
        """Begin a reading, unless an earlier one still hangs. Returns at once."""
        if self._asking is not None and not self._asking.done():
            return
        self._asking = Future()
        threading.Thread(
            target=_answer, args=(self._asking, self._read), name=self.name, daemon=True
        ).start()

    def settle(self) -> None:
        """Wait for what was begun, no longer than the timeout, and keep it if it is good."""
        assert self._asking is not None, "settle follows ask"
        try:
            reading = self._asking.result(self._timeout_s)
        except TimeoutError:
            self._fail(DeviceUnreachableError(f"no answer within {self._timeout_s:g} s"))
        except DeviceError as error:
            self._fail(error)
        else:
            self.last = Seen(reading, self._now_ms())
            if self.fault is not None:
                log.info("%s answers again", self.name)
            self.fault = None

    def _fail(self, fault: DeviceError) -> None:
        if self.fault is None:
            log.warning("%s gives no reading, the last one stays: %s", self.name, fault)
        self.fault = fault


class Panel:
    """The node's instruments. ``refresh`` is called by one thread, the rest by any."""

    def __init__(self, host: Instrument[HostReading]) -> None:
        self.host = host

    def refresh(self) -> None:
        """Ask every device at the same time; done within the longest of their timeouts."""
        instruments: Sequence[Instrument[Any]] = (self.host,)
        for instrument in instruments:
            instrument.ask()
        for instrument in instruments:
            instrument.settle()


def _answer(asking: "Future[R]", read: Callable[[], R]) -> None:
    try:
        asking.set_result(read())
    except BaseException as error:  # noqa: BLE001  it is raised again where the answer is awaited
        asking.set_exception(error)
