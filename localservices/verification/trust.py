"""Whom to believe: issuers' certificates by key id, and how old that knowledge is."""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError

FILE_BYTES_MAX = 64 * 1024 * 1024
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class TrustFileError(Exception):
    """A trust list cannot be read. ``str(error)`` is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """``made_at_ms``: when it was true; None: nobody says.

    ``spoiled`` counts entries that are no usable certificates: one bad entry takes no other away.
    """

    by_kid: dict[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    made_at_ms: int | None = None
    spoiled: int = 0

    def of(self, kid: bytes) -> tuple[Certificate, ...]:
        """Several, if their ids are alike: 8 bytes of a hash are not unique for ever."""
        return self.by_kid.get(kid, ())

    def age_s(self, now_ms: int) -> int | None:
        return None if self.made_at_ms is None else max(0, now_ms - self.made_at_ms) // 1000


def of_certificates(ders: Iterable[bytes], made_at_ms: int | None = None) -> TrustList:
    by_kid: dict[bytes, tuple[Certificate, ...]] = {}
    spoiled = 0
    for der in ders:
        try:
            one = certificates.read(der)
        except CertificateError:
            spoiled += 1
            continue
        by_kid[one.kid] = (*by_kid.get(one.kid, ()), one)
    return TrustList(by_kid, made_at_ms, spoiled)


def read(path: Path) -> TrustList:
    """Read DER, PEM with any number of certificates, or JSON.

    JSON is a list of base64 DER, or an object with ``certificates`` and ``made_at`` (ISO 8601).
    Without ``made_at`` the file's own time counts.

    Raises:
        TrustFileError: unreadable, or none of these.
    """
    try:
        made_at_ms = path.stat().st_mtime_ns // 1_000_000
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise TrustFileError(
            f"The trust list {path} cannot be read ({error.strerror}): check the path."
        ) from error
    if len(data) > FILE_BYTES_MAX:
        raise TrustFileError(f"The trust list {path} is far too large.")
    try:
        return _parsed(data, made_at_ms)
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise TrustFileError(
            f"The trust list {path} is neither DER, PEM nor JSON of certificates."
        ) from error


def merged(lists: Iterable[TrustList]) -> TrustList:
    """All of them as one, as old as its oldest part."""
    whole: dict[bytes, tuple[Certificate, ...]] = {}
    made, spoiled = [], 0
    for one in lists:
        made.append(one.made_at_ms)
        spoiled += one.spoiled
        for kid, found in one.by_kid.items():
            whole[kid] = (*whole.get(kid, ()), *found)
    known = [at_ms for at_ms in made if at_ms is not None]
    return TrustList(whole, min(known, default=None), spoiled)


def _parsed(data: bytes, made_at_ms: int) -> TrustList:
    if pems := _PEM.findall(data):
        return of_certificates([base64.b64decode(pem) for pem in pems], made_at_ms)
    if data[:1] not in (b"[", b"{"):
        found = of_certificates([data], made_at_ms)
        if found.spoiled:
            raise ValueError("not DER")
        return found
    told = json.loads(data)
    if isinstance(told, dict):
        if "made_at" in told:
            made_at_ms = int(datetime.fromisoformat(told["made_at"]).timestamp() * 1000)
        told = told["certificates"]
    return of_certificates([base64.b64decode(one, validate=True) for one in told], made_at_ms)


class TrustShelf:
    """The node's trust list: read again whenever its file changes; a spoiled file changes nothing.

    Attributes:
        problem: why the file that is there now is not in force; None: it is.
    """

    def __init__(self, path: Path | None) -> None:
        self.problem: str | None = None
        self._path = path
        self._version: tuple[int, int] | None = None
        self._list = TrustList()

    def current(self) -> TrustList:
        if self._path is None:
            return self._list
        try:
            found = self._path.stat()
            version: tuple[int, int] | None = (found.st_mtime_ns, found.st_ino)
        except OSError:
            version = None
        if version != self._version or version is None:
            self._version = version
            try:
                self._list, self.problem = read(self._path), None
            except TrustFileError as error:
                self.problem = str(error)
        return self._list
