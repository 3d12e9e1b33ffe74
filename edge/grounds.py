"""What this node judges documents by: its own authority, and what the catalogue brought."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edge import clock
from edge.catalogue import Following
from edge.config import Config
from localservices.verification import in_force, pack
from localservices.verification.in_force import InForce
from localservices.verification.pack import DocumentType, PackError
from localservices.verification.registries import Registries
from sync.store.inbox import Inbox
from sync.wire import records
from sync.wire.kinds.registry import RegistryKeyGiven
from sync.wire.repository import REGISTRIES

log = logging.getLogger(__name__)


class Grounds:
    """Any thread may ask. ``in_force``: what is believed of issuers, and asked of documents."""

    def __init__(self, config: Config, following: Following) -> None:
        authority = in_force.authority_of(config.keys / "node.crt")
        self.in_force = InForce(following, authority, clock.wall_ms, config.trust_list)
        self._following = following
        self._packs_of: object = []
        self._types: Mapping[str, DocumentType] = pack.home()

    def registries(self, inbox: Inbox) -> Registries:
        """Those that the catalogue brought, for whom central has sent the key."""
        return Registries(lambda: self._following.files(REGISTRIES), lambda: _keys(inbox))

    def types(self) -> Mapping[str, DocumentType]:
        """The documents of Ukraine, and of every country whose pack the catalogue brought."""
        given = self._following.files(pack.TARGETS)
        version = [(name, str(path)) for name, path, _ in given]
        if version != self._packs_of:
            self._types, self._packs_of = types_of(given), version
        return self._types


def types_of(given: Sequence[tuple[str, Path, int | None]]) -> dict[str, DocumentType]:
    """By Ukraine's pack, which is built in, and those given; a spoiled one counts for nothing."""
    found = [pack.ukraine()]
    for name, path, _ in given:
        try:
            found.append(pack.read(path.read_bytes()))
        except (OSError, PackError) as error:
            log.error("%s cannot be read: %s", name, error)  # noqa: TRY400
    return pack.types_of(found)


def _keys(inbox: Inbox) -> Iterator[bytes]:
    for letter in inbox.waiting():
        if letter.entry.kind == RegistryKeyGiven.kind:
            given = records.from_body(letter.entry.kind, letter.entry.body)
            if isinstance(given, RegistryKeyGiven):
                yield given.key
