"""Generated households as the records and the JSON that go over a measured link."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from edge.bench import households
from sync.wire import records
from sync.wire.kinds.household import HouseholdRegistered, Member
from sync.wire.layout.dictionary import Dictionary
from sync.wire.layout.training import Sample, train

SEED = 1
_TRAINING_SEED, _NODES, _OF_EACH = 1000, 50, 200  # others, from whom a dictionary is trained


def bodies(count: int) -> Iterator[dict[str, Any]]:
    """The same ones each time."""
    return (drawn.body for drawn in households.households(SEED, count))


def as_json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def as_record(body: dict[str, Any]) -> HouseholdRegistered:
    """What the form has no field for stands in its texts, so that nothing is left out."""
    return HouseholdRegistered(
        members=tuple(_member(member) for member in body["members"]),
        origin=body["origin"],
        shelter=f"{body['shelter']}: {body['place']}, {body['address']}",
        consent=body["consent"],
        registered_by=body["registered_by"],
        displaced_on=date.fromisoformat(body["displaced_on"]),
        phone=body["phone"],
        needs=tuple(body["needs"]),
        note=" ".join(filter(None, (body["iban"], body.get("note")))),
    )


def _member(told: dict[str, Any]) -> Member:
    document = told["document"]
    return Member(
        surname=told["surname"],
        given_name=told["given_name"],
        patronymic=told["patronymic"],
        sex=told["sex"],
        born_on=date.fromisoformat(told["born_on"]),
        relation=told.get("relation"),
        tax_number=told["tax_number"],
        document=f"{document['type']} {document['number']}",
    )


def dictionary() -> Dictionary:
    """What the catalogue of a country would have brought to both ends long before."""
    samples = [
        Sample(f"node-{node}", records.to_body(as_record(drawn.body)))
        for node in range(_NODES)
        for drawn in households.households(_TRAINING_SEED + node, _OF_EACH)
    ]
    return train(HouseholdRegistered.kind, samples, [households.katottg()])
