"""Households of all nodes that may be one: found by the rule of the nodes, decided by people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from central.errors import LogRefusedError
from central.store import letters
from central.store.doubles_tables import alike, compared, doubles_answered
from central.store.logged import Logged
from central.store.tables import households, persons
from sync.merge import blocks
from sync.merge.likeness import Facts, Likeness, Person, compare, facts_of
from sync.wire.kinds.doubles import Answer, HouseholdCompared
from sync.wire.kinds.household import HouseholdRegistered

COMPARED_MAX = 300
SHOWN_MAX = 100
_PLACE = ("node_id", "epoch", "lane", "seq")
_KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Question:
    """A pair that staff of a node could not judge. ``asked_at_ms``: Unix, as it came here."""

    about: str
    other: str
    node_id: str
    asked_at_ms: int


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add what staff said among these records."""
    rows = [
        one.place()
        | {"about": record.about, "other": record.other or "", "answer": record.answer}
        | {"compared_at_ms": one.arrived_at_ms}
        for one in logged
        if isinstance(record := one.contents.record, HouseholdCompared) and not one.cloned
    ]
    if rows:
        connection.execute(compared.insert(), rows)


def clear(connection: Connection) -> None:
    for table in (alike, compared):
        connection.execute(table.delete())


def put_keys(
    connection: Connection, found: Iterable[tuple[dict[str, Any], HouseholdRegistered]]
) -> None:
    """Keep households, each named by its place, under the keys by which doubles are found."""
    rows = []
    for place, household in found:
        facts = facts_of(household)
        own = {name: place[name] for name in _PLACE}
        rows += [own | {"key": key} for key in blocks.exact_keys(facts) | blocks.fuzzy_keys(facts)]
    if rows:
        connection.execute(alike.insert(), rows)


def drop_keys(connection: Connection, place: dict[str, Any]) -> None:
    connection.execute(alike.delete().filter_by(**place))


def find(connection: Connection, public_id: str) -> dict[str, Likeness]:
    """Likely doubles among all nodes' households, the most alike first; empty: unknown, or none."""
    ours = _facts(connection, households.c.public_id == public_id).get(public_id)
    if ours is None:
        return {}
    keys = list(blocks.exact_keys(ours) | blocks.sought_keys(ours))
    near: dict[str, Facts] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        near |= _near(connection, keys[start : start + _KEYS_AT_ONCE])
    near.pop(public_id, None)
    likely = {
        name: found for name, theirs in near.items() if (found := compare(ours, theirs)).is_likely
    }
    return dict(sorted(likely.items(), key=lambda item: (-item[1].score, item[0])))


def questions(connection: Connection) -> list[Question]:
    """Pairs that nobody has answered yet, those that wait the longest first."""
    rows = connection.execute(
        select(compared)
        .where(compared.c.answer == Answer.ASK, ~_is_answered())
        .order_by(compared.c.compared_at_ms, compared.c.about, compared.c.other)
        .limit(SHOWN_MAX)
    )
    return [Question(row.about, row.other, row.node_id, row.compared_at_ms) for row in rows]


def answer(connection: Connection, said: HouseholdCompared, now_ms: int) -> list[str]:
    """Central's word on a pair; it goes down to the nodes that registered either of them.

    Raises:
        LogRefusedError: one of them is not here.
    """
    pair = (said.about, said.other or "")
    nodes = [_node_of(connection, one) for one in pair]
    row = {"about": pair[0], "other": pair[1], "answer": said.answer}
    connection.execute(doubles_answered.delete().filter_by(about=pair[0], other=pair[1]))
    connection.execute(
        doubles_answered.insert(),
        row | {"answered_by": said.compared_by, "answered_at_ms": now_ms},
    )
    chosen = list(dict.fromkeys(nodes))
    for node_id in chosen:
        letters.write(connection, node_id, said, now_ms)
    return chosen


def _is_answered() -> Any:
    """By central, or by staff later on; whichever of the two is named first."""
    return or_(
        *(
            select(1)
            .where(
                one.c.answer != Answer.ASK,
                or_(
                    and_(one.c.about == compared.c.about, one.c.other == compared.c.other),
                    and_(one.c.about == compared.c.other, one.c.other == compared.c.about),
                ),
            )
            .correlate(compared)
            .exists()
            for one in (doubles_answered, compared.alias())
        )
    )


def _node_of(connection: Connection, public_id: str) -> str:
    found = select(households.c.node_id).where(households.c.public_id == public_id)
    node_id = connection.execute(found).scalar()
    if node_id is None:
        raise LogRefusedError(f"Central holds no household {public_id}: check the number.")
    return str(node_id)


def _near(connection: Connection, keys: list[int]) -> dict[str, Facts]:
    """Those that share the most of these keys."""
    places = [alike.c[name] for name in _PLACE]
    most = (
        select(*places)
        .where(alike.c.key.in_(keys))
        .group_by(*places)
        .order_by(func.count().desc())
        .limit(COMPARED_MAX)
        .subquery()
    )
    same = and_(*(households.c[name] == most.c[name] for name in _PLACE))
    return _facts(connection, select(1).where(same).correlate(households).exists())


def _facts(connection: Connection, chosen: Any) -> dict[str, Facts]:
    same = and_(*(households.c[name] == persons.c[name] for name in _PLACE))
    rows = connection.execute(
        select(households.c.public_id, households.c.origin, households.c.phone, persons)
        .select_from(households.join(persons, same))
        .where(chosen, households.c.removed.is_(False))
        .order_by(households.c.public_id, persons.c.ordinal)
    )
    found: dict[str, Facts] = {}
    for row in rows:
        known = found.get(row.public_id, Facts((), row.origin, row.phone or ""))
        people = (*known.people, _person(row))
        found[row.public_id] = Facts(people, known.origin, known.phone)
    return found


def _person(row: Any) -> Person:
    return Person(
        row.surname,
        row.given_name,
        row.patronymic or "",
        row.sex or "",
        row.born_on,
        row.tax_number or "",
        row.document or "",
    )
