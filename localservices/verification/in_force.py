"""What documents are judged by here and now: our own authority, and what the catalogue holds."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from localservices.verification import extensions, rules, trust
from localservices.verification.knowledge import Knowledge, Purpose
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust import TrustList
from localservices.verification.trust_shelf import TrustShelf
from sync.wire.repository import STATUS_LISTS, TRUST_LISTS

T = TypeVar("T")

log = logging.getLogger(__name__)


class Catalogue(Protocol):
    """Whoever says which files are in force. Any thread may ask."""

    def files(self, below: str) -> Sequence[tuple[str, Path, int | None]]:
        """Those below a name: name, file, and when it was last confirmed (Unix milliseconds)."""

    def read(self, name: str) -> bytes | None:
        """A file in force; None: there is none of that name."""


class InForce:
    """Any thread may ask."""

    def __init__(
        self,
        catalogue: Catalogue,
        authority: TrustList,
        now_ms: Callable[[], int],
        trust_list: Path | None = None,
    ) -> None:
        """``trust_list`` serves where the catalogue has none."""
        self._lists = TrustShelf(
            trust_list, lambda: [given[1:] for given in catalogue.files(TRUST_LISTS)]
        )
        self._status = StatusShelf(lambda: catalogue.files(STATUS_LISTS), self._lists.current)
        self._catalogue, self._authority, self._now_ms = catalogue, authority, now_ms
        self._extensions = _Kept(extensions.TARGET, extensions.read)
        self._rules = _Kept(rules.TARGET, rules.read)

    def knowledge(self) -> Knowledge:
        """By whom we were enrolled is known as surely as anything: that never ages."""
        home = replace(self._authority, made_at_ms=self._now_ms())
        lists = (_limited(one) for one in self._lists.current())
        return Knowledge(
            (home, *lists),
            self._status.of,
            rules=self._rules.now(self._catalogue),
            extensions=self._extensions.now(self._catalogue) or (),
        )


class _Kept(Generic[T]):
    """A file of the catalogue, read anew when it changes; a spoiled one counts for nothing."""

    def __init__(self, name: str, read: Callable[[bytes], T]) -> None:
        self._name, self._read = name, read
        self._known: tuple[bytes | None, T | None] = None, None

    def now(self, catalogue: Catalogue) -> T | None:
        """What it says; None: it is not here, or spoiled."""
        data = catalogue.read(self._name)
        if data != self._known[0]:
            self._known = data, None if data is None else self._parsed(data)
        return self._known[1]

    def _parsed(self, data: bytes) -> T | None:
        try:
            return self._read(data)
        except ValueError as error:
            log.error("%s cannot be read: %s", self._name, error)  # noqa: TRY400
            return None


def authority_of(certificate: Path) -> TrustList:
    """Whose word entitles nodes to issue documents: those who vouch for this certificate."""
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError):  # whoever needs it for TLS says so
        chain = []
    ders = [one.public_bytes(Encoding.DER) for one in chain[1:]]
    return replace(trust.of_certificates(ders), purposes=frozenset({Purpose.EDOCUMENT}))


def _limited(known: TrustList) -> TrustList:
    """A list that does not say for what is one of the first, which were for health alone."""
    purposes = frozenset({Purpose.HCERT}) if known.purposes is None else known.purposes
    return replace(known, purposes=purposes)
