"""A technician makes a central and its nodes with one command each."""

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from provisioning import clock, enrolment
from provisioning.commands import provision
from provisioning.enrolment import Signing
from provisioning.errors import KeyFileError, NotANameError, OccupiedError
from sync.wire import keys

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    folder = tmp_path_factory.mktemp("safe")
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    made = CliRunner().invoke(
        provision,
        ["authority", "--dir", str(folder / "a"), "--passphrase-file", str(folder / "passphrase")],
    )
    assert made.exit_code == 0, made.output
    return enrolment.open_signing(folder / "a", PASSPHRASE.encode(), clock.now())


def test_a_node_knows_central_and_central_knows_the_node(signing: Signing, tmp_path: Path) -> None:
    now = clock.now()
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1"], now)
    enrolment.enrol_node(tmp_path / "n", "kharkiv-07", tmp_path / "c", signing, now)
    own = keys.read_signing_key((tmp_path / "n" / "signing.key").read_text())
    fleet = keys.read_fleet((tmp_path / "c" / "fleet.json").read_text())
    assert fleet == {"kharkiv-07": own.public_key()}
    known = keys.read_central_keys((tmp_path / "n" / "central.json").read_text())
    central = keys.read_signing_key((tmp_path / "c" / "signing.key").read_text())
    opening = keys.read_opening_key((tmp_path / "c" / "opening.key").read_text())
    assert (known.signing, known.sealing) == (central.public_key(), opening.public())


def test_private_keys_are_readable_by_their_owner_alone(signing: Signing, tmp_path: Path) -> None:
    enrolment.enrol_central(tmp_path / "c", signing, ["localhost"], clock.now())
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "c").glob("*.key")
    }
    assert modes == dict.fromkeys(
        ("broker.key", "central.key", "opening.key", "signing.key"), 0o600
    )


def test_nothing_is_ever_overwritten(signing: Signing, tmp_path: Path) -> None:
    now = clock.now()
    enrolment.enrol_central(tmp_path / "c", signing, ["localhost"], now)
    with pytest.raises(OccupiedError, match="holds keys already"):
        enrolment.enrol_central(tmp_path / "c", signing, ["localhost"], now)
    enrolment.enrol_node(tmp_path / "n", "lviv-1", tmp_path / "c", signing, now)
    with pytest.raises(OccupiedError, match="has a node lviv-1 already"):
        enrolment.enrol_node(tmp_path / "m", "lviv-1", tmp_path / "c", signing, now)
    with pytest.raises(OccupiedError, match="holds keys already"):
        enrolment.enrol_node(tmp_path / "n", "lviv-2", tmp_path / "c", signing, now)


def test_a_name_that_no_broker_could_hold_is_refused_before_anything_is_written(
    signing: Signing, tmp_path: Path
) -> None:
    now = clock.now()
    enrolment.enrol_central(tmp_path / "c", signing, ["localhost"], now)
    with pytest.raises(NotANameError):
        enrolment.enrol_node(tmp_path / "n", "Київ", tmp_path / "c", signing, now)
    assert not (tmp_path / "n").exists()


def test_a_spoiled_fleet_list_is_not_replaced(signing: Signing, tmp_path: Path) -> None:
    now = clock.now()
    enrolment.enrol_central(tmp_path / "c", signing, ["localhost"], now)
    (tmp_path / "c" / "fleet.json").write_text("{")
    with pytest.raises(KeyFileError, match="not a fleet list"):
        enrolment.enrol_node(tmp_path / "n", "lviv-1", tmp_path / "c", signing, now)
    assert (tmp_path / "c" / "fleet.json").read_text() == "{"


def test_the_commands_do_the_same(tmp_path: Path) -> None:
    word = tmp_path / "passphrase"
    word.write_text(PASSPHRASE)
    say = ["--passphrase-file", str(word)]
    at, c, n = (str(tmp_path / name) for name in ("a", "c", "n"))
    for arguments in (
        ["authority", "--dir", at],
        ["central", "--authority", at, "--to", c, "--host", "127.0.0.1"],
        ["enrol", "odesa-3", "--authority", at, "--central", c, "--to", n],
    ):
        result = CliRunner().invoke(provision, [*arguments, *say])
        assert result.exit_code == 0, result.output
    assert list(json.loads((tmp_path / "c" / "fleet.json").read_text())["nodes"]) == ["odesa-3"]
    word.write_text("something else entirely")
    wrong = CliRunner().invoke(
        provision, ["enrol", "x", "--authority", at, "--central", c, "--to", n, *say]
    )
    assert (wrong.exit_code, "does not open issuing.key" in wrong.output) == (1, True)
