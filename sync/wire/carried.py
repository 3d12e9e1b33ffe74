"""A parcel on somebody else's road: signed messages of others, which the carrier cannot read."""

from dataclasses import dataclass
from typing import Any

from sync.wire import fields
from sync.wire.topics import check_node_id


@dataclass(frozen=True, slots=True)
class Parcel:
    """One signed message as it was made: a node's on its way up, or central's to that node."""

    node_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Carried:
    """Messages of other nodes that ``node_id`` carries: up as a relay, down to be handed on."""

    node_id: str
    parcels: tuple[Parcel, ...]


def parts(carried: Carried) -> list[Any]:
    return [carried.node_id, [[p.node_id, p.message] for p in carried.parcels]]


def read(node_id: Any, parcels: Any) -> Carried:
    return Carried(
        check_node_id(node_id),
        tuple(
            Parcel(check_node_id(owner), fields.to_bytes(message))
            for owner, message in fields.few(parcels)
        ),
    )
