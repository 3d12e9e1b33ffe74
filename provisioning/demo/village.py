"""The demo's processes: central with its broker, one node, and the switch between them."""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning import authority, catalogue, clock, enrolment
from provisioning.demo.switch import Switch
from provisioning.enrolment import Signing

NODE_ID = "demo-1"
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 8.0
LOOK_EVERY_S = 0.05

_CODE = re.compile(r"code: (\S+)")


class DemoError(Exception):
    """The demo cannot go on. ``str(error)`` is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """0: any free one."""

    node: int = 0
    ops: int = 0
    control: int = 0
    https: int | None = None  # of a second road, which the switch does not cut; None: there is none


class Process:
    """One ``nezlam`` process whose output lies in a file."""

    def __init__(self, name: str, arguments: list[str], folder: Path) -> None:
        self._name = name
        self._output = folder / f"{name}.log"
        self._told = folder / f"{name}.out"
        with self._output.open("ab") as errors, self._told.open("wb") as told:
            # A session of its own: Ctrl-C is for the demo, which then stops all in order.
            self._process = subprocess.Popen(  # noqa: S603  our own command line
                # -P: a folder named central where the demo is run is not our package.
                [sys.executable, "-P", "-m", "edge", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=errors,
                start_new_session=True,
            )

    def ready(self, path: Path, stop: threading.Event) -> dict[str, Any]:
        """Wait for the file in which it says that it is ready. Raises DemoError."""
        give_up_s = clock.monotonic_s() + START_TIMEOUT_S
        while not stop.wait(LOOK_EVERY_S):
            if self._process.poll() is not None:
                raise DemoError(f"{self._name} does not start: {self._last_words()}")
            try:
                told: dict[str, Any] = json.loads(path.read_text("utf-8"))
            except (OSError, ValueError):
                told = {}
            if told.get("pid") == self._process.pid:
                return told
            if clock.monotonic_s() > give_up_s:
                raise DemoError(f"{self._name} is not ready in time; its words: {self._output}")
        raise DemoError("Stopped before it was ready.")

    @property
    def setup_code(self) -> str | None:
        """The one-time code of a first run."""
        found = _CODE.search(self._told.read_text("utf-8"))
        return found[1] if found else None

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        if self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def _last_words(self) -> str:
        lines = self._output.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1].removeprefix("Error: ") if lines else "it says nothing"


class Village:
    """Start once, stop once.

    Attributes:
        switch: the link between node and broker.
        node_address, ops_address: where the pages are, after the start.
        broker_port: where the broker listens, after the start.
    """

    def __init__(self, folder: Path, ports: Ports) -> None:
        self.folder = folder.resolve()
        self.switch = Switch()
        self.node_address = ""
        self.ops_address = ""
        self.broker_port = 0
        self._ports = ports
        self._central: Process | None = None
        self._node: Process | None = None
        self._publishing: Process | None = None

    def start(self, stop: threading.Event, on_step: Callable[[str], object]) -> None:
        """Make keys if there are none, then start central and the node, each told to ``on_step``.

        Raises:
            DemoError, ProvisioningError: one sentence that says what is wrong.
        """
        on_step("keys and certificates")
        _make_keys(self.folder)
        self._write_settings()
        on_step("central and its broker")
        self.start_central(stop)
        on_step("the node")
        self.start_node(stop)

    def start_central(self, stop: threading.Event) -> None:
        """Start it and its broker, or after its end start them again. Raises DemoError."""
        self._central = Process("central", self._command("central"), self.folder)
        told = self._central.ready(self.folder / "central" / "ready.json", stop)
        self.ops_address, self.broker_port = told["ops"], told["broker_port"]
        self.switch.aim(self.broker_port)

    def start_node(self, stop: threading.Event) -> None:
        """Start it, or after its end start it again. Raises DemoError."""
        self._node = Process("node", self._command("node"), self.folder)
        self.node_address = self._node.ready(self.folder / "node" / "ready.json", stop)["web"]

    def publish_services(self) -> None:
        """Let central publish what people may apply for, while others go on."""
        line = ["central", "service", "publish", "--shipped", "--config"]
        self._publishing = Process(
            "publishing", [*line, str(self.folder / "central.toml")], self.folder
        )

    @property
    def node(self) -> Process:
        assert self._node is not None, "the village was started"
        return self._node

    @property
    def central(self) -> Process:
        assert self._central is not None, "the village was started"
        return self._central

    @property
    def is_alive(self) -> bool:
        return all(process.is_alive for process in self._processes())

    def stop(self) -> None:
        if self._publishing is not None:
            self._publishing.stop()
        for process in self._processes():
            process.stop()
        self.switch.close()

    def _processes(self) -> list[Process]:
        """What was started, the last first."""
        return [process for process in (self._node, self._central) if process is not None]

    def _command(self, name: str) -> list[str]:
        return [name, "run", "--config", str(self.folder / f"{name}.toml")]

    def _write_settings(self) -> None:
        central = f"""\
data = "central"
keys = "keys/central"
backup = "backup"
[broker]
port = 0
[ops]
port = {free_or_any(self._ports.ops)}
"""
        node = f"""\
node = "{NODE_ID}"
name = "Пункт незламності"
data = "node"
keys = "keys/node"
trust_list = "trust.json"
[broker]
host = "127.0.0.1"
port = {self.switch.port}
[web]
port = {free_or_any(self._ports.node)}
"""
        if self._ports.https is not None:
            central += f"[https]\nport = {self._ports.https}\n"
            node += f'[https]\nurl = "https://127.0.0.1:{self._ports.https}"\ncost = 1\n'
        (self.folder / "central.toml").write_text(central, "utf-8")
        (self.folder / "node.toml").write_text(node, "utf-8")


def _make_keys(folder: Path) -> None:
    """As a technician would, with an authority that nobody keeps."""
    if (folder / "keys" / "node" / "signing.key").exists():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = clock.now()
    root = authority.new_root(now)
    signing = Signing(root.certificate, authority.new_issuing(root, now))
    keys = folder / "keys"
    enrolment.enrol_central(keys / "central", signing, ["127.0.0.1"], now)
    theirs = catalogue.new_keys()
    catalogue.equip(keys / "central", theirs, now, theirs.roles)
    enrolment.enrol_node(keys / "node", NODE_ID, keys / "central", signing, now)


def free_or_any(port: int) -> int:
    """The usual port if nobody holds it; the page's real one is printed anyway."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
