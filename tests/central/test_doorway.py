"""The doorway takes what known nodes bring, answers whom it knows, and turns the rest away."""

import base64
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from central.doorway import Doorway
from central.sessions import BURST_BYTES, CHALLENGE_MS, SESSION_MS
from sync.sim.machines import new_keys
from sync.transport.post import CHALLENGE, KNOCK, PATH, SESSION
from sync.transport.trunk import FromNode
from sync.wire import bag, knock, messages
from sync.wire.errors import WireError
from sync.wire.knock import Knock
from sync.wire.messages import Hello
from sync.wire.sign import sign

KEYS = new_keys(2)
ONE, OTHER = KEYS.nodes
EMPTY = bag.pack([])


class Visitor:
    """Calls the doorway as a server would."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.put: list[FromNode] = []
        self.publics = {name: key.public_key() for name, key in KEYS.nodes.items()}
        self.doorway = Doorway(self.put.append, self.publics.get, lambda: self.now_ms)
        self.doorway.close()  # nothing is kept waiting: a test has no patience

    def post(
        self, body: bytes, headers: dict[str, str] | None = None, **more: str
    ) -> tuple[int, dict[str, str], list[bytes]]:
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            said.update(status=int(status[:3]), headers=dict(headers))

        environ: dict[str, Any] = {"PATH_INFO": PATH, "REQUEST_METHOD": "POST"}
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
        for name, value in (headers or {}).items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        answer: Iterable[bytes] = self.doorway(environ | more, start)
        return said["status"], said["headers"], bag.unpack(b"".join(answer))

    def challenge(self) -> bytes:
        status, headers, _ = self.post(EMPTY)
        assert status == 401
        return bytes.fromhex(headers[CHALLENGE])

    def knock(self, signed: bytes) -> tuple[int, str | None]:
        text = base64.urlsafe_b64encode(signed).decode()
        status, headers, _ = self.post(EMPTY, {KNOCK: text})
        return status, headers.get(SESSION)

    def enter(self, node_id: str) -> dict[str, str]:
        status, token = self.knock(a_knock(node_id, self.challenge()))
        assert status == 200
        assert token
        return {SESSION: token}


def a_knock(node_id: str, challenge: bytes, signer: str | None = None) -> bytes:
    return sign(knock.encode(Knock(node_id, challenge)), KEYS.nodes[signer or node_id])


def hello(node_id: str) -> bytes:
    return sign(messages.encode(Hello(node_id, b"nonce-08", b"an epoch", ())), KEYS.nodes[node_id])


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_what_a_node_brings_goes_in_and_central_s_words_come_out(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    assert visitor.post(bag.pack([hello(ONE)]), token)[0] == 200
    assert visitor.put == [FromNode(ONE, hello(ONE))]
    assert visitor.doorway.send(ONE, b"an ack")
    assert not visitor.doorway.send(OTHER, b"for somebody who was never here")
    assert visitor.post(EMPTY, token)[2] == [b"an ack"]
    assert visitor.post(EMPTY, token)[2] == []


def test_a_stranger_s_body_is_not_even_read(visitor: Visitor) -> None:
    assert visitor.post(bag.pack([hello(ONE)]))[0] == 401
    assert visitor.post(bag.pack([hello(ONE)]), {SESSION: "guessed"})[0] == 401
    assert visitor.put == []


def test_a_message_seen_elsewhere_opens_nothing(visitor: Visitor) -> None:
    visitor.challenge()
    assert visitor.knock(hello(ONE)) == (403, None)


def test_an_old_foreign_or_forged_knock_opens_nothing(visitor: Visitor) -> None:
    challenge = visitor.challenge()
    for signed in (
        a_knock(ONE, challenge, signer=OTHER),
        a_knock(ONE, bytes(len(challenge))),
        a_knock(ONE, challenge[:-1] + bytes([challenge[-1] ^ 1])),
        a_knock(ONE, challenge)[:-1],
        b"not a knock",
    ):
        assert visitor.knock(signed) == (403, None)
    visitor.now_ms = CHALLENGE_MS + 1
    assert visitor.knock(a_knock(ONE, challenge)) == (403, None)
    assert visitor.post(EMPTY, {KNOCK: "no base64 ü"})[0] == 403


def test_a_knock_is_no_message_and_a_message_no_knock(visitor: Visitor) -> None:
    with pytest.raises(WireError):
        messages.decode(knock.encode(Knock(ONE, visitor.challenge())))
    with pytest.raises(WireError):
        knock.decode(messages.encode(Hello(ONE, b"nonce-08", b"an epoch", ())))


def test_nobody_hears_another_s_words(visitor: Visitor) -> None:
    one, other = visitor.enter(ONE), visitor.enter(OTHER)
    visitor.post(bag.pack([hello(ONE)]), one)
    visitor.doorway.send(ONE, b"for the one")
    assert visitor.post(EMPTY, other)[2] == []
    assert visitor.post(EMPTY)[2] == []
    assert visitor.post(EMPTY, one)[2] == [b"for the one"]


def test_a_session_ends_with_silence(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    visitor.post(bag.pack([hello(ONE)]), token)
    visitor.now_ms = SESSION_MS + 1
    assert not visitor.doorway.send(ONE, b"too late")
    assert visitor.post(EMPTY, token)[0] == 401


def test_words_go_the_other_way_while_the_node_speaks_there(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    visitor.post(bag.pack([hello(ONE)]), token)
    visitor.doorway.forget(ONE)
    assert not visitor.doorway.send(ONE, b"by mqtt now")
    assert visitor.post(EMPTY, token)[0] == 200
    assert not visitor.doorway.send(ONE, b"it only listens")
    visitor.post(bag.pack([hello(ONE)]), token)
    assert visitor.doorway.send(ONE, b"here again")


def test_a_node_struck_off_the_list_is_out_at_once(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    del visitor.publics[ONE]
    assert visitor.post(bag.pack([hello(ONE)]), token)[0] == 401
    assert visitor.put == []


def test_a_node_that_floods_is_slowed_down(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    body = bag.pack([bytes(200_000)])
    statuses = [visitor.post(body, token)[0] for _ in range(BURST_BYTES // 200_000 + 1)]
    assert statuses[:-1] == [200] * (len(statuses) - 1)
    assert statuses[-1] == 429
    visitor.now_ms += 60_000
    assert visitor.post(body, token)[0] == 200


def test_a_body_of_an_impossible_length_is_not_read(visitor: Visitor) -> None:
    token = visitor.enter(ONE)
    for length in ("-1", "much", "", "٣", str(bag.BAG_BYTES_MAX + 1)):
        assert visitor.post(b"", token, CONTENT_LENGTH=length)[0] == 400
    assert visitor.post(b"\xff", token)[0] == 400
    assert visitor.post(EMPTY, token, REQUEST_METHOD="GET")[0] == 404
    assert visitor.post(EMPTY, token, PATH_INFO="/")[0] == 404
