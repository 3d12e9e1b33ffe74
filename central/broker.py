"""A broker as central's child: written its files, started, watched, started again when it dies.

It keeps nothing that matters: its folder may be deleted under it at any time.
"""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from central import ports
from central.errors import BrokerError
from sync.core.backoff import Backoff
from sync.transport.tls import TlsFiles

log = logging.getLogger(__name__)

READY_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0
ANY_PORT_TRIES = 5  # someone may take a port between our finding it free and the broker's start


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """Where a broker lives and listens.

    Attributes:
        folder: its own; made, and written anew at each start.
        port: 0 lets the system choose; the choice is kept for as long as central runs.
        connections_max: more are refused; each takes an open file (``ulimit -n``) and about
            57 KB in NATS.
    """

    folder: Path
    host: str
    port: int
    files: TlsFiles
    connections_max: int = 60_000


@dataclass(frozen=True, slots=True)
class Members:
    """Who may connect: nobody else can, and each only to the topics of its name."""

    nodes: frozenset[str]
    workers: frozenset[str]

    def __post_init__(self) -> None:
        # NATS takes an empty list of users to mean that nobody needs to be one.
        assert self.workers, "central's worker is always a member"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is peculiar to one broker program.

    Attributes:
        advice: how to come by the program, to follow "is not installed: ".
        arguments: of the command line; the working directory is the broker's folder.
        write: gives each file's text by its name, for a broker at this port.
    """

    program: str
    advice: str
    arguments: tuple[str, ...]
    write: Callable[[BrokerSettings, int, Members], dict[str, str]]


class Broker:
    """Start it once, stop it once. Methods may be called from any thread.

    Attributes:
        port: where it listens; the settings' until it was started.
        restarts: how often it died and was started again.
    """

    def __init__(
        self,
        recipe: Recipe,
        settings: BrokerSettings,
        members: Members,
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``now_ms`` is monotonic; ``backoff`` belongs to this broker alone."""
        self.port = settings.port
        self.restarts = 0
        self._recipe, self._settings, self._members = recipe, settings, members
        self._backoff, self._now_ms = backoff, now_ms
        self._folder = settings.folder.resolve()
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # over the process, from its start until it is ready
        self._process: subprocess.Popen[bytes] | None = None
        self._claim: IO[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="broker watch", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the running program; None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start and wait until it answers.

        Raises:
            BrokerError: the program is missing, the port taken, the folder another central's,
                or the program does not come up.
        """
        program = find_program(self._recipe)
        self._claim = _claim_folder(self._folder)
        _end_orphan(self._folder, program)
        try:
            self._start_somewhere()
        except BrokerError:
            self._claim.close()
            raise
        self._thread.start()

    def reload(self, members: Members) -> None:
        """Put another list of members in force; who is no longer on it is cut off.

        Waits while the broker is being started, at most ``READY_TIMEOUT_S``.
        """
        with self._lock:
            if members == self._members:
                return
            self._members = members
            if self.pid is not None and self._process is not None:
                self._write_files()
                self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it; returns within ``STOP_TIMEOUT_S``, or a little more if it must be killed."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                _end(self._process)
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT_S)
        if self._claim is not None:
            self._claim.close()

    def _start_somewhere(self) -> None:
        tries = 1 if self._settings.port else ANY_PORT_TRIES
        for left in reversed(range(tries)):
            self.port = ports.claim(self._settings.host, self._settings.port)
            try:
                self._start_process()
            except BrokerError:
                if not left:
                    raise
            else:
                return

    def _start_process(self) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write_files()
            with (self._folder / "console.log").open("wb") as console:
                # A session of its own: Ctrl-C is for central, which then stops it in order.
                process = subprocess.Popen(  # noqa: S603  our own command line
                    [find_program(self._recipe), *self._recipe.arguments],
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=console,
                    stderr=console,
                    start_new_session=True,
                )
            self._process = process
            (self._folder / "pid").write_text(str(process.pid), encoding="ascii")
            self._await_ready(process)

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        give_up_ms = self._now_ms() + int(READY_TIMEOUT_S * 1000)
        while not ports.answers(self._settings.host, self.port):
            if process.poll() is not None or self._now_ms() > give_up_ms:
                _end(process)
                raise BrokerError(
                    f"{self._recipe.program} does not start: {_last_line(self._folder)}"
                )
            if self._stopping.wait(0.05):
                return

    def _write_files(self) -> None:
        for name, text in self._recipe.write(self._settings, self.port, self._members).items():
            draft = self._folder / f".{name}"
            draft.touch(mode=0o600)
            draft.write_text(text, encoding="utf-8")
            draft.replace(self._folder / name)

    def _watch(self) -> None:
        began_ms = self._now_ms()
        while True:
            process = self._process
            assert process is not None, "watching begins after the start"
            code = process.wait()
            if self._stopping.is_set():
                return
            log.warning("broker ended with code %d, starting it again", code)
            self._backoff.lived(self._now_ms() - began_ms)
            if not self._start_again():
                return
            self.restarts += 1
            began_ms = self._now_ms()
            log.info("broker runs again at port %d", self.port)

    def _start_again(self) -> bool:
        told = False
        while not self._stopping.wait(self._backoff.next_delay_ms() / 1000):
            try:
                self._start_process()
            except (BrokerError, OSError) as error:
                if not told:
                    log.error("the broker is down, trying again: %s", error)  # noqa: TRY400
                told = True
            else:
                return not self._stopping.is_set()
        return False


def find_program(recipe: Recipe) -> str:
    """Look beside our own Python first, where a wheel puts its programs.

    Raises:
        BrokerError: not there.
    """
    beside = Path(sys.executable).with_name(recipe.program)
    if os.access(beside, os.X_OK):
        return str(beside)
    # Debian keeps daemons in sbin, which is not on every user's PATH.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(recipe.program, path=path)
    if found is None:
        raise BrokerError(f"The broker {recipe.program} is not installed: {recipe.advice}.")
    return found


def _claim_folder(folder: Path) -> IO[bytes]:
    """Hold the folder until the file is closed, or we die."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Beside the folder, which may be deleted.
        claim = folder.with_name(f"{folder.name}.lock").open("wb")
    except OSError as error:
        raise BrokerError(f"{folder} cannot be made ({error.strerror}).") from error
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        claim.close()
        raise BrokerError(
            f"Another central uses {folder}: stop it, or choose another folder."
        ) from error
    return claim


def _end_orphan(folder: Path, program: str) -> None:
    """End the broker of a central that was killed: it holds the port and these files."""
    with suppress(OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        orphan = psutil.Process(int((folder / "pid").read_text(encoding="ascii")))
        if orphan.exe() == os.path.realpath(program) and orphan.cwd() == str(folder):
            log.warning("ending the broker that an earlier central left behind")
            orphan.terminate()
            orphan.wait(STOP_TIMEOUT_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_line(folder: Path) -> str:
    text = (folder / "console.log").read_text(encoding="utf-8", errors="replace")
    return (text.strip().splitlines() or ["it says nothing"])[-1][:300]
