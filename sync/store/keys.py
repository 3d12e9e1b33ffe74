"""Accounts as unlockers: a name and a passphrase open a box, and the box opens the desk.

No name lies on the disk. Argon2id (RFC 9106) over name and passphrase gives a look-up id and a
key; the id finds a box, the key opens it, and in the box are the person's name, role and, for
staff, the key of the working set. So to sign in is to unlock, and a stolen disk tells nobody's
name, not even whether a guessed name is right.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlite_utils import Database, Migrations

from sync.store.errors import WrongPassphraseError
from sync.wire import cbor
from sync.wire.seal import OpeningKey, SealingKey, new_opening_key

migrations = Migrations("keys")

KEY_BYTES = 32
_SALT_BYTES, _NONCE_BYTES = 16, 12
_AT_ONCE = 2  # derivations at the same time: each takes its memory


@migrations()
def m001_keys(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE boxes (
            id  BLOB PRIMARY KEY, -- from name and passphrase; tells neither
            box BLOB NOT NULL     -- nonce, then name, role and key, encrypted
        ) STRICT;
        CREATE TABLE desk (
            one     INTEGER PRIMARY KEY CHECK (one = 1),
            salt    BLOB NOT NULL, -- of this node's derivations
            public  BLOB,          -- segment keys are sealed to it
            private BLOB           -- its other half, under the working set's key
        ) STRICT;
        """
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs whoever guesses. The default takes about 0.2 s on a small machine."""

    memory_kib: int = 64 * 1024
    passes: int = 3


class Role(StrEnum):
    """What an account opens."""

    STAFF = "staff"  # the working set: may search and read
    INTAKE = "intake"  # nothing: may write and verify only, drop-box mode


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Opened:
    """What a sign-in gives; ``working_key`` only to staff."""

    account: Account
    working_key: bytes | None = field(repr=False)


class Boxes:
    """The boxes on the disk. Every method may be called from any thread.

    ``run`` commits a job (``Writer.run``); ``chance(n)`` gives n unguessable bytes.
    """

    def __init__(
        self,
        run: Callable[[Callable[[Database], object]], object],
        reader: Database,
        chance: Callable[[int], bytes],
        cost: Cost,
    ) -> None:
        self._run = run
        self._reader = reader
        self._reading = threading.Lock()
        self._chance = chance
        self._cost = cost
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def any(self) -> bool:
        return self._one("SELECT 1 FROM boxes") is not None

    def put(self, account: Account, passphrase: str, working_key: bytes | None) -> None:
        """Add an account; the same name and passphrase again replace its box."""
        name, key = self._derive(account.name, passphrase)
        nonce = self._chance(_NONCE_BYTES)
        content = cbor.encode([account.name, account.role.value, working_key])
        box = nonce + ChaCha20Poly1305(key).encrypt(nonce, content, name)
        self._run(
            lambda db: db.conn.execute("INSERT OR REPLACE INTO boxes VALUES (?, ?)", (name, box))
        )

    def open(self, name: str, passphrase: str) -> Opened:
        """Raises WrongPassphraseError; it takes as long whether the name exists or not."""
        box_id, key = self._derive(name, passphrase)
        row = self._one("SELECT box FROM boxes WHERE id = ?", box_id)
        if row is None:
            raise WrongPassphraseError("no account opens with this name and passphrase")
        box = bytes(row[0])
        try:
            content = ChaCha20Poly1305(key).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], box_id)
        except InvalidTag as error:
            raise WrongPassphraseError("the account's box was altered on the disk") from error
        name, role, working_key = cbor.decode(content, len(content))
        return Opened(Account(name, Role(role)), working_key)

    def desk(self) -> SealingKey | None:
        """The desk's public half; None before the first account."""
        row = self._one("SELECT public FROM desk WHERE public IS NOT NULL")
        return None if row is None else SealingKey(bytes(row[0]))

    def make_desk(self, working_key: bytes) -> OpeningKey:
        """Draw the desk key and lock its private half under the working set's key."""
        opening, nonce = new_opening_key(), self._chance(_NONCE_BYTES)
        locked = nonce + _desk_cipher(working_key).encrypt(nonce, opening.seed, None)
        public = opening.public().raw
        self._salt()
        self._run(
            lambda db: db.conn.execute("UPDATE desk SET public = ?, private = ?", (public, locked))
        )
        return opening

    def open_desk(self, working_key: bytes) -> OpeningKey:
        """Raises WrongPassphraseError when the key is not that of this desk."""
        row = self._one("SELECT private FROM desk WHERE private IS NOT NULL")
        locked = bytes(row[0]) if row else b""
        try:
            seed = _desk_cipher(working_key).decrypt(
                locked[:_NONCE_BYTES], locked[_NONCE_BYTES:], None
            )
        except (InvalidTag, ValueError) as error:
            raise WrongPassphraseError("this account is not of this desk") from error
        return OpeningKey(seed)

    def new_working_key(self) -> bytes:
        return self._chance(KEY_BYTES)

    def _derive(self, name: str, passphrase: str) -> tuple[bytes, bytes]:
        secret = cbor.encode([" ".join(name.split()).casefold(), passphrase])
        salt = self._salt()
        with self._turns:
            raw = hash_secret_raw(
                secret,
                salt,
                time_cost=self._cost.passes,
                memory_cost=self._cost.memory_kib,
                parallelism=1,
                hash_len=2 * KEY_BYTES,
                type=Type.ID,
            )
        return raw[:KEY_BYTES], raw[KEY_BYTES:]

    def _salt(self) -> bytes:
        fresh = self._chance(_SALT_BYTES)
        if (row := self._one("SELECT salt FROM desk")) is None:
            self._run(
                lambda db: db.conn.execute(
                    "INSERT INTO desk (one, salt) VALUES (1, ?) ON CONFLICT DO NOTHING", (fresh,)
                )
            )
            row = self._one("SELECT salt FROM desk")
        assert row is not None
        return bytes(row[0])

    def _one(self, sql: str, *values: bytes) -> tuple[bytes, ...] | None:
        with self._reading:
            row: tuple[bytes, ...] | None = self._reader.conn.execute(sql, values).fetchone()
        return row


def _desk_cipher(working_key: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDFExpand(SHA256(), KEY_BYTES, b"nezlam desk").derive(working_key))
