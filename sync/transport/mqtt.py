"""The node's MQTT road: what happens becomes an event on the pump's queue, and no more."""

from collections.abc import Callable

from sync.core.backoff import Backoff
from sync.transport.dialler import Dialler, Dropped
from sync.transport.line import Caller, Endpoint, Post, Reason, Script
from sync.transport.port import Received, RoadDown, RoadEvent, RoadUp
from sync.wire import presence, topics
from sync.wire.presence import Presence


class MqttRoad:
    """A ``sync.transport.port.Road``. Events come on the road's own thread, in order."""

    def __init__(
        self,
        caller: Caller,
        epoch: bytes,
        endpoint: Endpoint,
        on_event: Callable[[RoadEvent], None],
        backoff: Backoff,
        now_ms: Callable[[], int],
    ) -> None:
        """``epoch`` rides in birth and last will. ``now_ms`` is monotonic."""
        self._up = topics.up(caller.name)
        self._on_event = on_event
        script = Script(
            caller,
            subscriptions=(topics.down(caller.name),),
            birth=_state(caller.name, epoch, up=True),
            farewell=_state(caller.name, epoch, up=False),
        )
        self._dialler = Dialler(self, script, endpoint, backoff, now_ms)

    @property
    def reason(self) -> Reason | None:
        """Why the road is closed; None while it is open."""
        return self._dialler.reason

    @property
    def dropped(self) -> Dropped:
        """What went nowhere so far."""
        return self._dialler.dropped

    def start(self) -> None:
        """Begin to dial, for ever, on a thread of its own."""
        self._dialler.start()

    def stop(self) -> None:
        """Take leave; returns within two seconds."""
        self._dialler.stop()

    def send(self, data: bytes) -> None:
        self._dialler.send(Post(self._up, data))

    def reconnect(self) -> None:
        self._dialler.reconnect()

    def came_up(self) -> None:
        self._on_event(RoadUp())

    def went_down(self, reason: Reason) -> None:
        self._on_event(RoadDown(reason))

    def heard(self, topic: str, payload: bytes) -> None:  # noqa: ARG002  only one is subscribed
        self._on_event(Received(payload))


def _state(node_id: str, epoch: bytes, *, up: bool) -> Post:
    return Post(topics.state(node_id), presence.encode(Presence(epoch, up)))
