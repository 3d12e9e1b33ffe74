"""Central's side of MQTT: one connection that hears all nodes and speaks to each."""

from collections.abc import Callable
from dataclasses import dataclass

from sync.core.backoff import Backoff
from sync.transport.dialler import Dialler, Dropped
from sync.transport.line import Caller, Endpoint, Post, Reason, Script
from sync.transport.port import RoadDown, RoadUp
from sync.wire import presence, topics
from sync.wire.errors import WireError
from sync.wire.presence import Presence

QUEUE_BYTES_MAX = 16 * 1024 * 1024  # an ack for each of 30,000 nodes at once, and as much again


@dataclass(frozen=True, slots=True)
class FromNode:
    """Bytes on a node's topic, as they came. Whose they are, only their signature says."""

    node_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A birth or a last will: a hint, possibly late."""

    node_id: str
    presence: Presence


TrunkEvent = RoadUp | RoadDown | FromNode | NodeSeen


class MqttTrunk:
    """Delivers at most once, in no promised order. Never blocks, never raises.

    Attributes:
        foreign: messages dropped because their topic or birth was not of this protocol.
    """

    def __init__(
        self,
        caller: Caller,
        endpoint: Endpoint,
        on_event: Callable[[TrunkEvent], None],
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``now_ms`` is monotonic; ``backoff`` belongs to this trunk alone."""
        self.foreign = 0
        self._on_event = on_event
        script = Script(
            caller,
            subscriptions=(topics.UP_ALL, topics.STATE_ALL),
            queue_bytes_max=QUEUE_BYTES_MAX,
        )
        self._dialler = Dialler(self, script, endpoint, backoff, now_ms)

    @property
    def reason(self) -> Reason | None:
        """Why there is no connection; None while there is one."""
        return self._dialler.reason

    @property
    def dropped(self) -> Dropped:
        """What went nowhere so far."""
        return self._dialler.dropped

    def start(self) -> None:
        self._dialler.start()

    def stop(self) -> None:
        """Take leave; returns within two seconds."""
        self._dialler.stop()

    def send(self, node_id: str, data: bytes) -> None:
        """Hand over for sending. Being lost is normal; the sender will send again."""
        self._dialler.send(Post(topics.down(node_id), data))

    def reconnect(self) -> None:
        """Drop the connection and dial again."""
        self._dialler.reconnect()

    def came_up(self) -> None:
        self._on_event(RoadUp())

    def went_down(self, reason: Reason) -> None:
        self._on_event(RoadDown(reason))

    def heard(self, topic: str, payload: bytes) -> None:
        try:
            event = _read(topic, payload)
        except WireError:
            self.foreign += 1
            return
        self._on_event(event)


def _read(topic: str, payload: bytes) -> FromNode | NodeSeen:
    node_id = topics.node_of(topic)
    if topic == topics.state(node_id):
        return NodeSeen(node_id, presence.decode(payload))
    return FromNode(node_id, payload)
