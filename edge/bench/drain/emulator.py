"""A link between two network namespaces: two TUN devices, and a thread that lets packets age.

For kernels without netem. Needs the rights to make namespaces and devices, root as a rule.
"""

import fcntl
import os
import select
import struct
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType

from edge.bench.drain.skies import Sky

NODE_ADDRESS, HUB_ADDRESS = "10.77.0.2", "10.77.0.1"
PACKET_BYTES_MAX = 1_400  # as most satellite terminals pass it on

_TUN = Path("/dev/net/tun")
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x4004_54CA, 0x0001, 0x1000  # linux/if_tun.h
_LOOK_EVERY_S = 0.2
_AT_A_TIME = 64  # packets read before due ones are let go


class EmulatorError(Exception):
    """No link can be made here. ``str(error)`` is a sentence that says why."""


@dataclass(slots=True)
class Passed:
    """What one direction carried. ``wire_bytes`` are whole IP packets that took link time."""

    packets: int = 0
    wire_bytes: int = 0
    faded: int = 0
    dropped: int = 0  # the queue was full, or there was no link


class Direction:
    """One way through the sky. Pure but for the packet's last step.

    Attributes:
        began_ms: when the sky's own time began.
    """

    def __init__(self, sky: Sky, chance: Random, let_go: Callable[[bytes], None]) -> None:
        self.passed = Passed()
        self.began_ms = 0.0
        self._sky, self._chance, self._let_go = sky, chance, let_go
        self._aloft: deque[tuple[float, bytes]] = deque()
        self._free_ms = 0.0
        self._last_ms = 0.0

    def offer(self, packet: bytes, now_ms: float) -> None:
        sky, passed = self._sky, self.passed
        start_ms = max(now_ms, self._free_ms)
        if not sky.is_open(now_ms - self.began_ms) or start_ms - now_ms > sky.queue_ms:
            passed.dropped += 1
            return
        self._free_ms = start_ms + len(packet) * 8 / sky.rate_kbit
        passed.packets += 1
        passed.wire_bytes += len(packet)
        turning = sky.turns(now_ms - self.began_ms)
        if self._chance.random() < (turning.loss if turning else sky.loss):
            passed.faded += 1
            return
        way_ms = sky.way_ms + self._chance.uniform(-sky.jitter_ms, sky.jitter_ms)
        due_ms = self._free_ms + way_ms + (turning.later_ms if turning else 0)
        self._last_ms = max(due_ms, self._last_ms)
        self._aloft.append((self._last_ms, packet))

    def land(self, now_ms: float) -> float | None:
        """Let go what has arrived by now; when the next one is due."""
        while self._aloft and self._aloft[0][0] <= now_ms:
            self._let_go(self._aloft.popleft()[1])
        return self._aloft[0][0] if self._aloft else None


class Emulator:
    """Two namespaces joined by one link, from ``__enter__`` to ``__exit__``.

    Attributes:
        node, hub: the namespaces' names.
        up, down: what went from node to hub, and back.
    """

    def __init__(self, sky: Sky, name: str, seed: int, now_ms: Callable[[], float]) -> None:
        """``name``: short, and nobody else's. ``now_ms`` is monotonic."""
        self.node, self.hub = f"{name}-node", f"{name}-hub"
        self._devices = (f"{name}n", f"{name}h")
        self._sky, self._now_ms = sky, now_ms
        self._chance = Random(seed)  # noqa: S311  weather
        self._stopping = threading.Event()
        self._undo = ExitStack()

    def __enter__(self) -> "Emulator":
        """Raises EmulatorError."""
        try:
            self._make()
        except EmulatorError:
            self._undo.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def begin(self) -> None:
        """From now on the sky's own time runs: duty and handovers begin anew."""
        self._up.began_ms = self._down.began_ms = self._now_ms()

    @property
    def up(self) -> Passed:
        return self._up.passed

    @property
    def down(self) -> Passed:
        return self._down.passed

    def command(self, namespace: str, *command: str) -> list[str]:
        """The command line that runs ``command`` in one of the two namespaces."""
        return ["ip", "netns", "exec", namespace, *command]

    def _make(self) -> None:
        ends: list[int] = []
        sides = ((self.node, NODE_ADDRESS), (self.hub, HUB_ADDRESS))
        for device, (namespace, address) in zip(self._devices, sides, strict=True):
            _ip("netns", "add", namespace)
            self._undo.callback(_ip_quietly, "netns", "delete", namespace)
            ends.append(_open_tun(device))
            self._undo.callback(os.close, ends[-1])
            _ip("link", "set", device, "netns", namespace)
            inside = ("-n", namespace)
            _ip(*inside, "link", "set", "lo", "up")
            _ip(*inside, "addr", "add", f"{address}/24", "dev", device)
            _ip(*inside, "link", "set", device, "mtu", str(PACKET_BYTES_MAX), "up")
        at_node, at_hub = ends
        self._up = Direction(self._sky, self._chance, lambda packet: _write(at_hub, packet))
        self._down = Direction(self._sky, self._chance, lambda packet: _write(at_node, packet))
        self.begin()
        thread = threading.Thread(target=self._run, args=(at_node, at_hub), name="sky")
        self._undo.callback(thread.join)
        self._undo.callback(self._stopping.set)
        thread.start()

    def _run(self, at_node: int, at_hub: int) -> None:
        directions = {at_node: self._up, at_hub: self._down}
        wait_s = _LOOK_EVERY_S
        while not self._stopping.is_set():
            readable, _, _ = select.select(list(directions), [], [], wait_s)
            for end in readable:
                self._read(end, directions[end])
            now_ms = self._now_ms()
            due = [at for way in directions.values() if (at := way.land(now_ms)) is not None]
            next_s = (min(due) - now_ms) / 1000 if due else _LOOK_EVERY_S
            wait_s = min(max(next_s, 0.0), _LOOK_EVERY_S)

    def _read(self, end: int, way: Direction) -> None:
        for _ in range(_AT_A_TIME):
            try:
                packet = os.read(end, 65_536)
            except OSError:  # nothing more for now
                return
            way.offer(packet, self._now_ms())


def _open_tun(device: str) -> int:
    try:
        end = os.open(_TUN, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise EmulatorError(
            f"{_TUN} cannot be opened ({error.strerror}): the kernel must offer TUN devices."
        ) from error
    try:
        fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH", device.encode(), _IFF_TUN | _IFF_NO_PI))
    except OSError as error:
        os.close(end)
        raise EmulatorError(
            f"No network device may be made here ({error.strerror}): run this as root."
        ) from error
    return end


def _write(end: int, packet: bytes) -> None:
    with suppress(OSError):  # the device is down or its queue is full: as good as lost
        os.write(end, packet)


def _ip(*arguments: str) -> None:
    try:
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    except FileNotFoundError as error:
        raise EmulatorError("The program ip is not installed (package iproute2).") from error
    if done.returncode:
        said = done.stderr.strip() or "it says nothing"
        raise EmulatorError(f"No network of its own may be made here, run this as root ({said}).")


def _ip_quietly(*arguments: str) -> None:
    with suppress(EmulatorError):
        _ip(*arguments)
