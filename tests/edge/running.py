"""A node as its own process, as people start it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge import clock

STOP_S = 10
START_MS = 30_000


class Running:
    """``said`` is what it told the terminal until it was ready."""

    def __init__(self, config_file: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge", "node", "run", "--config", str(config_file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready = config_file.parent / "data" / "ready.json"
        self.said = ""

    @property
    def address(self) -> str:
        return "http" + self.said.partition("http")[2].splitlines()[0]

    def await_line(self, part: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if part in line:
                return
        raise AssertionError(f"it ended: {self.process.communicate()}")

    def await_ready(self) -> None:
        """Wait for the file that other programs wait for."""
        give_up_ms, never = clock.monotonic_ms() + START_MS, threading.Event()
        while not self.ready.exists():
            assert clock.monotonic_ms() < give_up_ms
            never.wait(0.01)

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal; give the exit code and what it logged."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=STOP_S)
        return self.process.returncode, errors


@contextmanager
def running(config_file: Path) -> Iterator[Running]:
    """A node that serves its pages."""
    node = Running(config_file)
    try:
        node.await_line("http://")
        node.await_ready()
        yield node
    finally:
        if node.process.poll() is None:
            node.process.kill()
        node.process.communicate()
