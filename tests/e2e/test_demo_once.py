"""nezlam demo: the whole story unattended, and the demo that people look at."""

import json
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest
import requests

from provisioning.demo.commands import USUAL
from tests.daemons import require

TIMEOUT_S = 120
STOP_S = 10
SWITCH = "The link's switch"


@pytest.fixture(autouse=True)
def _broker() -> None:
    require("nats-server")


def demo(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "edge", "demo", *arguments]


def test_the_whole_story_keeps_every_promise() -> None:
    done = subprocess.run(
        demo("--once"), check=False, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    told = json.loads(done.stdout)
    assert told["broken"] == []
    assert (done.returncode, told["everything_confirmed"]) == (0, True)
    assert told["document_verdict"] == "valid"
    assert told["households_in_blackout"] > 0
    assert told["held_in_blackout"] == 0
    assert told["at_central"] == told["households_before"] + told["households_in_blackout"]
    assert 0 < told["bytes_per_record"] < 2_000
    assert "Traceback" not in done.stderr


def told_by(process: "subprocess.Popen[str]") -> dict[str, str]:
    """Read what the demo prints until it says that it stays."""
    told = {}
    assert process.stdout is not None
    for line in process.stdout:
        name, _, value = line.strip().partition("  ")
        told[name.rstrip(":")] = value.strip()
        if "Ctrl-C" in line:
            return told
    raise AssertionError(f"the demo ended with {process.wait()}")


def run_until_ctrl_c(folder: Path, number: int = signal.SIGINT) -> tuple[dict[str, str], int]:
    """Start the demo, count central's households, and end it as a person does."""
    with subprocess.Popen(
        demo("--data", str(folder)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            told = told_by(process)
            assert requests.get(told["The relief centre"], timeout=TIMEOUT_S).status_code == 200
            assert "Cut the link" in requests.get(told[SWITCH], timeout=TIMEOUT_S).text
            children = psutil.Process(process.pid).children(recursive=True)
            count = requests.get(f"{told['Operations']}api/households/count", timeout=TIMEOUT_S)
        finally:
            process.send_signal(number)
        _, errors = process.communicate(timeout=STOP_S)
    assert (process.returncode, "Traceback" in errors) == (0, False)
    assert [child for child in children if child.is_running()] == []
    return told, int(count.json()["count"])


def test_ctrl_c_or_a_closed_terminal_stops_everything_and_the_next_run_goes_on_where_it_was(
    tmp_path: Path,
) -> None:
    first, _ = run_until_ctrl_c(tmp_path)
    second, count = run_until_ctrl_c(tmp_path, signal.SIGHUP)  # the terminal is closed
    assert first["passphrase"] == second["passphrase"]
    assert count == 10


def test_ctrl_c_while_it_starts_leaves_nothing_running(tmp_path: Path) -> None:
    with subprocess.Popen(
        demo("--data", str(tmp_path)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        never, children = threading.Event(), list[psutil.Process]()
        while not children:
            assert process.poll() is None
            never.wait(0.01)
            children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=STOP_S)
    assert (process.returncode, said, "Traceback" in errors) == (0, "Stopping.\n", False)
    assert [child for child in children if child.is_running()] == []


def test_a_port_that_is_taken_is_told_and_another_one_serves(tmp_path: Path) -> None:
    with ExitStack() as held:
        with suppress(OSError):  # somebody has it already, which serves as well
            held.enter_context(socket.create_server(("127.0.0.1", USUAL.control)))
        told, _ = run_until_ctrl_c(tmp_path)
    assert not told[SWITCH].endswith(f":{USUAL.control}/")
    said = f"Port {USUAL.control} is taken by another program: use {told[SWITCH]} instead."
    assert said in told
