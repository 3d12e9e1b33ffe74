"""What else would bring the same records home over the same link: each way at its own best."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from edge.bench.drain.emulator import HUB_ADDRESS, Emulator
from edge.bench.drain.processes import Process, running

START_TIMEOUT_S = 60.0
INSTALL_TIMEOUT_S = 300.0
_PORT = 5984
_LOCAL_PORT = 1883
_PEERS = (sys.executable, "-P", "-m", "edge.bench.drain.peers")
_PACKAGES = ("pouchdb@9", "pouchdb-adapter-memory@9", "express@4", "express-pouchdb@4")


class AbsentError(Exception):
    """The tool is not here. ``str(error)`` says plainly which, and how it would come."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many records came whole, and how long after the beginning the last of them did."""

    records: int
    ms: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a rival runs, and what it has to bring home: ``file`` has one JSON object a line."""

    folder: Path
    file: Path
    count: int
    emulator: Emulator
    now_ms: Callable[[], int]
    limit_s: float  # then it is asked how far it came

    def at_hub(self, stack: ExitStack, name: str, *command: str) -> Process:
        return self._run(stack, self.emulator.hub, name, command)

    def at_node(self, stack: ExitStack, name: str, *command: str) -> Process:
        return self._run(stack, self.emulator.node, name, command)

    @property
    def limit_ms(self) -> str:
        return str(int(self.limit_s * 1000))

    def _run(
        self, stack: ExitStack, namespace: str, name: str, command: tuple[str, ...]
    ) -> Process:
        line = self.emulator.command(namespace, *command)
        return stack.enter_context(running(name, line, self.folder, self.now_ms))


def couch(ground: Ground) -> Arrived:
    """CouchDB's replication by PouchDB, over HTTP without TLS. Raises AbsentError, StageError."""
    script = _installed_couch()
    node = shutil.which("node") or "node"
    with ExitStack() as stack:
        server = ground.at_hub(stack, "couch-hub", node, str(script), "serve", HUB_ADDRESS, _text())
        server.until_it_said(1, START_TIMEOUT_S)
        url = f"http://{HUB_ADDRESS}:{_PORT}/records"
        pushing = ("push", url, str(ground.file), ground.limit_ms)
        return _set_off(ground, ground.at_node(stack, "couch-node", node, str(script), *pushing))


def posts(ground: Ground) -> Arrived:
    """One form POST a record over one open connection, without TLS. Raises StageError."""
    with ExitStack() as stack:
        server = ground.at_hub(stack, "post-hub", *_PEERS, "collect", HUB_ADDRESS, _text())
        server.until_it_said(1, START_TIMEOUT_S)
        url = f"http://{HUB_ADDRESS}:{_PORT}/submission"
        posting = ("post", url, str(ground.file), ground.limit_ms)
        return _set_off(ground, ground.at_node(stack, "post-node", *_PEERS, *posting))


def bridge(ground: Ground) -> Arrived:
    """Mosquitto's bridge at QoS 1, a message a record, without TLS. Raises AbsentError, ..."""
    mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if mosquitto is None:
        raise AbsentError("Mosquitto is not installed (Debian's package mosquitto).")
    for name, lines in _bridge_settings():
        (ground.folder / name).write_text(lines, "utf-8")
    with ExitStack() as stack:
        ground.at_hub(stack, "hub-broker", mosquitto, "-c", "hub.conf")
        hearing = ("hear", HUB_ADDRESS, _text(), str(ground.count), ground.limit_ms)
        hearer = ground.at_hub(stack, "hear", *_PEERS, *hearing)
        hearer.until_it_said(1, START_TIMEOUT_S)
        ground.at_node(stack, "node-broker", mosquitto, "-c", "node.conf")
        publishing = ("publish", str(_LOCAL_PORT), str(ground.file))
        publisher = ground.at_node(stack, "publish", *_PEERS, *publishing)
        publisher.until_it_said(1, START_TIMEOUT_S)
        hearer.go()
        return _set_off(ground, publisher, hearer)


RIVALS: dict[str, Callable[[Ground], Arrived]] = {
    "CouchDB replication": couch,
    "a POST a record": posts,
    "Mosquitto bridge": bridge,
}


def _set_off(ground: Ground, sender: Process, teller: Process | None = None) -> Arrived:
    sender.until_it_said(1, START_TIMEOUT_S + ground.count / 100)
    ground.emulator.begin()
    sender.go()
    told = (teller or sender).until_it_said(2, ground.limit_s + START_TIMEOUT_S)
    return Arrived(**json.loads(told))


def _text() -> str:
    return str(_PORT)


def _bridge_settings() -> Iterator[tuple[str, str]]:
    """No limit of theirs stands in the way: neither to what waits nor to what is on its way."""
    common = "allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
    yield "hub.conf", f"listener {_PORT} {HUB_ADDRESS}\n{common}"
    yield (
        "node.conf",
        f"listener {_LOCAL_PORT} 127.0.0.1\n{common}"
        f"connection central\naddress {HUB_ADDRESS}:{_PORT}\ntopic # out 1\n"
        "cleansession false\nnotifications false\nrestart_timeout 1\n",
    )


def _installed_couch() -> Path:
    """The script beside its libraries, which npm brings when they are first needed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise AbsentError("Node.js with npm is not installed, which PouchDB needs.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    room = cache / "nezlam-bench-pouchdb"
    room.mkdir(parents=True, exist_ok=True)
    if not (room / "node_modules" / "express-pouchdb").exists():
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(room), *_PACKAGES]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_TIMEOUT_S)  # noqa: S603  fixed
        except (OSError, subprocess.SubprocessError) as error:
            raise AbsentError("npm cannot install pouchdb and express-pouchdb here.") from error
    script = room / "couch.js"
    source = resources.files("edge.bench.drain") / "static" / "couch.js"
    script.write_text(source.read_text("utf-8"), "utf-8")
    return script
