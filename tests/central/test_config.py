"""Settings that are wrong are told in one sentence that says what to change."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from central import config as configs
from central.commands import central
from central.errors import KeysError
from central.fleet import Fleet
from sync.settings import SettingsError

GOOD = 'data = "data"\nkeys = "keys"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "central.toml"
    path.write_text(text, "utf-8")
    return path


def test_two_lines_are_enough(tmp_path: Path) -> None:
    config = configs.read(written(tmp_path, GOOD))
    assert config.data == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'central.db'}"
    assert (config.broker.kind, config.ops.host) == ("nats", "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('data = "d"', "keys is missing"),
        (GOOD + 'brocker = "nats"', "brocker is not a setting; did you mean broker?"),
        (GOOD + '[broker]\nhots = "x"', "broker.hots is not a setting; did you mean host?"),
        (GOOD + "zzz = 1", "zzz is not a setting; known are data, keys"),
        (GOOD + '[ops]\nport = "8400"', "ops.port must be a whole number, not '8400'"),
        (GOOD + "[ops]\nport = true", "ops.port must be a whole number, not True"),
        (GOOD + "[ops]\nport = 99999", "ops.port must be between 0 and 65535"),
        (GOOD + 'broker = "nats"', "broker must be a section, [broker]"),
        (GOOD + '[broker]\nkind = "emqx"', "broker.kind must be one of nats, mosquitto, external"),
        (GOOD + '[broker]\nkind = "external"\nport = 0', "broker.port must say where"),
        (GOOD + '[ops]\nhost = "0.0.0.0"', "ops.host 0.0.0.0 lets other machines look"),
        (GOOD + '[ops]\nhost = "central.lan"', "set ops.passphrase_file"),
        (GOOD + 'time_zone = "Kyiv"', "time_zone 'Kyiv' is not known here"),
        ("data = ", "is not written as TOML"),
        ("\x00", "is not written as TOML"),
        ("#" * 100_000, "is far too large"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as raised:
        configs.read(written(tmp_path, text))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value).replace(text, "")


def test_the_command_says_the_same_and_nothing_more(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + "colour = 1")
    result = CliRunner().invoke(central, ["run", "--config", str(path)])
    assert result.exit_code == 2
    assert "colour is not a setting" in result.output
    assert "Traceback" not in result.output


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(central, ["status", "--config", str(tmp_path / "no.toml")])
    assert (result.exit_code, "cannot be read (No such file" in result.output) == (2, True)


def test_missing_keys_are_said_before_anything_starts(tmp_path: Path) -> None:
    result = CliRunner().invoke(central, ["run", "--config", str(written(tmp_path, GOOD))])
    assert (result.exit_code, "fleet.json is not a readable fleet list" in result.output) == (
        1,
        True,
    )


def test_a_page_for_other_machines_has_a_passphrase(tmp_path: Path) -> None:
    text = GOOD + '[ops]\nhost = "0.0.0.0"\npassphrase_file = "ops.txt"\n'
    assert configs.read(written(tmp_path, text)).ops.passphrase_file == tmp_path / "ops.txt"


def test_a_fleet_list_that_changes_is_read_again_and_a_spoiled_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text('{"nodes": {}}')
    fleet = Fleet(path)
    assert (fleet.nodes, fleet.refresh()) == (frozenset(), False)
    path.write_text("spoiled by half")
    assert fleet.refresh() is False
    assert fleet.nodes == frozenset()
    with pytest.raises(KeysError, match="is not a readable fleet list"):
        Fleet(path)
