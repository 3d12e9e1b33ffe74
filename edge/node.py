"""A node's life: its parts started in order, one stop event, and stopped in order."""

import ctypes
import json
import logging
import os
import resource
import signal
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty
from types import FrameType

from edge import assembly, clock, courier, placing
from edge.assembly import Node
from edge.config import Config
from edge.errors import NodeError
from edge.web import WebServer
from sync import pump as pumps
from sync.store.errors import StoreError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
STOP_TIMEOUT_S = 2.0
_PR_SET_DUMPABLE = 4  # prctl(2)


def run(config: Config, say: Callable[[str], None], stop: threading.Event) -> None:
    """Run until ``stop`` is set. ``say`` tells the person at the terminal what they must know.

    Raises:
        NodeError, PortError: it cannot start, or broke down; nothing is left running.
    """
    harden()
    node = assembly.build(config)
    courier.note_present(config, node.store.link)
    placing.tell(config, node.store)
    try:
        web = WebServer(node.app, config.web.host, config.web.port)
        _serve(node, web, say, stop)
    finally:
        node.kept.working.lock()
        node.relays.close()
        node.store.close()
        node.claim.close()


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGTERM and Ctrl-C end the node in order."""

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def harden() -> None:
    """Files are for our own user only, and this process's memory never becomes one."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A core dump that is piped to a program heeds no limit; and no debugger may attach.
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _serve(node: Node, web: WebServer, say: Callable[[str], None], stop: threading.Event) -> None:
    broken = threading.Event()
    pump = threading.Thread(target=_pump, args=(node, stop, broken), name="pump")
    pump.start()
    node.road.start()
    node.following.start(node.relays.addresses)
    node.timetable.start()
    web.start()
    node.relays.start(web.port)
    ready = node.config.data / "ready.json"
    try:
        say(f"{node.config.title}: {web.address}")
        if node.setup_code:
            say(f"First run: the page asks for this one-time code: {node.setup_code}")
        # Last: whoever waits for this file finds all the rest said.
        _tell(ready, {"web": web.address, "pid": os.getpid(), "node": node.config.node})
        log.info("node %s is ready at %s", node.config.node, web.address)
        _until(stop)
    finally:
        stop.set()
        with suppress(OSError):
            ready.unlink(missing_ok=True)
        node.relays.stop()
        web.stop()
        node.timetable.stop()
        node.following.stop()
        node.road.stop()
        node.inbox.put(None)
        pump.join(STOP_TIMEOUT_S)
    if broken.is_set():
        raise NodeError("The node made a mistake and has stopped: start it again, keep its log.")


def _until(stop: threading.Event) -> None:
    """Look now and then: a signal that comes just before a wait without end does not wake it."""
    while not stop.wait(LOOK_EVERY_S):
        continue


def _pump(node: Node, stop: threading.Event, broken: threading.Event) -> None:
    try:
        pumps.run(node.pump, node.inbox, stop, _clocks)
    except (StoreError, sqlite3.Error):
        # After a failed fsync later commits merely look successful: nothing more is written or
        # sent until the next start. The pages go on; they say so, and still judge documents.
        node.kept.writer.failed.set()
        log.exception("the disk has failed: nothing is saved until the node is started again")
        node.road.stop()
        while not stop.is_set():  # what others still want done is let go, not gathered
            with suppress(Empty):
                node.inbox.get(timeout=STOP_TIMEOUT_S)
    except Exception:
        log.exception("the pump broke down")
        broken.set()
        # Nothing would be sent, and nobody told: better to be started anew.
        stop.set()


def _tell(path: Path, facts: dict[str, object]) -> None:
    """Whole or not at all: whoever waits for this file reads no half of it."""
    draft = path.with_suffix(".draft")
    try:
        draft.write_text(json.dumps(facts), "utf-8")
        draft.replace(path)
    except OSError as error:
        log.warning("%s cannot be written (%s): only nezlam node needs it", path, error.strerror)


def _clocks() -> tuple[int, int]:
    return clock.monotonic_ms(), clock.wall_ms()
