"""Nodes and a central that never meet but by a stick: real files, real keys, real commands."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from central.commands import central as central_command
from edge import config as configs
from edge import courier, identity
from edge.clock import wall_ms as clock_ms
from edge.config import Config
from edge.couriers import carry
from provisioning import authority, catalogue, clock, enrolment
from provisioning.enrolment import Signing
from sync.forwarding import Forwarder
from sync.pump import Pump
from sync.store.database import open_database
from sync.store.relayed import Relayed
from sync.store.segments import Segments
from sync.store.shape import prepare
from sync.store.store import Store
from sync.store.writer import GroupWriter
from sync.transport.port import RoadUp
from sync.wire.carried import Carried
from sync.wire.entries import Stamp
from sync.wire.kinds.household import HouseholdRegistered, Member


class Node:
    """A node's outbox and pump on the files of its data folder, without a road."""

    def __init__(self, config: Config) -> None:
        config.data.mkdir(exist_ok=True)
        path = config.data / "outbox.db"
        first = open_database(path)
        prepare(first)
        central = identity.central(config.keys)
        segments = Segments(config.node, central.sealing, os.urandom)
        reader = open_database(path)
        writer = GroupWriter(first)
        self.store = Store(config.node, writer, reader, segments, lambda: Stamp(clock_ms()))
        self.relayed = Relayed(writer, open_database(path), 10**7)
        self.sent: list[bytes] = []
        self.pump = Pump(self.store, self, identity.own_key(config.keys), central, os.urandom)
        self.pump.listeners[Carried] = Forwarder(self.relayed, self.store, central).take
        self._spool = courier.Spool(config.data / "courier", lambda act: act(self.pump, 0, 0))

    def send(self, data: bytes) -> None:
        self.sent.append(data)

    def reconnect(self) -> None:
        """There is no road."""

    def write(self, *surnames: str) -> None:
        for surname in surnames:
            members = (Member(surname, "Марія"),)
            self.store.write(HouseholdRegistered(members, "Маріуполь", "Дніпро", True, "Олена"))

    def say(self) -> list[bytes]:
        """What it would say to central on a road of its own."""
        self.pump.tick(0, 0)
        self.pump.take(RoadUp(), 0, 0)
        said, self.sent = self.sent, []
        return said

    def close(self) -> None:
        self.relayed.close()
        self.store.close()

    def deliver(self) -> None:
        """What the timetable does each second."""
        self._spool.look()

    @property
    def waiting(self) -> int:
        return sum(depth.waiting for depth in self.store.depths().values())


class Country:
    """One authority, one central, several nodes, and a stick."""

    def __init__(self, folder: Path, *node_ids: str) -> None:
        self.folder = folder
        self.stick = folder / "stick"
        self.stick.mkdir()
        keys, now = folder / "keys", clock.now()
        root = authority.new_root(now)
        signing = Signing(root.certificate, authority.new_issuing(root, now))
        enrolment.enrol_central(keys / "central", signing, ["127.0.0.1"], now)
        theirs = catalogue.new_keys()
        catalogue.equip(keys / "central", theirs, now, theirs.roles)
        (folder / "central.toml").write_text('data = "central"\nkeys = "keys/central"\n', "utf-8")
        for node_id in node_ids:
            enrolment.enrol_node(keys / node_id, node_id, keys / "central", signing, now)
            self.settings(node_id).write_text(
                f'node = "{node_id}"\ndata = "{node_id}"\nkeys = "keys/{node_id}"\n'
                'free_mb_min = 0\n[broker]\nhost = "127.0.0.1"\nport = 1\n[web]\nport = 0\n',
                "utf-8",
            )

    def settings(self, node_id: str) -> Path:
        return self.folder / f"{node_id}.toml"

    def open(self, node_id: str) -> Node:
        """Whoever opens a node closes it."""
        return Node(configs.read(self.settings(node_id)))

    def register(self, node_id: str, *surnames: str) -> None:
        """Start a node, register households, and switch it off."""
        node = self.open(node_id)
        node.write(*surnames)
        node.close()

    def export(self, node_id: str, *options: str, stick: Path | None = None) -> Result:
        return self._courier("export", node_id, *options, stick=stick)

    def take(self, node_id: str, stick: Path | None = None) -> Result:
        return self._courier("import", node_id, stick=stick)

    def visit_central(self, stick: Path | None = None) -> Result:
        arguments = ["courier", str(stick or self.stick), "--json"]
        return CliRunner().invoke(
            central_command, [*arguments, "--config", str(self.folder / "central.toml")]
        )

    def waiting(self, node_id: str) -> int:
        """How many records the node's own outbox has that central has not confirmed."""
        node = self.open(node_id)
        node.deliver()
        waits = node.waiting
        node.close()
        return waits

    def at_central(self) -> list[tuple[str, int]]:
        """The records that central holds, as (node id, seq), in order."""
        rows = self.ask(
            "central/central.db",
            "SELECT node_id, seq FROM records ORDER BY node_id, epoch, lane, seq",
        )
        return [(str(node_id), int(seq)) for node_id, seq in rows]

    def ask(self, file: str, sql: str) -> list[tuple[Any, ...]]:
        """What a database says, whoever else uses it."""
        db = sqlite3.connect(f"file:{self.folder / file}?mode=ro", uri=True)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def _courier(self, act: str, node_id: str, *options: str, stick: Path | None) -> Result:
        arguments = [act, str(stick or self.stick), "--config", str(self.settings(node_id))]
        return CliRunner().invoke(carry, [*arguments, *options])
