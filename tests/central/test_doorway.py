"""The doorway takes what is signed, answers whom it knows, and turns the rest away."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from central.doorway import SESSION_MS, Doorway
from sync.sim.machines import new_keys
from sync.transport.post import PATH, SESSION
from sync.transport.trunk import FromNode
from sync.wire import bag, messages
from sync.wire.messages import Hello
from sync.wire.sign import sign

KEYS = new_keys(2)
ONE, OTHER = KEYS.nodes


class Visitor:
    """Calls the doorway as a server would."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.put: list[FromNode] = []
        publics = {name: key.public_key() for name, key in KEYS.nodes.items()}
        self.doorway = Doorway(self.put.append, publics.get, lambda: self.now_ms)
        self.doorway.close()  # nothing is kept waiting: a test has no patience

    def post(
        self, body: bytes, token: str | None = None, **more: str
    ) -> tuple[str, str | None, list[bytes]]:
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            said.update(status=status, headers=dict(headers))

        environ: dict[str, Any] = {"PATH_INFO": PATH, "REQUEST_METHOD": "POST"}
        environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
        if token is not None:
            environ["HTTP_NEZLAM_SESSION"] = token
        answer: Iterable[bytes] = self.doorway(environ | more, start)
        return said["status"], said["headers"].get(SESSION), bag.unpack(b"".join(answer))


def hello(node_id: str, signer: str | None = None) -> bytes:
    message = Hello(node_id, b"nonce-08", b"an epoch", ())
    return sign(messages.encode(message), KEYS.nodes[signer or node_id])


def test_what_a_node_signed_goes_in_and_central_s_words_come_out() -> None:
    visitor = Visitor()
    status, token, words = visitor.post(bag.pack([hello(ONE)]))
    assert (status, words) == ("200 OK", [])
    assert visitor.put == [FromNode(ONE, hello(ONE))]
    assert visitor.doorway.send(ONE, b"an ack")
    assert not visitor.doorway.send(OTHER, b"for somebody who was never here")
    assert visitor.post(bag.pack([]), token) == ("200 OK", token, [b"an ack"])
    assert visitor.post(bag.pack([]), token)[2] == []


@pytest.mark.parametrize(
    "brought",
    [
        [hello(ONE, signer=OTHER)],
        [hello(ONE), hello(OTHER)],
        [hello(ONE)[:-1]],
        [b"not a message"],
    ],
)
def test_what_is_not_one_known_node_s_is_refused_whole(brought: list[bytes]) -> None:
    visitor = Visitor()
    assert visitor.post(bag.pack(brought))[0] == "400 Bad Request"
    assert visitor.put == []


def test_nobody_hears_another_s_words_without_its_session() -> None:
    visitor = Visitor()
    visitor.post(bag.pack([hello(ONE)]))
    _, token, _ = visitor.post(bag.pack([hello(OTHER)]))
    visitor.doorway.send(ONE, b"for the one")
    assert visitor.post(bag.pack([]), token)[2] == []
    assert visitor.post(bag.pack([]))[2] == []
    assert visitor.post(bag.pack([]), "guessed")[0] == "400 Bad Request"


def test_a_session_ends_with_silence_and_where_the_node_speaks_elsewhere() -> None:
    visitor = Visitor()
    visitor.post(bag.pack([hello(ONE)]))
    visitor.now_ms = SESSION_MS + 1
    assert not visitor.doorway.send(ONE, b"too late")
    visitor.post(bag.pack([hello(ONE)]))
    visitor.doorway.forget(ONE)
    assert not visitor.doorway.send(ONE, b"by mqtt now")


def test_a_body_of_an_impossible_length_is_not_read() -> None:
    visitor = Visitor()
    for length in ("-1", "much", str(bag.BAG_BYTES_MAX + 1)):
        assert visitor.post(b"", None, CONTENT_LENGTH=length)[0] == "400 Bad Request"
    assert visitor.post(b"\xff")[0] == "400 Bad Request"
    assert visitor.post(b"", None, REQUEST_METHOD="GET")[0] == "404 Not Found"
    assert visitor.post(b"", None, PATH_INFO="/")[0] == "404 Not Found"
