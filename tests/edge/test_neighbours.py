"""A neighbour's verifier asks a real node that has no link, with a key from its command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from edge import clock
from edge.commands import node as command
from tests.edge.running import running
from tests.localservices.verification.issuing import Issuer

NAME = "Straż Graniczna"


def ask(config_file: Path, *arguments: str) -> Result:
    name, *rest = arguments
    given = ["api-key", name, "--config", str(config_file), *rest]
    return CliRunner().invoke(command, given)


def a_key(config_file: Path, *more: str) -> str:
    done = ask(config_file, "add", "--name", NAME, *more)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_a_key_is_shown_once_listed_without_its_secret_and_taken_back(config_file: Path) -> None:
    key = a_key(config_file, "--until", "2099-12-31")
    secret = key.rpartition("_")[2]
    listed = ask(config_file, "list")
    assert f"{NAME}: made " in listed.output
    assert "serves until 2099-12-31, used never" in listed.output
    [told] = json.loads(ask(config_file, "list", "--json").stdout)["keys"]
    assert (told["name"], told["until"], told["used"]) == (NAME, "2099-12-31", None)
    assert secret not in listed.output + str(told)
    assert ask(config_file, "remove", "--name", NAME).exit_code == 0
    assert json.loads(ask(config_file, "list", "--json").stdout) == {"keys": []}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (("add", "--name", NAME), 1, "There is a key named"),
        (("add", "--name", "x", "--until", "2001-01-01"), 1, "2001-01-01 is over"),
        (("add", "--name", "x", "--until", "soon"), 2, "Invalid value for '--until'"),
        (("add",), 2, "Missing option '--name'"),
        (("remove", "--name", "nobody"), 1, "There is no key named 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    config_file: Path, arguments: tuple[str, ...], exit_code: int, says: str
) -> None:
    a_key(config_file)
    told = ask(config_file, *arguments)
    assert (told.exit_code, says in told.output) == (exit_code, True), told.output


def test_a_node_with_no_link_answers_a_neighbour(config_file: Path, tmp_path: Path) -> None:
    now = datetime.fromtimestamp(clock.wall_ms() / 1000, UTC)
    issuer = Issuer(ends=now + timedelta(days=9))
    (tmp_path / "issuer.der").write_bytes(issuer.der)
    config_file.write_text(f'trust_list = "issuer.der"\n{config_file.read_text("utf-8")}', "utf-8")
    text = issuer.issue(
        issued=int((now - timedelta(days=1)).timestamp()),
        expires=int((now + timedelta(days=1)).timestamp()),
    )
    key = a_key(config_file)
    with running(config_file) as node:
        address, asked = f"{node.address.strip()}api/v1/verify", {"payload": text}
        said = {"Authorization": f"Bearer {key}"}
        found = requests.post(address, json=asked, headers=said, timeout=30)
        assert found.status_code == 200, found.text
        assert (found.json()["format"], found.json()["kept"]) == ("hcert", True)
        assert (found.json()["verdict"], found.json()["reason"]) == ("valid", "valid")
        assert ask(config_file, "remove", "--name", NAME).exit_code == 0
        taken_back = requests.post(address, json=asked, headers=said, timeout=30)
        assert taken_back.status_code == 401
        node.process.terminate()
        _, logged = node.process.communicate(timeout=30)
    assert key not in logged
    assert "Лисенко" not in logged
