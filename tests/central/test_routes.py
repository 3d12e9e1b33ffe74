"""Ways back to nodes that only a relay reaches."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.routes import RELAYS_MAX, ROUTE_MS, Routes
from sync.wire import messages
from sync.wire.carried import Carried, Parcel
from sync.wire.sign import sign, verified

KEY = Ed25519PrivateKey.generate()


class Post:
    def __init__(self) -> None:
        self.now_ms = 0
        self.sent: list[tuple[str, bytes]] = []
        self.routes = Routes(
            lambda node_id, data: self.sent.append((node_id, data)),
            lambda carried: sign(messages.encode(carried), KEY),
            lambda: self.now_ms,
        )

    def say(self, node_id: str, data: bytes) -> list[str]:
        """Who got it."""
        self.sent.clear()
        self.routes.send(node_id, data)
        return [to for to, _ in self.sent]


@pytest.fixture
def post() -> Post:
    return Post()


def test_a_node_that_nobody_carried_is_spoken_to_itself(post: Post) -> None:
    assert post.say("field-1", b"ack") == ["field-1"]


def test_a_node_that_a_relay_carried_is_spoken_to_by_both_ways(post: Post) -> None:
    post.routes.carried("centre-1", "field-1")
    assert post.say("field-1", b"ack") == ["field-1", "centre-1"]
    carried = messages.decode(verified(post.sent[1][1], KEY.public_key()))
    assert carried == Carried("centre-1", (Parcel("field-1", b"ack"),))
    assert post.say("centre-1", b"ack") == ["centre-1"]


def test_a_way_closes_with_time_and_when_the_node_speaks_itself(post: Post) -> None:
    post.routes.carried("centre-1", "field-1")
    post.now_ms = ROUTE_MS
    assert post.say("field-1", b"ack") == ["field-1"]
    post.routes.carried("centre-1", "field-1")
    post.routes.heard("field-1")
    assert post.say("field-1", b"ack") == ["field-1"]


def test_the_latest_relays_are_kept(post: Post) -> None:
    for number in range(RELAYS_MAX + 2):
        post.routes.carried(f"centre-{number}", "field-1")
    post.routes.carried("centre-2", "field-1")
    assert post.say("field-1", b"ack") == ["field-1", "centre-3", "centre-4", "centre-2"]
