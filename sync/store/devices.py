"""The phones that may send to this node, and which of their submissions were filed already.

Of a device's secret only its two hashes are kept (HA1 of RFC 7616): this must be readable while
everything else is locked. Whoever takes the disk could send as that device, and read nothing.
"""

from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from sync.store.store import Receipt, Store
from sync.store.writer import Writer
from sync.wire.records import Record

SEEN_EVERY_MS = 60_000  # the list says when a device came last, to the minute

migrations = Migrations("devices")


@migrations()
def m001_devices(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE devices (
            username   TEXT PRIMARY KEY,
            name       TEXT NOT NULL,
            ha1_md5    TEXT NOT NULL,
            ha1_sha256 TEXT NOT NULL,
            added_ms   INTEGER NOT NULL,
            seen_ms    INTEGER,
            revoked_ms INTEGER
        ) STRICT;
        CREATE TABLE filed ( -- outlives the records: a phone may send again months later
            once      BLOB PRIMARY KEY,
            public_id TEXT NOT NULL,
            content   BLOB NOT NULL -- SHA-256 of the submission, whose instance id nobody guesses
        ) STRICT, WITHOUT ROWID;
        """
    )


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept of a device's secret: lower-case hexadecimal hashes."""

    ha1_md5: str
    ha1_sha256: str


@dataclass(frozen=True, slots=True)
class Device:
    """A phone. Times are Unix milliseconds; None: never."""

    username: str
    name: str  # what staff call it
    added_ms: int
    seen_ms: int | None = None
    revoked_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A submission that became a record."""

    public_id: str
    content: bytes  # SHA-256
    repeated: bool  # it was here before


class Devices:
    """Every method may be called from any thread."""

    def __init__(self, store: Store, writer: Writer) -> None:
        """``writer`` is the store's own."""
        self._store, self._writer = store, writer

    def add(self, device: Device, secret: Secret) -> None:
        """Raises StoreFullError, StoreFailedError: it was not added."""
        values = (device.username, device.name, secret.ha1_md5, secret.ha1_sha256, device.added_ms)

        def job(db: Database) -> None:
            db.conn.execute(
                "INSERT INTO devices (username, name, ha1_md5, ha1_sha256, added_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                values,
            )

        self._writer.run(job)

    def revoke(self, username: str, at_ms: int) -> None:
        """From now on the device is a stranger; its secret is forgotten."""

        def job(db: Database) -> None:
            db.conn.execute(
                "UPDATE devices SET revoked_ms = ?, ha1_md5 = '', ha1_sha256 = ''"
                " WHERE username = ? AND revoked_ms IS NULL",
                (at_ms, username),
            )

        self._writer.run(job)

    def see(self, username: str, at_ms: int) -> None:
        """Note that a device came; at most once a minute, or when the clock was put back."""
        known = next((one for one in self.all() if one.username == username), None)
        if known is None or (
            known.seen_ms is not None and 0 <= at_ms - known.seen_ms < SEEN_EVERY_MS
        ):
            return

        def job(db: Database) -> None:
            db.conn.execute("UPDATE devices SET seen_ms = ? WHERE username = ?", (at_ms, username))

        self._writer.run(job)

    def secret_of(self, username: str) -> Secret | None:
        """None: no such device, or it was revoked."""

        def question(db: Database) -> Secret | None:
            row = db.conn.execute(
                "SELECT ha1_md5, ha1_sha256 FROM devices WHERE username = ? AND revoked_ms IS NULL",
                (username,),
            ).fetchone()
            return Secret(*row) if row else None

        return self._store.look(question)

    def all(self) -> list[Device]:
        """The newest first."""

        def question(db: Database) -> list[Device]:
            rows = db.conn.execute(
                "SELECT username, name, added_ms, seen_ms, revoked_ms FROM devices"
                " ORDER BY added_ms DESC, username"
            ).fetchall()
            return [Device(*row) for row in rows]

        return self._store.look(question)

    def file(self, record: Record, once: bytes, content: bytes) -> Filed:
        """Write a submission's record, once for ever; says what was filed under ``once``.

        Raises:
            StoreFullError, StoreFailedError: nothing was saved.
        """
        known = self._filed(once)
        if known is not None:
            return known

        def enter(db: Database, receipts: list[Receipt]) -> None:
            db.conn.execute(
                "INSERT OR IGNORE INTO filed (once, public_id, content) VALUES (?, ?, ?)",
                (once, receipts[-1].public_id, content),
            )

        [receipt] = self._store.write_together([(record, once)], enter)
        if receipt.repeated and (other := self._filed(once)) is not None:
            return other
        return Filed(receipt.public_id, content, repeated=receipt.repeated)

    def _filed(self, once: bytes) -> Filed | None:
        def question(db: Database) -> Filed | None:
            row = db.conn.execute(
                "SELECT public_id, content FROM filed WHERE once = ?", (once,)
            ).fetchone()
            return Filed(row[0], row[1], repeated=True) if row else None

        return self._store.look(question)
