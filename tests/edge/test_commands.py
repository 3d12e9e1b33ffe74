"""``nezlam node``: status, unlock and wipe, as a technician types them."""

import json
import signal
from pathlib import Path

from click.testing import CliRunner, Result

from edge import clock
from edge.commands import node as command
from edge.config import Config
from provisioning.demo.browser import Account, StaffBrowser
from provisioning.demo.people import Sample
from tests.edge.running import Running, running

ACCOUNT = Account("Олена Коваль", "чотири зелені яблука")


def ask(config_file: Path, *arguments: str, typed: str = "") -> Result:
    name, *rest = arguments
    given = [name, "--config", str(config_file), *rest]
    return CliRunner().invoke(command, given, input=typed)


def work(node: Running) -> None:
    """Make the first account, and register a household."""
    node.await_line("one-time code")
    staff = StaffBrowser(node.address)
    staff.set_up(ACCOUNT, node.said.rpartition(" ")[2].strip())
    staff.register(Sample(1).fields())


def test_status_tells_lanes_whether_the_node_runs_or_not(config_file: Path) -> None:
    before = ask(config_file, "status", "--json")
    assert before.exit_code == 1
    said = json.loads(before.stdout)
    until_ms = said.pop("certificate")["until_ms"]
    off = {"node": "node-7", "running": False, "web": None, "lanes": {}, "progress": None}
    assert said == off
    assert until_ms > clock.wall_ms()
    with running(config_file) as node:
        work(node)
        told = ask(config_file, "status", "--json")
        assert told.exit_code == 0
        found = json.loads(told.stdout)
        assert (found["running"], found["web"]) == (True, node.address)
        assert found["lanes"]["people"] == {"written": 1, "held": 0, "waiting": 1}
        node.end(signal.SIGKILL)
    after = ask(config_file, "status")
    assert after.exit_code == 1
    assert "node-7 is off" in after.output
    assert "people: 0 of 1 at central" in after.output


def test_status_of_a_spoiled_outbox_is_one_sentence(config: Config, config_file: Path) -> None:
    config.data.mkdir()
    (config.data / "outbox.db").write_bytes(b"not a database" * 100)
    told = ask(config_file, "status")
    assert told.exit_code == 1
    assert "outbox.db cannot be read: file is not a database." in told.output


def test_unlock_needs_a_running_node_and_the_right_passphrase(config_file: Path) -> None:
    off = ask(config_file, "unlock", "--name", ACCOUNT.name, typed=ACCOUNT.passphrase)
    assert (off.exit_code, "The node does not run" in off.output) == (1, True)
    with running(config_file) as node:
        work(node)
        wrong = ask(config_file, "unlock", "--name", ACCOUNT.name, typed="something else\n")
        assert (wrong.exit_code, "No account opens" in wrong.output) == (1, True)
        typed = f"{ACCOUNT.passphrase}\n"
        right = ask(config_file, "unlock", "--name", ACCOUNT.name, typed=typed)
        assert (right.exit_code, "Unlocked" in right.output) == (0, True)
        assert ACCOUNT.passphrase not in right.output


def test_a_wrong_setting_is_used_wrongly(config_file: Path) -> None:
    config_file.write_text(f"wbe = 1\n{config_file.read_text()}")
    for name in ("run", "status", "unlock", "wipe"):
        told = ask(config_file, name, typed="x\n")
        assert told.exit_code == 2
        assert "wbe is not a setting; did you mean web?" in told.output


def own_keys(config_file: Path, enrolled: Path) -> Path:
    """A copy of the keys, for they will be destroyed."""
    folder = config_file.parent / "keys"
    folder.mkdir()
    for path in enrolled.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config_file.write_text(config_file.read_text().replace(str(enrolled), "keys"))
    return folder


def test_wipe_touches_nothing_unless_the_nodes_id_is_typed(
    config: Config, config_file: Path, enrolled: Path
) -> None:
    own_keys(config_file, enrolled)
    with running(config_file) as node:
        told = ask(config_file, "wipe", typed="node-8\n")
        assert (told.exit_code, "nothing was touched" in told.output) == (1, True)
        assert node.process.poll() is None
    assert (config.data / "outbox.db").exists()


def test_wipe_ends_the_node_and_leaves_no_key_and_no_data_within_a_second(
    config: Config, config_file: Path, enrolled: Path
) -> None:
    keys = own_keys(config_file, enrolled)
    with running(config_file) as node:
        work(node)
        began_ms = clock.monotonic_ms()
        told = ask(config_file, "wipe", typed="node-7\n")
        assert clock.monotonic_ms() - began_ms < 1_000
        assert told.exit_code == 0, told.output
        assert node.process.wait(5) == -signal.SIGKILL
    assert not (keys / "signing.key").exists()
    assert not (keys / "node.key").exists()
    assert list(config.data.iterdir()) == []


def test_wipe_kills_nobody_who_has_a_dead_nodes_number(
    config_file: Path, config: Config, enrolled: Path, tmp_path: Path
) -> None:
    own_keys(config_file, enrolled)
    with running(config_file) as node:
        node.end(signal.SIGKILL)
    other = tmp_path / "other"
    other.mkdir()
    other_file = other / "node.toml"
    other_file.write_text(config_file.read_text().replace('"keys"', f'"{enrolled}"'))
    with running(other_file) as bystander:
        told = {"pid": bystander.process.pid, "web": "", "node": "node-7"}
        (config.data / "ready.json").write_text(json.dumps(told))
        assert ask(config_file, "wipe", "--yes").exit_code == 0
        assert bystander.process.poll() is None
