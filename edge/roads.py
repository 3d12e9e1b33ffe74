"""The roads of a node that lead to central by themselves, as its settings name them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from edge import clock, identity
from edge.config import Config, Https
from sync.core.backoff import Backoff
from sync.transport.line import Caller, Endpoint
from sync.transport.mqtt import MqttRoad
from sync.transport.port import RoadEvent
from sync.transport.post import Door, PostRoad
from sync.transport.roads import Roads, Way
from sync.transport.tls import TlsFiles
from sync.wire import knock
from sync.wire.knock import Knock
from sync.wire.sign import SigningKey, sign

MQTT, HTTPS = "mqtt", "https"

OnEvent = Callable[[RoadEvent], None]


@dataclass(frozen=True, slots=True)
class Built:
    """All roads as one, and the one that can say why it is closed."""

    roads: Roads
    mqtt: MqttRoad


def build(config: Config, signing: SigningKey, epoch: bytes, on_event: OnEvent) -> Built:
    """Nothing runs yet. ``epoch`` rides in MQTT's birth and last will."""
    costs = {MQTT: config.broker.cost}
    if config.https is not None:
        costs[HTTPS] = config.https.cost
    roads = Roads(costs, on_event, clock.monotonic_ms)
    built: list[MqttRoad] = []

    def mqtt(tell: OnEvent) -> Way:
        built.append(_mqtt(config, epoch, tell))
        return built[0]

    roads.add(MQTT, mqtt)
    if (https := config.https) is not None:
        roads.add(HTTPS, lambda tell: _https(config, https, signing, tell))
    return Built(roads, built[0])


def _mqtt(config: Config, epoch: bytes, tell: OnEvent) -> MqttRoad:
    files = TlsFiles(config.keys / "ca.crt", config.keys / "node.crt", config.keys / "node.key")
    caller = Caller(config.node, identity.caller_secret(config.data / "caller"))
    endpoint = Endpoint(config.broker.host, config.broker.port, files)
    return MqttRoad(caller, epoch, endpoint, tell, _backoff(), clock.monotonic_ms)


def _https(config: Config, https: Https, signing: SigningKey, tell: OnEvent) -> PostRoad:
    def answer(challenge: bytes) -> bytes:
        return sign(knock.encode(Knock(config.node, challenge)), signing)

    authority = None if https.public else https.authority or config.keys / "ca.crt"
    door = Door(https.url, authority, https.proxy)
    return PostRoad(door, answer, tell, _backoff(), clock.monotonic_ms)


def _backoff() -> Backoff:
    return Backoff(random.SystemRandom().random)
