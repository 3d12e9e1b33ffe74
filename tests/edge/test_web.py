"""The server around the pages: bodies in memory, an end at once, one sentence for a taken port."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from flask import Flask, request

from edge import clock
from edge.web import PortError, WebServer
from localservices.limits import BODY_BYTES_MAX

TIMEOUT_S = 10


@contextmanager
def serving(page: Callable[[], str], host: str = "127.0.0.1") -> Iterator[str]:
    app = Flask(__name__)
    app.add_url_rule("/", "page", page, methods=["GET", "POST"])
    server = WebServer(app, host, 0)
    server.start()
    try:
        yield server.address
    finally:
        server.stop()


def length() -> str:
    return str(len(request.get_data()))


def test_a_body_is_read_whole_up_to_the_bound_and_nothing_of_a_longer_one_is_kept() -> None:
    with serving(length) as address:
        for size, kept in ((0, 0), (BODY_BYTES_MAX, BODY_BYTES_MAX), (2 * BODY_BYTES_MAX, 0)):
            answer = requests.post(address, data=bytes(size), timeout=TIMEOUT_S)
            assert int(answer.text) == kept


def test_a_body_that_does_not_say_its_length_is_refused() -> None:
    with serving(length) as address:
        answer = requests.post(address, data=iter([b"a", b"b"]), timeout=TIMEOUT_S)
        assert answer.status_code == 400


def test_a_name_with_several_addresses_is_served() -> None:
    with serving(length, "localhost") as address:
        assert requests.get(address, timeout=TIMEOUT_S).text == "0"


def test_an_address_of_the_newer_internet_is_served() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with serving(length, "::1") as address:
        assert address.startswith("http://[::1]:")
        assert requests.get(address, timeout=TIMEOUT_S).text == "0"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_a_place_that_is_not_ours_is_one_sentence(host: str) -> None:
    with pytest.raises(PortError, match=r"cannot be served at .*: set web.host, web.port"):
        WebServer(Flask(__name__), host, 0)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"Port {port} of 127.0.0.1 is in use: stop"):
            WebServer(Flask(__name__), "127.0.0.1", port)


def test_it_ends_at_once_though_browsers_keep_their_lines_open() -> None:
    with requests.Session() as browser:
        with serving(length) as address:
            assert browser.get(address, timeout=TIMEOUT_S).text == "0"
            began_ms = clock.monotonic_ms()
        assert clock.monotonic_ms() - began_ms < 1_000


def test_what_is_being_answered_at_the_end_is_still_answered() -> None:
    arrived, leave = threading.Event(), threading.Event()

    def slow() -> str:
        arrived.set()
        assert leave.wait(TIMEOUT_S)
        return "saved"

    said: list[str] = []
    with serving(slow) as address:
        asking = threading.Thread(
            target=lambda: said.append(requests.get(address, timeout=TIMEOUT_S).text)
        )
        asking.start()
        assert arrived.wait(TIMEOUT_S)
        threading.Timer(0.1, leave.set).start()
    asking.join(TIMEOUT_S)
    assert said == ["saved"]
