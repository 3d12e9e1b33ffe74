"""Processes of a drain: their words in files, a line that sets them off, an end in order."""

import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LOOK_EVERY_S = 0.05
STOP_TIMEOUT_S = 10


class StageError(Exception):
    """A drain cannot be set up or did not end. ``str(error)`` is one sentence."""


class Process:
    """One that runs. ``name`` is also that of its files: NAME.out and NAME.log."""

    def __init__(
        self, name: str, folder: Path, process: "subprocess.Popen[bytes]", now_ms: Callable[[], int]
    ) -> None:
        self.name = name
        self._folder, self._process, self._now_ms = folder, process, now_ms
        self._wait = threading.Event()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    @property
    def lines(self) -> list[str]:
        """What it said so far, whole lines only."""
        said = (self._folder / f"{self.name}.out").read_text("utf-8")
        return said[: said.rfind("\n") + 1].splitlines()

    def go(self) -> None:
        """Send it the line that it waits for."""
        assert self._process.stdin is not None, "asked for"
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        """Wait as long as it lives. Raises StageError."""
        give_up_ms = self._now_ms() + timeout_s * 1000
        while not holds():
            if self._process.poll() is not None and not holds():
                raise StageError(f"{self.name} ended early: {self._last_words()}")
            if self._now_ms() > give_up_ms:
                raise StageError(f"{self.name} is not done after {timeout_s:.0f} s.")
            self._wait.wait(LOOK_EVERY_S)

    def until_it_said(self, lines: int, timeout_s: float) -> str:
        """Give the last of that many lines. Raises StageError."""
        self.until(lambda: len(self.lines) >= lines, timeout_s)
        return self.lines[lines - 1]

    def _last_words(self) -> str:
        words = (self._folder / f"{self.name}.log").read_text("utf-8", "replace").strip()
        return words.splitlines()[-1][-300:] if words else "it says nothing."


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    folder: Path,
    now_ms: Callable[[], int],
) -> Iterator[Process]:
    """Run ``command`` for as long as the block lasts."""
    with (folder / f"{name}.out").open("wb") as out, (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own command lines
            command, stdin=subprocess.PIPE, stdout=out, stderr=log, cwd=folder
        )
    try:
        yield Process(name, folder, process, now_ms)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
