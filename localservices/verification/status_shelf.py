"""The status lists on this node: what the catalogue brought, read again whenever it changes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import status
from localservices.verification.formats import cose, jose
from localservices.verification.formats.cose import Signed
from localservices.verification.formats.jose import Jws
from localservices.verification.given import Given
from localservices.verification.issuers import candidates
from localservices.verification.status import Revoked, Statuses, StatusList
from localservices.verification.trust import TrustList
from localservices.verification.verdict import DocumentError
from sync.wire import revocations
from sync.wire.errors import WireError
from sync.wire.repository import REGISTRIES

log = logging.getLogger(__name__)


class StatusShelf:
    """Asked by requests; several at once may read a new file twice, which harms nobody."""

    def __init__(
        self,
        catalogue: Callable[[], Given] = tuple,
        issuers: Callable[[], Sequence[TrustList]] = tuple,
    ) -> None:
        """``issuers`` gives whom this node believes: nobody else's lists count."""
        self._catalogue, self._issuers = catalogue, issuers
        self._version: tuple[str, int] | None = None
        self._revoked: Mapping[str, frozenset[int]] = {}
        self._lists: Mapping[str, StatusList] = {}
        self._read_of: object = None

    def of(self, uri: str) -> Statuses | None:
        """The list of this name; None: it is not here, cannot be read, or is nobody's we know."""
        if uri.startswith(revocations.SCHEME):
            return self._of_edocuments(uri)
        return self._of_issuers().get(uri)

    def _of_issuers(self) -> Mapping[str, StatusList]:
        given = [one for one in self._catalogue() if _is_list(one[0])]
        issuers = self._issuers()
        version = [(name, str(path), confirmed_ms) for name, path, confirmed_ms in given], issuers
        if version != self._read_of:
            found = (_read(path, confirmed_ms, issuers) for _, path, confirmed_ms in given)
            self._lists = {one.name: one for one in found if one is not None and one.name}
            self._read_of = version
        return self._lists

    def _of_edocuments(self, uri: str) -> Revoked | None:
        found = [one for one in self._catalogue() if one[0] == revocations.TARGET]
        if not found:
            return None
        [(_, path, confirmed_ms)] = found
        try:
            version = str(path), path.stat().st_mtime_ns
            if version != self._version:
                self._revoked = revocations.decode(path.read_bytes())
                self._version = version
        except (OSError, WireError) as error:
            log.error("the list of revoked eDocuments cannot be read: %s", error)  # noqa: TRY400
            return None
        return Revoked(self._revoked.get(uri, frozenset()), confirmed_ms)


def _is_list(name: str) -> bool:
    return name != revocations.TARGET and not name.startswith(REGISTRIES)


def _read(path: Path, confirmed_ms: int | None, issuers: Sequence[TrustList]) -> StatusList | None:
    """As old as central's word that there is no newer one; without it as old as it says."""
    try:
        found, signed = status.read(path.read_bytes())
        by = _marks(signed, issuers, found.made_at_ms or confirmed_ms or 0)
    except (OSError, DocumentError) as error:
        log.error("the status list %s cannot be read: %s", path.name, error)  # noqa: TRY400
        return None
    if not by:
        log.error("the status list %s is signed by nobody on a trust list who may", path.name)
        return None
    return replace(found, by=by, made_at_ms=confirmed_ms or found.made_at_ms)


def _marks(signed: Jws | Signed, issuers: Sequence[TrustList], at_ms: int) -> frozenset[bytes]:
    """Of all whose key made the signature, and who might do so then. Raises DocumentError."""
    found: set[bytes] = set()
    for trust in issuers:
        for one in candidates(trust, signed, at_ms):
            may = one.may_sign and one.is_in_force and not one.is_revoked
            if may and _is_by(signed, one.key):
                found |= one.marks
    return frozenset(found)


def _is_by(signed: Jws | Signed, key: PublicKeyTypes) -> bool:
    if isinstance(signed, Jws):
        return jose.is_signed_by(signed, key)
    return cose.is_signed_by(signed, key)
