"""A relay makes itself known on the local network, and a laptop finds it there."""

import threading

import pytest

from edge import clock
from edge.lan import Lan

FIND_MS = 20_000


def here() -> list[str]:
    return ["127.0.0.1"]


def test_a_laptop_finds_the_relay_once_it_comes_to_its_network() -> None:
    places: list[str] = []
    centre, laptop = Lan("centre-7", here), Lan("field-7", lambda: list(places))
    try:
        centre.start(port=8317, finds=True)
        laptop.start(port=None, finds=True)
        assert laptop.found == []
        places += here()
        laptop.look()
        give_up_ms, never = clock.monotonic_ms() + FIND_MS, threading.Event()
        while "http://127.0.0.1:8317" not in laptop.found:
            if clock.monotonic_ms() > give_up_ms:
                pytest.fail("not found")
            never.wait(0.05)
        assert "http://127.0.0.1:8317" not in centre.found
    finally:
        laptop.stop()
        centre.stop()
