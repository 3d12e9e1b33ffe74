"""A neighbour's verifier asks central, which judges by what it has published itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from central import clock, neighbours
from central.catalogue.own import OwnCatalogue
from central.catalogue.publisher import Publisher
from central.commands import central as command
from central.config import Config
from central.store.database import Database
from central.store.tables import neighbour_checks
from localservices.verification.in_force import InForce
from localservices.verification.neighbours.keys import ApiKeys
from localservices.verification.trust import TrustList
from provisioning import authority, catalogue, enrolment
from provisioning.enrolment import Signing
from sync.wire import revocations
from tests.catalogues import Authority
from tests.central.building import a_log
from tests.daemons import require
from tests.localservices.verification.issuing import Issuer

NOW = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
ISSUER = Issuer(ends=NOW + timedelta(days=9))
NAME = "Straż Graniczna"
PATIENCE_S = 30


def a_document() -> str:
    return ISSUER.issue(
        issued=int((NOW - timedelta(days=1)).timestamp()),
        expires=int((NOW + timedelta(days=1)).timestamp()),
    )


def known_of(authority: Authority) -> InForce:
    return InForce(OwnCatalogue(authority.repository), TrustList(), clock.wall_ms)


def issuers(known: InForce) -> int:
    return known.knowledge().issuers


def test_central_believes_whom_it_has_published_and_no_longer_whom_it_replaced(
    tmp_path: Path,
) -> None:
    published = Authority(tmp_path)
    known = known_of(published)
    assert issuers(known) == 0
    published.publish("trust/lists/ua.der", ISSUER.der)
    assert issuers(known) == 1
    published.publish("trust/lists/ua.der", Issuer().der)
    assert issuers(known) == 1
    published.publish("trust/lists/pl.der", ISSUER.der)
    assert issuers(known) == 2


def test_a_list_is_as_fresh_as_central_s_last_signature(tmp_path: Path) -> None:
    published = Authority(tmp_path)
    published.publish("trust/lists/ua.der", ISSUER.der)
    known = known_of(published)
    published.wait(hours=47)
    assert published.refresh()
    _, found = known.knowledge().lists
    assert found.made_at_ms == int(published.now.timestamp() * 1000)


def test_what_was_revoked_is_looked_up(tmp_path: Path) -> None:
    published = Authority(tmp_path)
    published.publish(revocations.TARGET, revocations.encode(["node-7-0a1b2c-2-5"]))
    known = known_of(published).knowledge()
    name = revocations.list_of("node-7-0a1b2c-2-5")[0]
    assert known.status(name) is not None


def test_a_damaged_catalogue_leaves_in_force_what_was_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    published = Authority(tmp_path)
    published.publish("trust/lists/ua.der", ISSUER.der)
    known = known_of(published)
    assert issuers(known) == 1
    (published.repository / "metadata" / "timestamp.json").write_text("spoiled")
    assert issuers(known) == 1
    assert "What was known before stays in force" in caplog.text


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, keys=tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return a_log(tmp_path)[0]


def ask(config: Config, database: Database, key: str) -> Any:
    [(_, api)] = neighbours.beside(config, database).items()
    assert isinstance(api, Flask)
    said = {"Authorization": f"Bearer {key}"}
    asked = {"payloads": [a_document(), "nonsense"]}
    answer = api.test_client().post("/verify", json=asked, headers=said)
    assert answer.status_code == 200, answer.text
    return answer.json["verdicts"] if answer.json is not None else None


def test_each_check_is_written_down_at_central(config: Config, database: Database) -> None:
    key = ApiKeys(config.data).add(NAME, None, clock.wall_ms())
    assert [one["kept"] for one in ask(config, database, key)] == [True, True]
    with database.reading() as connection:
        rows = connection.execute(select(neighbour_checks)).mappings().all()
    assert [row["checked_by"] for row in rows] == [f"api: {NAME}"] * 2
    assert [row["verdict"] for row in rows] == ["issuer_unknown_stale", "malformed"]
    assert "Лисенко" not in str(rows)


def test_a_database_out_of_reach_keeps_no_answer_back(config: Config, database: Database) -> None:
    key = ApiKeys(config.data).add(NAME, None, clock.wall_ms())
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE neighbour_checks")
    assert [one["kept"] for one in ask(config, database, key)] == [False, False]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Of a central that is enrolled, with a catalogue that names an issuer."""
    root = authority.new_root(NOW)
    signing = Signing(root.certificate, authority.new_issuing(root, NOW))
    keys = tmp_path / "keys"
    enrolment.enrol_central(keys, signing, ["127.0.0.1"], NOW)
    theirs = catalogue.new_keys()
    catalogue.equip(keys, theirs, NOW, theirs.roles)
    (tmp_path / "ua.der").write_bytes(ISSUER.der)
    publisher = Publisher(tmp_path / "data" / "catalogue", keys / "catalogue")
    publisher.publish(tmp_path / "ua.der", "trust/lists/ua.der", theirs.roles["trust"], NOW)
    path = tmp_path / "central.toml"
    ports = "[broker]\nport = 0\n[ops]\nport = 0\n[https]\nport = 0\n"
    path.write_text(f'data = "data"\nkeys = "keys"\n{ports}')
    return path


@pytest.fixture
def running(settings: Path) -> Iterator[dict[str, Any]]:
    """What a central that runs says of itself; it logs no person."""
    require("nats-server")
    process = subprocess.Popen(
        [sys.executable, "-m", "edge", "central", "run", "--config", str(settings)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Operations: "), process.communicate()
        yield json.loads((settings.parent / "data" / "ready.json").read_text())
    finally:
        process.terminate()
        _, logged = process.communicate(timeout=PATIENCE_S)
    assert "Лисенко" not in logged
    assert "nezlam_" not in logged


@pytest.fixture
def key(settings: Path) -> str:
    given = ["api-key", "add", "--config", str(settings), "--name", NAME]
    return CliRunner().invoke(command, given).stdout.strip()


@pytest.fixture
def session(settings: Path) -> Iterator[requests.Session]:
    """A neighbour that believes central's authority."""
    with requests.Session() as session:
        session.verify = str(settings.parent / "keys" / "ca.crt")
        session.trust_env = False
        yield session


def test_a_running_central_answers_a_neighbour_over_https(
    running: dict[str, Any], key: str, session: requests.Session
) -> None:
    address = f"https://127.0.0.1:{running['https_port']}/api/v1"
    asked = {"payload": a_document()}
    closed = session.post(f"{address}/verify", json=asked, timeout=PATIENCE_S)
    assert (closed.status_code, closed.json()["code"]) == (401, "no_key")
    session.headers["Authorization"] = f"Bearer {key}"
    found = session.post(f"{address}/verify", json=asked, timeout=PATIENCE_S).json()
    assert (found["verdict"], found["kept"]) == ("valid", True)
    mime = {"Content-Type": "application/json"}
    long = bytes(1024**2 + 1)
    refused = session.post(f"{address}/verify", data=long, headers=mime, timeout=PATIENCE_S)
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
    described = session.get(f"{address}/openapi.json", timeout=PATIENCE_S).json()
    assert described["openapi"] == "3.1.0"


def test_a_key_opens_nothing_at_operations(
    running: dict[str, Any], key: str, session: requests.Session
) -> None:
    said = {"Authorization": f"Bearer {key}"}
    ops = session.post(f"{running['ops']}api/v1/verify", headers=said, timeout=PATIENCE_S)
    assert ops.status_code == 404
