"""The MQTT topic names and the node ids in them: one function each, and the way back."""

import hashlib
import re

from sync.wire.errors import MalformedError
from sync.wire.limits import NODE_ID_CHARS_MAX

SHARDS = 64
UP_ALL = "nezlam/1/up/#"
STATE_ALL = "nezlam/1/state/+"

_NODE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def check_node_id(node_id: str) -> str:
    """Give ``node_id`` back if it is a DNS label: it names topics, certificates and rules.

    Raises:
        MalformedError: empty, too long, or holds a dot, a capital or anything stranger.
    """
    if len(node_id) > NODE_ID_CHARS_MAX or not _NODE_ID.fullmatch(node_id):
        raise MalformedError(
            f"a node id has 1 to {NODE_ID_CHARS_MAX} letters a-z, digits and inner hyphens"
        )
    return node_id


def shard(node_id: str) -> int:
    """Which of central's workers serves this node: keeps one node's messages in order."""
    return hashlib.sha256(node_id.encode()).digest()[0] % SHARDS


def up(node_id: str) -> str:
    return f"nezlam/1/up/{shard(node_id)}/{node_id}"


def down(node_id: str) -> str:
    return f"nezlam/1/down/{node_id}"


def state(node_id: str) -> str:
    return f"nezlam/1/state/{node_id}"


def node_of(topic: str) -> str:
    """Give the node id that ends an ``up`` or ``state`` topic.

    Raises:
        MalformedError: not a topic of ours.
    """
    parts = topic.split("/")
    match parts:
        case ["nezlam", "1", "up", _, node_id] if topic == up(check_node_id(node_id)):
            return node_id
        case ["nezlam", "1", "state", node_id]:
            return check_node_id(node_id)
        case _:
            raise MalformedError("not a topic of this protocol")
