"""The services that the catalogue brought, read once each."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync.wire import services
from sync.wire.errors import MalformedError
from sync.wire.services import Service

log = logging.getLogger(__name__)

Files = Callable[[], Sequence[tuple[str, Path, int | None]]]  # name, where, when confirmed


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that may be applied for now; ``confirmed_ms``: central said so then, Unix."""

    service: Service
    confirmed_ms: int | None


class Shelf:
    """Any thread may ask. A spoiled target counts for nothing, and is told once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._turn = threading.Lock()
        self._read: dict[tuple[str, Path], Service | None] = {}

    def offers(self) -> list[Offer]:
        """The newest version of each service, by its id."""
        newest: dict[str, Offer] = {}
        for service, confirmed_ms in self._all():
            said = service.manifest
            standing = newest.get(said.id)
            if standing is None or int(said.version) > int(standing.service.manifest.version):
                newest[said.id] = Offer(service, confirmed_ms)
        return [newest[name] for name in sorted(newest)]

    def offer(self, name: str) -> Offer | None:
        """None: no such service is offered."""
        return next((one for one in self.offers() if one.service.manifest.id == name), None)

    def of_form(self, form_sha256: bytes) -> Service | None:
        """The service by whose form something was filled in, old versions too; None: unknown."""
        return next((one for one, _ in self._all() if one.form_sha256 == form_sha256), None)

    def everything(self) -> list[Service]:
        """Every version of every service, those that are offered no more among them."""
        return [service for service, _ in self._all()]

    def _all(self) -> list[tuple[Service, int | None]]:
        given = self._files()
        with self._turn:
            here = {(name, path) for name, path, _ in given}
            self._read = {key: one for key, one in self._read.items() if key in here}
            for key in here - self._read.keys():
                self._read[key] = _service(*key)
            found = [(self._read[name, path], at_ms) for name, path, at_ms in given]
        return [(service, at_ms) for service, at_ms in found if service is not None]


def _service(name: str, path: Path) -> Service | None:
    try:
        service = services.read(path.read_bytes())
    except (OSError, MalformedError) as error:
        log.error("the service %s cannot be read: %s", name, error)  # noqa: TRY400
        return None
    if service.target != name:
        log.error("the service %s bears another's name", name)
        return None
    return service
