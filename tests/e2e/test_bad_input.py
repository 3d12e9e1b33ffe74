"""What people and machines get wrong is told in one plain sentence, and costs nobody a record."""

import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from paho.mqtt import publish

from edge.commands import node
from provisioning.demo.browser import Account, PageError, StaffBrowser
from sync.wire import keys, topics
from sync.wire.limits import MESSAGE_BYTES_MAX
from sync.wire.sign import sign
from tests.e2e.centre import ACCOUNT, WAIT_S, Centre

FORTY_MB = 40 * 1024**2
NODE = "demo-1"
NOT_CBOR = (
    b"",
    b"\xff" * 100,
    b"\x81" * 100_000,  # arrays in arrays in arrays
    b"\xbb" + b"\xff" * 8,  # a map of 2**64 - 1 pairs
    b"\x5b\x00\x00\x00\xff\xff\xff\xff\xff",  # a terabyte is announced
    b"\xd8\x1c\x81\xd8\x1d\x00",  # a value that holds itself
    b"\xc4\x82\x1b\x00\x00\x00\x02\x54\x0b\xe4\x00\x01",  # 10 ** 10_000_000_000
    b"\xa2\x01\x02\x01\x03",  # the same key twice
    bytes(range(256)) * (MESSAGE_BYTES_MAX // 256),
)


def run_node(config: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "edge", "node", "run", "--config", str(config)],
        check=False,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
    )


def last_line(done: "subprocess.CompletedProcess[str]") -> str:
    """What it said, if that was one sentence and no trace of the program's inside."""
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("retention_hour = 3", "retention_hour is not a setting; did you mean retention_hours?"),
        ('retention_hours = "3"', "retention_hours must be a whole number, not '3'."),
        ("web = 8300", "web must be a section, [web]."),
        ('time_zone = "Europe/Kiyv"', "time_zone 'Europe/Kiyv' is not known here"),
        ("[web]\nport = 83000", "web.port must be between 0 and 65535, not 83000."),
        ("= 3", "is not written as TOML"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_started(
    tmp_path: Path, line: str, said: str
) -> None:
    config = tmp_path / "node.toml"
    right = f'node = "{NODE}"\ndata = "data"\nkeys = "keys"\nbroker = {{ host = "127.0.0.1" }}\n'
    config.write_text(right + line, "utf-8")
    done = run_node(config)
    assert done.returncode == 2
    assert said in last_line(done)
    assert not (tmp_path / "data").exists()


def test_a_missing_key_and_a_missing_file_are_named(tmp_path: Path) -> None:
    config = tmp_path / "node.toml"
    absent = run_node(config)
    assert (absent.returncode, "check the path" in last_line(absent)) == (2, True)
    config.write_text(
        f'node = "{NODE}"\ndata = "data"\nkeys = "keys"\nbroker = {{ host = "127.0.0.1" }}\n'
    )
    keyless = run_node(config)
    assert keyless.returncode == 1
    assert "signing.key is not a readable signing key: enrol this node anew." in last_line(keyless)


def test_a_port_in_use_is_named_and_the_first_node_serves_on(centre: Centre) -> None:
    config = centre.village.folder / "second.toml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config.write_text(
            f'node = "{NODE}"\ndata = "second"\nkeys = "keys/node"\n'
            f'broker = {{ host = "127.0.0.1" }}\nweb = {{ port = {port} }}\n'
        )
        done = run_node(config)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in last_line(done)
    centre.register(1)


def test_a_second_process_on_the_same_folder_is_turned_away(centre: Centre) -> None:
    done = run_node(centre.village.folder / "node.toml")
    assert done.returncode == 1
    assert "A node already runs on" in last_line(done)
    centre.register(1)


def test_a_wrong_passphrase_opens_nothing_on_the_page_and_in_the_shell(centre: Centre) -> None:
    stranger = StaffBrowser(centre.village.node_address)
    with pytest.raises(PageError, match="answered 422"):
        stranger.sign_in(Account(ACCOUNT.name, "a guess"))
    arguments = ["unlock", "--config", str(centre.village.folder / "node.toml")]
    arguments += ["--name", ACCOUNT.name]
    wrong = CliRunner().invoke(node, arguments, input="another guess\n")
    assert wrong.exit_code == 1
    assert wrong.output.endswith("Error: No account opens with this name and passphrase.\n")
    right = CliRunner().invoke(node, arguments, input=f"{ACCOUNT.passphrase}\n")
    assert (right.exit_code, "Unlocked" in right.output) == (0, True)
    centre.register(1)


def test_forty_megabytes_in_a_field_are_refused_and_the_node_serves_on(centre: Centre) -> None:
    answer = requests.post(
        f"{centre.village.node_address}households",
        data={"note": "ї" * (FORTY_MB // 2)},
        headers={"Accept-Language": "en"},
        timeout=WAIT_S,
    )
    assert answer.status_code == 413
    assert "Nothing was saved: more was sent than a form holds." in answer.text
    centre.register(1)


def test_an_unreadable_certificate_is_told_on_the_page_and_records_wait_for_a_good_one(
    centre: Centre,
) -> None:
    certificate = centre.village.folder / "keys" / "node" / "node.crt"
    good = certificate.read_bytes()
    centre.village.node.stop()
    certificate.write_bytes(b"not a certificate")
    centre.restart_node()
    page = centre.register(1)
    centre.expect(
        "home says what is wrong",
        lambda: "certificate files cannot be read" in centre.staff._get(""),
    )
    assert centre.staff.stage(page) == "saved"
    certificate.write_bytes(good)  # and nobody starts anything again
    centre.expect("the record is confirmed", lambda: centre.staff.stage(page) == "held")


def say(centre: Centre, who: str, name: str, topic: str, payloads: Iterable[bytes]) -> None:
    """Publish as a party that the broker lets in."""
    folder = centre.village.folder / "keys" / who
    publish.multiple(
        [{"topic": topic, "payload": payload, "qos": 1} for payload in payloads],
        hostname="127.0.0.1",
        port=centre.village.broker_port,
        client_id=f"{name}_stranger",
        tls={
            "ca_certs": str(folder / "ca.crt"),
            "certfile": str(folder / f"{name}.crt"),
            "keyfile": str(folder / f"{name}.key"),
        },
    )


def test_malformed_cbor_from_the_broker_is_let_go_and_records_still_arrive(centre: Centre) -> None:
    signing = centre.village.folder / "keys" / "central" / "signing.key"
    central = keys.read_signing_key(signing.read_text("ascii"))
    signed = [sign(payload, central) for payload in NOT_CBOR if len(payload) < MESSAGE_BYTES_MAX]
    before = centre.node_pid()
    say(centre, "central", "central", topics.down(NODE), [*NOT_CBOR, *signed])
    page = centre.register(1)
    centre.expect("the record is confirmed", lambda: centre.staff.stage(page) == "held")
    assert centre.node_pid() == before


def test_malformed_cbor_from_a_node_stops_nobody_at_central(centre: Centre) -> None:
    signing = centre.village.folder / "keys" / "node" / "signing.key"
    own = keys.read_signing_key(signing.read_text("ascii"))
    signed = [sign(payload, own) for payload in NOT_CBOR if len(payload) < MESSAGE_BYTES_MAX]
    say(centre, "node", "node", topics.up(NODE), [*NOT_CBOR, *signed])
    say(centre, "node", "node", topics.state(NODE), NOT_CBOR)
    page = centre.register(1)
    centre.expect("the record is confirmed", lambda: centre.staff.stage(page) == "held")
    assert requests.get(centre.village.ops_address, timeout=WAIT_S).status_code == 200
