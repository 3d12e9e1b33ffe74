"""A node's settings: what need not be said, and what is said wrongly, in one sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import config as configs
from edge.config import BrokerAddress, Config, Web
from sync import settings
from sync.settings import SettingsError

LEAST = 'node = "node-7"\ndata = "data"\nkeys = "/safe/keys"\n[broker]\nhost = "b.example.org"\n'


def read(folder: Path, text: str) -> Config:
    path = folder / "node.toml"
    path.write_text(text, "utf-8")
    return configs.read(path)


def test_what_need_not_be_said_is_right_for_most_nodes(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert config == Config(
        node="node-7",
        broker=BrokerAddress("b.example.org", 8883),
        data=tmp_path / "data",
        keys=Path("/safe/keys"),
        web=Web("127.0.0.1", 8300),
    )
    assert config.title == "node-7"
    assert (config.retention_hours, config.trust_list) == (72, None)


def test_a_name_is_for_people(tmp_path: Path) -> None:
    assert read(tmp_path, f'name = "Вокзал"\n{LEAST}').title == "Вокзал"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"dat = 1\n{LEAST}", "dat is not a setting; did you mean data?"),
        (f"{LEAST}prot = 1", "broker.prot is not a setting; did you mean port?"),
        (f"{LEAST}zzz = 1", "broker.zzz is not a setting; known are host, port, cost."),
        (f"{LEAST}port = true", "broker.port must be a whole number, not True."),
        (f"{LEAST}port = -1", "broker.port must be between 0 and 65535, not -1."),
        (LEAST.replace('"data"', "7"), "data must be a path, not 7."),
        (LEAST.replace("node-7", "Вокзал"), "node cannot be 'Вокзал'"),
        (f'time_zone = "../etc"\n{LEAST}', "time_zone '../etc' is not known here"),
        (LEAST.replace('keys = "/safe/keys"\n', ""), "keys is missing; every file must say it."),
        (LEAST.replace('host = "b.example.org"\n', ""), "broker.host is missing"),
        ("node = ", "is not written as TOML"),
        ("#" * settings.FILE_BYTES_MAX + "#", "is far too large for a settings file."),
    ],
)
def test_what_is_wrong_is_named_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "node.toml"))
    assert "\n" not in str(refused.value)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_file_whatever_is_in_it_makes_another_error(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.toml"
    path.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    with pytest.raises(SettingsError):
        configs.read(path)
