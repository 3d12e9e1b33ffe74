"""The page with the switch: it cuts and restores, for our own form alone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from provisioning.demo.browser import Account
from provisioning.demo.control import ControlServer, create_app
from provisioning.demo.village import Ports, Village

TIMEOUT_S = 5


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    """One whose processes were never started: its switch is there all the same."""
    village = Village(tmp_path, Ports())
    yield village
    village.stop()


@pytest.fixture
def address(village: Village) -> Iterator[str]:
    account = Account("Олена <Коваль>", "вітер сад поле клен")
    control = ControlServer(create_app(village, account, "HC1:SAMPLE"), 0)
    control.start()
    yield control.address
    control.stop()


def turn(address: str, link: str, token: str) -> int:
    fields = {"link": link, "token": token}
    answer = requests.post(f"{address}link", data=fields, allow_redirects=False, timeout=TIMEOUT_S)
    return answer.status_code


def token_at(address: str) -> str:
    found = re.search(
        r'name="token" value="([^"]+)"', requests.get(address, timeout=TIMEOUT_S).text
    )
    assert found is not None
    return found[1]


def test_the_button_cuts_and_restores_the_link(village: Village, address: str) -> None:
    token = token_at(address)
    assert turn(address, "cut", token) == 303
    assert not village.switch.is_on
    assert "Restore the link" in requests.get(address, timeout=TIMEOUT_S).text
    assert turn(address, "restore", token) == 303
    assert village.switch.is_on


def test_another_sites_form_cuts_nothing(village: Village, address: str) -> None:
    assert turn(address, "cut", "") == 403
    assert turn(address, "cut", "a guess") == 403
    assert turn(address, "cut", "здогад") == 403
    assert village.switch.is_on


def test_the_page_tells_how_to_sign_in_and_runs_nothing(address: str) -> None:
    answer = requests.get(address, timeout=TIMEOUT_S)
    assert "Олена &lt;Коваль&gt;" in answer.text
    assert "HC1:SAMPLE" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
