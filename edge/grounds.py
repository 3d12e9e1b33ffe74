"""What this node judges documents by: its own authority, and what the catalogue brought."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge import clock
from edge.catalogue import Following
from edge.config import Config
from localservices.verification import extensions, pack, rules, trust
from localservices.verification.knowledge import Knowledge, Purpose
from localservices.verification.pack import DocumentType, PackError
from localservices.verification.registries import Registries
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust import TrustList
from localservices.verification.trust_shelf import TrustShelf
from sync.store.inbox import Inbox
from sync.wire import records
from sync.wire.kinds.registry import RegistryKeyGiven
from sync.wire.repository import REGISTRIES, STATUS_LISTS, TRUST_LISTS

T = TypeVar("T")

log = logging.getLogger(__name__)


class Grounds:
    """Any thread may ask."""

    def __init__(self, config: Config, following: Following) -> None:
        self._lists = TrustShelf(
            config.trust_list, lambda: [given[1:] for given in following.files(TRUST_LISTS)]
        )
        self._status = StatusShelf(lambda: following.files(STATUS_LISTS), self._lists.current)
        self._home = _authority(config.keys)
        self._following = following
        self._extensions = _Kept(extensions.TARGET, extensions.read)
        self._rules = _Kept(rules.TARGET, rules.read)
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

    def now(self) -> Knowledge:
        """By whom this node was enrolled is known as surely as anything: that never ages."""
        home = replace(self._home, made_at_ms=clock.wall_ms())
        lists = (_limited(one) for one in self._lists.current())
        return Knowledge(
            (home, *lists),
            self._status.of,
            rules=self._rules.now(self._following),
            extensions=self._extensions.now(self._following) or (),
        )


class _Kept(Generic[T]):
    """A file of the catalogue, read anew when it changes; a spoiled one counts for nothing."""

    def __init__(self, name: str, read: Callable[[bytes], T]) -> None:
        self._name, self._read = name, read
        self._known: tuple[bytes | None, T | None] = None, None

    def now(self, following: Following) -> T | None:
        """What it says; None: it is not here, or spoiled."""
        data = following.read(self._name)
        if data != self._known[0]:
            self._known = data, None if data is None else self._parsed(data)
        return self._known[1]

    def _parsed(self, data: bytes) -> T | None:
        try:
            return self._read(data)
        except ValueError as error:
            log.error("%s cannot be read: %s", self._name, error)  # noqa: TRY400
            return None


def types_of(given: Sequence[tuple[str, Path, int | None]]) -> dict[str, DocumentType]:
    """By Ukraine's pack, which is built in, and those given; a spoiled one counts for nothing."""
    found = [pack.ukraine()]
    for name, path, _ in given:
        try:
            found.append(pack.read(path.read_bytes()))
        except (OSError, PackError) as error:
            log.error("%s cannot be read: %s", name, error)  # noqa: TRY400
    return pack.types_of(found)


def _limited(known: TrustList) -> TrustList:
    """A list that does not say for what is one of the first, which were for health alone."""
    purposes = frozenset({Purpose.HCERT}) if known.purposes is None else known.purposes
    return replace(known, purposes=purposes)


def _authority(keys: Path) -> TrustList:
    """Whose word entitles nodes like this one to issue documents."""
    try:
        chain = x509.load_pem_x509_certificates((keys / "node.crt").read_bytes())
    except (OSError, ValueError):  # the MQTT road says so, as the trouble "files"
        chain = []
    ders = [one.public_bytes(Encoding.DER) for one in chain[1:]]
    return replace(trust.of_certificates(ders), purposes=frozenset({Purpose.EDOCUMENT}))


def _keys(inbox: Inbox) -> Iterator[bytes]:
    for letter in inbox.waiting():
        if letter.entry.kind == RegistryKeyGiven.kind:
            given = records.from_body(letter.entry.kind, letter.entry.body)
            if isinstance(given, RegistryKeyGiven):
                yield given.key
