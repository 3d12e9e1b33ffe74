"""Central as its own process, as people start it, with each broker that it can start."""

import json
import queue
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from central import clock
from central.ops import queries
from central.store.database import Database
from provisioning import authority, enrolment
from provisioning.enrolment import Signing
from sync.core.backoff import Backoff
from sync.sim.machines import Keys
from sync.transport.line import Caller, Endpoint
from sync.transport.mqtt import MqttRoad
from sync.transport.port import Received, RoadEvent, RoadUp
from sync.transport.tls import TlsFiles
from sync.wire import keys
from tests import postgres
from tests.central.building import NODE, Talker
from tests.central.test_projections import a_household
from tests.daemons import require

NOW = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
PATIENCE_S = 20
PROGRAMS = {"nats": "nats-server", "mosquitto": "mosquitto"}


@pytest.fixture(scope="module")
def signing() -> Signing:
    root = authority.new_root(NOW)
    return Signing(root.certificate, authority.new_issuing(root, NOW))


@dataclass
class Place:
    """A central's folder, enrolled, with its settings."""

    folder: Path
    signing: Signing

    @property
    def config(self) -> Path:
        return self.folder / "central.toml"

    @property
    def ready_file(self) -> Path:
        return self.folder / "data" / "ready.json"

    def enrol(self, node_id: str) -> Path:
        folder = self.folder / node_id
        enrolment.enrol_node(folder, node_id, self.folder / "keys", self.signing, NOW)
        return folder

    def set(self, broker: str, more: str = "") -> None:
        text = f'data = "data"\nkeys = "keys"\n{more}\n[broker]\n{broker}\n[ops]\nport = 0\n'
        self.config.write_text(text)

    def keys(self, *node_ids: str) -> Keys:
        own = {
            node_id: keys.read_signing_key((self.folder / node_id / "signing.key").read_text())
            for node_id in node_ids
        }
        signing = keys.read_signing_key((self.folder / "keys" / "signing.key").read_text())
        opening = keys.read_opening_key((self.folder / "keys" / "opening.key").read_text())
        return Keys(own, signing, opening)


@pytest.fixture
def place(tmp_path: Path, signing: Signing) -> Place:
    enrolment.enrol_central(tmp_path / "keys", signing, ["127.0.0.1"], NOW)
    place = Place(tmp_path, signing)
    place.enrol(NODE)
    return place


def start(place: Place) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "edge", "central", "run", "--config", str(place.config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(place: Place) -> Iterator["tuple[subprocess.Popen[str], dict[str, Any]]"]:
    """A central that is ready, and what it says of itself."""
    process = start(place)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Operations: http://"), process.communicate()
        yield process, json.loads(place.ready_file.read_text())
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_S)


@contextmanager
def a_road(
    folder: Path, node_id: str, port: int
) -> Iterator["tuple[MqttRoad, queue.Queue[RoadEvent]]"]:
    events: queue.Queue[RoadEvent] = queue.Queue()
    files = TlsFiles(folder / "ca.crt", folder / "node.crt", folder / "node.key")
    backoff = Backoff(random.Random(1).random, floor_ms=50, ceiling_ms=200)
    road = MqttRoad(
        Caller(node_id, "0" * 32),
        b"an epoch",
        Endpoint("127.0.0.1", port, files),
        events.put,
        backoff,
        clock.monotonic_ms,
    )
    road.start()
    yield road, events
    road.stop()


def talk(talker: Talker, road: MqttRoad, events: "queue.Queue[RoadEvent]") -> None:
    """Over the real road, until central has all."""
    up = False
    while talker.waiting:
        for data in talker.messages() if up else []:
            road.send(data)
        event = events.get(timeout=PATIENCE_S)
        up = up if isinstance(event, Received) else isinstance(event, RoadUp)
        talker.node.take(event, 0)  # which sends again what a road that fell may have lost


@pytest.mark.parametrize("kind", PROGRAMS)
def test_central_starts_its_broker_takes_records_and_stops_clean(place: Place, kind: str) -> None:
    require(PROGRAMS[kind])
    place.set(f'kind = "{kind}"\nport = 0')
    talker = Talker(place.keys(NODE))
    talker.write(*(a_household(number) for number in range(3)))
    with running(place) as (process, told):
        assert requests.get(f"{told['ops']}healthz", timeout=PATIENCE_S).text == "ok\n"
        with a_road(place.folder / NODE, NODE, told["broker_port"]) as (road, events):
            talk(talker, road, events)
        count = requests.get(f"{told['ops']}api/households/count", timeout=PATIENCE_S)
        assert count.json() == {"count": 3}
        [broker] = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, "Traceback" in errors) == (0, False)
        assert not place.ready_file.exists()
        assert not broker.is_running()


def test_central_keeps_its_log_in_postgresql_by_configuration_alone(
    place: Place, server: str
) -> None:
    require("nats-server")
    url = postgres.new_database(server, "process")
    place.set("port = 0", f'database = "{url}"')
    talker = Talker(place.keys(NODE))
    talker.write(*(a_household(number) for number in range(3)))
    with (
        running(place) as (_, told),
        a_road(place.folder / NODE, NODE, told["broker_port"]) as (road, events),
    ):
        talk(talker, road, events)
    database = Database(url)
    assert queries.household_count(database) == 3
    database.close()
    assert not (place.folder / "data" / "central.db").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://central:zhyto@127.0.0.1/x", "The database URL is not one that central can use"),
        ("not a url", "The database URL is not one that central can use"),
        ("postgresql+psycopg://central:zhyto@127.0.0.1:9/x", "The database is out of reach"),
        ("sqlite:////proc/none/central.db", "The database is out of reach"),
    ],
)
def test_a_database_that_does_not_serve_is_told_in_a_sentence(
    place: Place, url: str, said: str
) -> None:
    place.set("port = 0", f'database = "{url}"')
    central = start(place)
    told, errors = central.communicate(timeout=PATIENCE_S)
    assert (central.returncode, said in errors) == (1, True), errors
    assert "Traceback" not in errors
    assert "zhyto" not in told + errors


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_node_that_is_enrolled_while_central_runs_is_let_in(place: Place, kind: str) -> None:
    require(PROGRAMS[kind])
    place.set(f'kind = "{kind}"\nport = 0')
    with running(place) as (_, told):
        newcomer = place.enrol("newcomer")
        with a_road(newcomer, "newcomer", told["broker_port"]) as (_, events):
            while not isinstance(events.get(timeout=PATIENCE_S), RoadUp):
                pass


def test_a_second_central_on_the_same_folder_is_turned_away(place: Place) -> None:
    require("nats-server")
    place.set("port = 0")
    with running(place) as (first, told):
        second = start(place)
        _, errors = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 1
        assert "A central already runs on" in errors
        assert "Traceback" not in errors
        assert first.poll() is None
        assert json.loads(place.ready_file.read_text()) == told


def test_a_broker_of_somebody_elses_that_is_down_is_told_on_the_page(place: Place) -> None:
    place.set('kind = "external"\nport = 9')
    with running(place) as (_, told):
        fleet = requests.get(f"{told['ops']}api/fleet", timeout=PATIENCE_S).json()
        assert fleet["road"] in ("not_yet", "unreachable")
        assert "Traceback" not in requests.get(told["ops"], timeout=PATIENCE_S).text


def test_an_operations_port_in_use_is_named(place: Place) -> None:
    require("nats-server")
    place.set("port = 0")
    with running(place) as (_, told):
        taken = told["ops"].rstrip("/").rpartition(":")[2]
        text = f'data = "data2"\nkeys = "keys"\n[broker]\nport = 0\n[ops]\nport = {taken}\n'
        place.config.write_text(text)
        second = start(place)
        _, errors = second.communicate(timeout=PATIENCE_S)
        assert second.returncode == 1
        assert f"Port {taken} of 127.0.0.1 is in use already" in errors
        assert "Traceback" not in errors
