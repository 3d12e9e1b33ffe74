"""python-tuf's client, told the time, and fed with files that came by any road."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.api.metadata import Root, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from sync.catalogue.errors import AbsentError
from sync.wire import repository
from sync.wire.errors import MalformedError
from sync.wire.repository import METADATA, METADATA_BYTES_MAX

_NOT_FOUND = 404  # what python-tuf takes for "there is no newer root"


class MetadataFetcher(FetcherInterface):
    """Gives python-tuf what ``get(name)`` brings, if it is written in the one way."""

    def __init__(self, get: Callable[[str], bytes]) -> None:
        self._get = get

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            data = self._get(url)
        except AbsentError as error:
            raise DownloadHTTPError(f"there is no {url}", _NOT_FOUND) from error
        check(data, url)
        yield data


class Reader(Updater):
    """One look at the catalogue's metadata. ``now`` is the time by which signatures end."""

    def __init__(
        self, folder: Path, get: Callable[[str], bytes], root: bytes, now: datetime
    ) -> None:
        """``folder`` keeps what was believed last, against rollback.

        Raises:
            RepositoryError: ``root`` is none.
            OSError: the folder cannot be used.
        """
        check(root, "the enrolled root")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(
            str(folder),
            METADATA,
            fetcher=MetadataFetcher(get),
            config=UpdaterConfig(
                snapshot_max_length=METADATA_BYTES_MAX, targets_max_length=METADATA_BYTES_MAX
            ),
            bootstrap=root,
        )
        self._trusted_set.reference_time = now

    @property
    def made_ms(self) -> int | None:
        """Central's clock when it signed the timestamp in force."""
        made = self._trusted_set.timestamp.unrecognized_fields.get(repository.MADE_AT)
        return made if type(made) is int else None

    def targets_of(self, role: str) -> dict[str, TargetFile]:
        """What ``role`` publishes and may publish. Raises what ``refresh`` raises."""
        said = self._load_targets(role, Targets.type)
        return {
            name: target
            for name, target in said.targets.items()
            if self.get_targetinfo(name) is target
        }

    def version_of(self, role: str) -> int:
        version: int = self._trusted_set[role].version
        return version

    def is_frozen(self) -> bool:
        """Whether the timestamp alone has ended: nothing newer came, though it should have."""
        return (
            Timestamp.type in self._trusted_set
            and self._trusted_set.timestamp.is_expired(self._trusted_set.reference_time)
            and not self._trusted_set.root.is_expired(self._trusted_set.reference_time)
        )

    def would_serve_at(self, at_ms: int) -> bool:
        """Whether root and timestamp have not ended at that time."""
        at = moment(at_ms)
        known: list[Root | Timestamp] = [self._trusted_set.root]
        if Timestamp.type in self._trusted_set:
            known.append(self._trusted_set.timestamp)
        return not any(one.is_expired(at) for one in known)


def check(data: bytes, name: str) -> None:
    """Raises RepositoryError for metadata that is not written in the one way."""
    try:
        repository.check_form(data)
    except MalformedError as error:
        raise RepositoryError(f"{name}: {error}") from error


def moment(at_ms: int) -> datetime:
    """Milliseconds of Unix time as a date, kept within what a date can say."""
    return datetime.fromtimestamp(max(0, min(at_ms, 253_402_300_799_000)) / 1000, UTC)
