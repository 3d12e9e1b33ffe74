"""Dictionaries for batches: trained from what nodes wrote, kept as long as a message needs them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from central.errors import DictionaryFileError, LogRefusedError
from central.store.database import Database
from central.store.tables import records
from sync.wire import entries
from sync.wire.errors import WireError
from sync.wire.layout import dictionary as dictionaries
from sync.wire.layout.dictionary import Dictionary
from sync.wire.layout.training import Sample, train

RECORDS_MAX = 20_000  # that one is trained from, the newest
RECORDS_MIN = 200  # from fewer nothing is learned that holds for others
ENDING = ".dictionary"


@dataclass(frozen=True, slots=True)
class Trained:
    """A dictionary that was made, and from how many records of how many nodes."""

    dictionary: Dictionary
    records: int
    nodes: int


class DictionaryFolder:
    """Dictionaries by name, each a file. They are never deleted: kept messages need them.

    Any thread may ask.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, Dictionary] = {}

    def get(self, name: bytes) -> Dictionary | None:
        """None: it is not here, or spoiled."""
        if name not in self._known:
            with suppress(OSError, WireError):
                found = dictionaries.decode(self._path(name).read_bytes())
                if found.name == name:
                    self._known[name] = found
        return self._known.get(name)

    def keep(self, dictionary: Dictionary) -> Path:
        """Give its file, on the disk. Raises DictionaryFileError."""
        path = self._path(dictionary.name)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(".draft")
            with draft.open("wb") as file:
                file.write(dictionary.encoded)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise DictionaryFileError(
                f"{self._folder} cannot be written ({error.strerror}): check that it has room."
            ) from error
        self._known[dictionary.name] = dictionary
        return path

    def all(self) -> Iterator[Dictionary]:
        for path in sorted(self._folder.glob(f"*{ENDING}")):
            with suppress(ValueError):
                if (found := self.get(bytes.fromhex(path.stem))) is not None:
                    yield found

    def _path(self, name: bytes) -> Path:
        return self._folder / f"{name.hex()}{ENDING}"


def copy_missing(source: DictionaryFolder, target: DictionaryFolder) -> None:
    """Bring all of one folder to another. Raises DictionaryFileError."""
    for dictionary in source.all():
        if target.get(dictionary.name) is None:
            target.keep(dictionary)


def train_from(database: Database, kind: str, public: Sequence[Sequence[str]]) -> Trained:
    """Learn from the newest records of a kind.

    Raises:
        LogRefusedError: too few of them.
        LogError: the database does not answer.
    """
    samples: list[Sample] = []
    newest = (
        select(records.c.node_id, records.c.entry)
        .where(records.c.kind == kind, records.c.entry.is_not(None))
        .order_by(records.c.position.desc())
        .limit(RECORDS_MAX)
    )
    with database.reading() as connection:
        for node_id, entry in connection.execute(newest):
            with suppress(WireError):
                samples.append(Sample(node_id, entries.decode(entry).body))
    if len(samples) < RECORDS_MIN:
        raise LogRefusedError(
            f"Central holds {len(samples)} records of {kind}: with {RECORDS_MIN} or more a"
            " dictionary can be trained."
        )
    nodes = len({sample.node_id for sample in samples})
    return Trained(train(kind, samples, public), len(samples), nodes)
