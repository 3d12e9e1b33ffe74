"""Records and their bodies: frozen facts to plain values and back, by the kind's own fields."""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Protocol, Union, cast, get_args, get_origin, get_type_hints

from sync.wire import cbor
from sync.wire.errors import KindError
from sync.wire.kinds.alert import (
    AlertAcknowledged,
    AlertIssued,
    CentrePlaced,
    NewsPublished,
)
from sync.wire.kinds.answers import CommandDone, CommandGiven, MessageSent, RecordDecided
from sync.wire.kinds.application import OF_LANE
from sync.wire.kinds.document import DocumentChecked
from sync.wire.kinds.doubles import HouseholdCompared
from sync.wire.kinds.edocument import EDocumentIssued, EDocumentRevoked
from sync.wire.kinds.evidence import EvidenceGiven, SightingGiven, WitnessGiven
from sync.wire.kinds.hazard import HazardDetailed, HazardReported, HazardSettled
from sync.wire.kinds.health import NodeHealth
from sync.wire.kinds.household import HouseholdEdited, HouseholdRegistered, HouseholdShared
from sync.wire.kinds.keys import KeyRotated
from sync.wire.kinds.media import MediaChunk, MediaFile
from sync.wire.kinds.registry import RegistryKeyGiven
from sync.wire.lanes import Lane

_DAY_ZERO = date(1970, 1, 1).toordinal()
_AS_THEY_ARE = frozenset((str, int, bool, bytes, NoneType))


class Record(Protocol):
    """A fact. Frozen; a correction is a new record, never an edit."""

    kind: ClassVar[str]
    lane: ClassVar[Lane]
    retention_hours: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


KINDS: dict[str, type[Record]] = {
    cls.kind: cls
    for cls in cast(
        "tuple[type[Record], ...]",
        (
            HouseholdRegistered,
            DocumentChecked,
            MediaFile,
            MediaChunk,
            NodeHealth,
            RecordDecided,
            MessageSent,
            CommandGiven,
            CommandDone,
            KeyRotated,
            HouseholdEdited,
            HouseholdShared,
            EDocumentIssued,
            EDocumentRevoked,
            RegistryKeyGiven,
            *OF_LANE.values(),
            HazardReported,
            HazardDetailed,
            HazardSettled,
            AlertIssued,
            AlertAcknowledged,
            NewsPublished,
            CentrePlaced,
            HouseholdCompared,
            EvidenceGiven,
            SightingGiven,
            WitnessGiven,
        ),
    )
}


def to_body(record: Record) -> dict[str, Any]:
    """Give the record's fields as plain values; fields at their default are left out.

    A date becomes its days since 1970-01-01, a nested dataclass a map, a tuple a list. Maps are in
    the order of deterministic CBOR.
    """
    return _map(record)


def from_body(kind: str, body: object) -> Record:
    """Build the record that ``to_body`` gave.

    Raises:
        KindError: an unknown kind, or a body that is not one of its records.
    """
    cls = KINDS.get(kind)
    if cls is None:
        raise KindError(f"unknown kind {kind[:40]!r}")
    return cast(Record, _build(cls, body))


def _map(value: Any) -> dict[str, Any]:
    cls: type = type(value)
    body = {}
    for name, default in _defaults(cls):
        inner = getattr(value, name)
        if inner != default:
            body[name] = inner if type(inner) in _AS_THEY_ARE else _plain(inner)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.toordinal() - _DAY_ZERO
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _map(value) if is_dataclass(value) else value


@cache
def _defaults(cls: type) -> tuple[tuple[str, Any], ...]:
    """Each field with what it is left out for, in CBOR's order; MISSING is equal to no value."""
    hints = map(str, _hints(cls).values())
    assert not any("float" in hint for hint in hints), "numbers travel as whole ones"
    found = sorted(fields(cls), key=lambda field: cbor.map_order(field.name))
    return tuple((field.name, field.default) for field in found)


def _build(cls: type, body: object) -> object:
    if not isinstance(body, Mapping):
        raise KindError(f"{cls.__name__} is not a map")
    hints = _hints(cls)
    if unknown := body.keys() - hints.keys():
        raise KindError(f"{cls.__name__} has no field {min(map(str, unknown))[:40]!r}")
    values = {name: _typed(hints[name], value, name) for name, value in body.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise KindError(f"{cls.__name__} lacks a field") from error


@cache
def _hints(cls: type) -> dict[str, Any]:
    names = {field.name for field in fields(cls)}
    return {name: hint for name, hint in get_type_hints(cls).items() if name in names}


def _typed(hint: Any, value: object, name: str) -> object:
    """Give ``value`` as the type that the field declares, or refuse it."""
    if get_origin(hint) in (UnionType, Union):
        if value is None:
            return None
        [hint] = [arm for arm in get_args(hint) if arm is not NoneType]
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_typed(get_args(hint)[0], item, name) for item in value)
    if is_dataclass(hint):
        return _build(cast(type, hint), value)
    if hint is date and type(value) is int:
        return _date(value, name)
    if type(value) is hint:
        return value
    raise KindError(f"field {name!r} is not of its type")


def _date(days: int, name: str) -> date:
    try:
        return date.fromordinal(days + _DAY_ZERO)
    except (ValueError, OverflowError) as error:
        raise KindError(f"field {name!r} is not a date") from error
