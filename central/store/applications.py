"""What people applied for, and what they claim by a receipt while its record is not here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from central.store.application_tables import applications, claims
from central.store.logged import Logged
from central.store.upserts import insert
from sync.wire import cbor
from sync.wire.kinds.application import ApplicationFiled
from sync.wire.places import public_id
from sync.wire.records import to_body

SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """What a receipt proves. ``filed_since`` and ``filed`` are as the receipt says them."""

    public_id: str
    record_sha256: bytes
    service: str
    title: str
    filed_since: str
    filed: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Known:
    """An application. ``is_here`` False: only its receipt was shown."""

    public_id: str
    service: str
    filed: str  # by the receipt, or empty
    filed_at_ms: int | None  # by the record
    is_here: bool
    is_claimed: bool
    is_other: bool  # the record that is here is not the one of the receipt


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Add the applications among these records."""
    rows = [
        {
            **one.place(),
            "public_id": public_id(one.node_id, one.stream, one.seq),
            "service": record.service,
            "form": record.form,
            "submission": record.submission,
            "record_sha256": hashlib.sha256(cbor.encode(to_body(record))).digest(),
            "filed_by": record.filed_by,
            "household": record.household,
            "filed_at_ms": None if one.contents.stamp is None else one.contents.stamp.reading_ms,
        }
        for one in logged
        if isinstance(record := one.contents.record, ApplicationFiled) and not one.cloned
    ]
    if rows:
        connection.execute(applications.insert(), rows)


def clear(connection: Connection) -> None:
    """Claims stay: no record tells them again."""
    connection.execute(applications.delete())


def claim(connection: Connection, made: Claim, now_ms: int) -> bool:
    """Keep what a receipt proves; False: it was shown before."""
    row = {name: getattr(made, name) for name in Claim.__slots__} | {"claimed_at_ms": now_ms}
    fresh = insert(connection, claims).values(row).on_conflict_do_nothing()
    return connection.execute(fresh.returning(claims.c.public_id)).first() is not None


def newest(connection: Connection, service: str | None = None) -> list[Known]:
    """The newest first: by record and by receipt, each application once."""
    here = select(applications).order_by(applications.c.filed_at_ms.desc()).limit(SHOWN_MAX)
    shown = select(claims).order_by(claims.c.claimed_at_ms.desc()).limit(SHOWN_MAX)
    if service is not None:
        here = here.where(applications.c.service == service)
        shown = shown.where(claims.c.service == service)
    records = {row.public_id: row for row in connection.execute(here)}
    receipts = {row.public_id: row for row in connection.execute(shown)}
    names = [*(name for name in receipts if name not in records), *records]
    return [_known(name, records, receipts) for name in names]


def _known(name: str, records: Mapping[str, object], receipts: Mapping[str, object]) -> Known:
    record, receipt = records.get(name), receipts.get(name)
    of_record = getattr(record, "record_sha256", None)
    of_receipt = getattr(receipt, "record_sha256", None)
    return Known(
        public_id=name,
        service=str(getattr(record or receipt, "service", "")),
        filed=str(getattr(receipt, "filed", "")),
        filed_at_ms=getattr(record, "filed_at_ms", None),
        is_here=record is not None,
        is_claimed=receipt is not None,
        is_other=None not in (of_record, of_receipt) and of_record != of_receipt,
    )
