"""Which eDocuments hold no more: nodes' records say so, or central does."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from central.store.logged import Logged
from central.store.tables import revoked_documents
from central.store.upserts import insert
from sync.wire import revocations
from sync.wire.errors import MalformedError
from sync.wire.kinds.edocument import EDocumentRevoked


def project(connection: Connection, logged: Sequence[Logged]) -> None:
    """Take up the revocations among these records. A number that is none revokes nothing."""
    for one in logged:
        record = one.contents.record
        if isinstance(record, EDocumentRevoked) and not one.cloned and _is_number(record.number):
            revoke(connection, record.number, one.arrived_at_ms, by_central=False)


def clear(connection: Connection) -> None:
    """Forget what the log will tell again."""
    of_log = revoked_documents.c.by_central.is_(False)
    connection.execute(revoked_documents.delete().where(of_log))


def revoke(connection: Connection, number: str, at_ms: int, *, by_central: bool) -> None:
    """Once is for ever. Raises MalformedError: not the number of a document."""
    revocations.list_of(number)
    row = {"number": number, "revoked_at_ms": at_ms, "by_central": by_central}
    connection.execute(insert(connection, revoked_documents).values(**row).on_conflict_do_nothing())


def numbers(connection: Connection) -> list[str]:
    """All of them, in order."""
    asked = select(revoked_documents.c.number).order_by(revoked_documents.c.number)
    return list(connection.execute(asked).scalars())


def _is_number(text: str) -> bool:
    try:
        revocations.list_of(text)
    except MalformedError:
        return False
    return True
