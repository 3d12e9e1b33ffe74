"""Households and their people as tables, from the records that registered them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from central.store import doubles
from central.store.logged import Logged
from central.store.tables import households, persons
from sync.wire.kinds.household import HouseholdRegistered
from sync.wire.places import public_id


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add the households among these records."""
    found = [
        (one, one.contents.record)
        for one in logged
        if isinstance(one.contents.record, HouseholdRegistered) and not one.cloned
    ]
    if found:
        connection.execute(households.insert(), [_household_row(*pair) for pair in found])
        put_people(connection, [(one.place(), household) for one, household in found])


def put_people(
    connection: Connection, found: Iterable[tuple[dict[str, Any], HouseholdRegistered]]
) -> None:
    """Add people to households, each of which is named by its place."""
    found = list(found)
    doubles.put_keys(connection, found)
    rows = [row for place, household in found for row in _person_rows(place, household)]
    if rows:
        connection.execute(persons.insert(), rows)


def values(household: HouseholdRegistered) -> dict[str, Any]:
    """What the columns say of the household itself."""
    return {
        "size": len(household.members),
        "origin": household.origin,
        "shelter": household.shelter,
        "consent": household.consent,
        "registered_by": household.registered_by,
        "displaced_on": household.displaced_on,
        "phone": household.phone,
        "needs": json.dumps(household.needs, ensure_ascii=False),
        "note": household.note,
    }


def _household_row(logged: Logged, household: HouseholdRegistered) -> dict[str, Any]:
    stamp = logged.contents.stamp
    return {
        **logged.place(),
        "public_id": public_id(logged.node_id, logged.stream, logged.seq),
        "registered_at_ms": None if stamp is None else stamp.reading_ms,
        **values(household),
    }


def _person_rows(place: dict[str, Any], household: HouseholdRegistered) -> Iterable[dict[str, Any]]:
    for ordinal, member in enumerate(household.members):
        yield {
            **place,
            "ordinal": ordinal,
            "surname": member.surname,
            "given_name": member.given_name,
            "patronymic": member.patronymic,
            "sex": member.sex,
            "born_on": member.born_on,
            "relation": member.relation,
            "tax_number": member.tax_number,
            "document": member.document,
        }
