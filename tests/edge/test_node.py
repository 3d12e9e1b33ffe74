"""A node's life as a process: what it says, what it leaves, and that it ends when it is asked."""

import json
import resource
import signal
import stat
from pathlib import Path

import psutil
import pytest
import requests

from edge import clock
from edge.config import Config
from provisioning.demo.browser import Account, StaffBrowser
from tests.edge.running import running

ACCOUNT = Account("Олена Коваль", "чотири зелені яблука")
TIMEOUT_S = 10
STOP_MS = 2_000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_node_ends_cleanly_within_two_seconds(config_file: Path, number: int) -> None:
    with running(config_file) as node, requests.Session() as browser:
        assert browser.get(f"{node.address}health", timeout=TIMEOUT_S).text == "ok\n"
        assert json.loads(node.ready.read_text())["web"] == node.address
        began_ms = clock.monotonic_ms()
        code, errors = node.end(number)
        assert clock.monotonic_ms() - began_ms < STOP_MS
    assert (code, "Traceback" in errors, node.ready.exists()) == (0, False, False)


def test_the_setup_code_is_told_until_there_is_an_account_and_never_after(
    config_file: Path,
) -> None:
    with running(config_file) as node:
        node.await_line("one-time code")
        code = node.said.rpartition(" ")[2].strip()
        StaffBrowser(node.address).set_up(ACCOUNT, code)
        _, errors = node.end(signal.SIGTERM)
        assert code not in errors
    with running(config_file) as node:
        StaffBrowser(node.address).sign_in(ACCOUNT)
        node.process.send_signal(signal.SIGTERM)
        rest, _ = node.process.communicate(timeout=TIMEOUT_S)
        assert "one-time code" not in node.said + rest


def test_what_a_node_leaves_is_for_its_own_user_only(config: Config, config_file: Path) -> None:
    with running(config_file) as node:
        node.end(signal.SIGKILL)
    assert stat.S_IMODE(config.data.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in config.data.iterdir()}
    assert {"outbox.db", "lock", "ready.json"} <= modes.keys()
    assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}


def test_a_node_dumps_no_core(config_file: Path) -> None:
    with running(config_file) as node:
        assert psutil.Process(node.process.pid).rlimit(resource.RLIMIT_CORE) == (0, 0)


def test_home_says_that_the_link_is_down_and_the_node_serves_all_the_same(
    config_file: Path,
) -> None:
    with running(config_file) as node:
        node.await_line("one-time code")
        staff = StaffBrowser(node.address)
        staff.set_up(ACCOUNT, node.said.rpartition(" ")[2].strip())
        told = staff.status()
    assert (told["node"], told["link"]["up"], told["unlocked"]) == ("node-7", False, True)
