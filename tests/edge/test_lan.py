"""A relay makes itself known on the local network, and a laptop finds it there."""

import threading

import pytest

from edge import clock
from edge.lan import Lan

FIND_MS = 20_000


def test_a_laptop_finds_the_relay_and_not_itself() -> None:
    centre, laptop = Lan("centre-7", ["127.0.0.1"]), Lan("field-7", ["127.0.0.1"])
    try:
        centre.start(port=8317, finds=True)
        laptop.start(port=None, finds=True)
        give_up_ms, never = clock.monotonic_ms() + FIND_MS, threading.Event()
        while "http://127.0.0.1:8317" not in laptop.found:
            if clock.monotonic_ms() > give_up_ms:
                pytest.fail("not found")
            never.wait(0.05)
        assert "http://127.0.0.1:8317" not in centre.found
    finally:
        laptop.stop()
        centre.stop()
