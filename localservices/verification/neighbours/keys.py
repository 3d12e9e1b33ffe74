"""The keys of neighbours' verifiers: drawn at random, shown once, kept as hashes in one file."""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

FILE = "api-keys.json"
KEYS_MAX = 100
NAME_CHARS_MAX = 80
_FILE_BYTES_MAX = 1024 * 1024
_FORM = re.compile(r"nezlam_([0-9a-f]{16})_[0-9a-f]{64}", re.ASCII)


class KeysError(Exception):
    """The keys cannot be used or changed so. ``str(error)`` is a sentence for the technician."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key: not the key. Days are those of UTC.

    Attributes:
        until: the last day on which it serves; None: it serves until it is removed.
        used_on: the last day on which it was used; None: it never was.
    """

    key_id: str
    name: str
    sha256: bytes = field(repr=False)
    made_ms: int
    until: date | None = None
    used_on: date | None = None

    def is_over_at(self, now_ms: int) -> bool:
        return self.until is not None and _day(now_ms) > self.until

    def plain(self) -> dict[str, str | None]:
        """What a technician is shown."""
        return {
            "name": self.name,
            "made": _day(self.made_ms).isoformat(),
            "until": _text(self.until),
            "used": _text(self.used_on),
        }


class ApiKeys:
    """Any thread and any process may call: who writes holds the folder meanwhile."""

    def __init__(self, folder: Path) -> None:
        """``folder`` need not be there before the first key is."""
        self._folder, self._path = folder, folder / FILE

    def add(self, name: str, until: date | None, now_ms: int) -> str:
        """Draw a key and give it; nobody can read it here again. Raises KeysError."""
        name = " ".join(name.split())
        if not name.isprintable() or not 0 < len(name) <= NAME_CHARS_MAX:
            raise KeysError(f"A key's name has 1 to {NAME_CHARS_MAX} characters.")
        if until is not None and until < _day(now_ms):
            raise KeysError(f"{until} is over: give a day to come.")
        key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
        text = f"nezlam_{key_id}_{secret}"
        with self._turn():
            known = self.all()
            if any(key.name == name for key in known):
                raise KeysError(f"There is a key named {name!r}: remove it, or give another name.")
            if len(known) >= KEYS_MAX:
                raise KeysError(f"There are {KEYS_MAX} keys: remove those that nobody uses.")
            self._write([*known, ApiKey(key_id, name, _hash(text), now_ms, until)])
        return text

    def remove(self, name: str) -> None:
        """From the next request on it opens nothing. Raises KeysError."""
        with self._turn():
            known = self.all()
            left = [key for key in known if key.name != name]
            if len(left) == len(known):
                raise KeysError(f"There is no key named {name!r}.")
            self._write(left)

    def all(self) -> Sequence[ApiKey]:
        """The oldest first. Raises KeysError."""
        try:
            with self._path.open("rb") as file:
                told = json.loads(file.read(_FILE_BYTES_MAX))
            return [_read(one) for one in told["keys"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeysError(
                f"{self._path} cannot be read: put back a copy, or remove it and make new keys."
            ) from error

    def holder(self, text: str, now_ms: int) -> ApiKey | None:
        """Whose key this is, by now used today; None: nobody's, or over. Raises KeysError."""
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        # The first part only names the key. All that is secret is compared in constant time.
        found = next((key for key in self.all() if key.key_id == form[1]), None)
        if found is None or not hmac.compare_digest(found.sha256, _hash(text)):
            return None
        if found.is_over_at(now_ms):
            return None
        if found.used_on != _day(now_ms):
            self._mark(found, _day(now_ms))
        return found

    def _mark(self, used: ApiKey, today: date) -> None:
        with suppress(KeysError), self._turn():  # a full disk keeps nobody from being answered
            self._write(
                [
                    replace(key, used_on=today) if key.key_id == used.key_id else key
                    for key in self.all()
                ]
            )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise self._unwritten(error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _write(self, known: Sequence[ApiKey]) -> None:
        """Whole or not at all, for our own user only."""
        draft = self._path.with_suffix(".draft")
        try:
            draft.unlink(missing_ok=True)  # of a process that was killed
            draft.touch(0o600)
            with draft.open("wb") as file:
                file.write(json.dumps({"keys": [_plain(key) for key in known]}, indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> KeysError:
        return KeysError(f"{self._path} cannot be written ({error.strerror}): check the folder.")


def _hash(text: str) -> bytes:
    # A plain hash serves: nobody can try 2^256 keys. A slow one is for what people choose.
    return hashlib.sha256(text.encode("ascii")).digest()


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.key_id,
        "name": key.name,
        "sha256": key.sha256.hex(),
        "made_ms": key.made_ms,
        "until": _text(key.until),
        "used_on": _text(key.used_on),
    }


def _read(told: dict[str, Any]) -> ApiKey:
    """Raises KeyError, TypeError, ValueError."""
    until, used_on = (
        None if told[name] is None else date.fromisoformat(told[name])
        for name in ("until", "used_on")
    )
    sha256 = bytes.fromhex(told["sha256"])
    return ApiKey(str(told["id"]), str(told["name"]), sha256, int(told["made_ms"]), until, used_on)
