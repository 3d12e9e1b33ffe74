"""The switch really cuts: sockets die, nobody gets through, and bytes are counted."""

import socket
import threading
from collections.abc import Iterator

import pytest

from provisioning.demo.switch import Switch

TIMEOUT_S = 5


@pytest.fixture
def far_end() -> Iterator[socket.socket]:
    """A server that says everything back."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=echo, args=(server,), daemon=True).start()
    yield server
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def echo(server: socket.socket) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=say_back, args=(line,), daemon=True).start()


def say_back(line: socket.socket) -> None:
    with line:
        try:
            while data := line.recv(4096):
                line.sendall(data)
        except OSError:
            return


@pytest.fixture
def switch(far_end: socket.socket) -> Iterator[Switch]:
    switch = Switch()
    switch.aim(far_end.getsockname()[1])
    yield switch
    switch.close()


def dial(switch: Switch) -> socket.socket:
    return socket.create_connection(("127.0.0.1", switch.port), TIMEOUT_S)


def test_what_goes_through_is_counted_both_ways(switch: Switch) -> None:
    with dial(switch) as line:
        line.sendall(b"12345")
        assert line.recv(100) == b"12345"
    assert (switch.is_on, switch.up_bytes, switch.down_bytes) == (True, 5, 5)


def test_a_cut_kills_the_sockets_and_lets_nobody_in(switch: Switch) -> None:
    with dial(switch) as line:
        line.sendall(b"1")
        assert line.recv(1) == b"1"
        switch.cut()
        with pytest.raises(ConnectionResetError):
            line.recv(1)
        with pytest.raises(ConnectionRefusedError):
            dial(switch)
    assert not switch.is_on


def test_a_restored_link_is_at_the_same_port_and_carries_again(switch: Switch) -> None:
    port = switch.port
    for _ in range(3):
        switch.cut()
        switch.cut()
        switch.restore()
        switch.restore()
        assert switch.port == port
        with dial(switch) as line:
            line.sendall(b"again")
            assert line.recv(100) == b"again"


def test_a_dead_far_end_is_a_dead_link(switch: Switch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as once:
        switch.aim(once.getsockname()[1])
    with pytest.raises(ConnectionResetError), dial(switch) as line:
        line.recv(1)


def test_closing_twice_is_closing(switch: Switch) -> None:
    switch.close()
    switch.close()
