"""Whom to believe: issuers' certificates by key id, and how old that knowledge is."""

import base64
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError

FILE_BYTES_MAX = 64 * 1024 * 1024
FOLDER_FILES_MAX = 4096  # more than all states' issuers, one file each
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)

# A list that central sent, and when it last said that there is no newer one (Unix milliseconds).
Given = Sequence[tuple[Path, int | None]]

log = logging.getLogger(__name__)


class TrustFileError(Exception):
    """A trust list cannot be read. ``str(error)`` is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """``made_at_ms``: when it was true; None: nobody says.

    ``spoiled`` counts entries that are no usable certificates: one bad entry takes no other away.
    ``is_superseded``: another list lies where this one lay, and that one cannot be read.
    """

    by_kid: dict[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    made_at_ms: int | None = None
    spoiled: int = 0
    is_superseded: bool = False

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


def of_base64(texts: Iterable[object], made_at_ms: int | None = None) -> TrustList:
    """The same for DER in base64, whose lines may be broken."""
    return of_certificates(map(_der, texts), made_at_ms)


def _der(text: object) -> bytes:
    """No bytes at all for what is no base64: then it is no certificate either."""
    try:
        return base64.b64decode("".join(str(text).split()), validate=True)
    except ValueError:
        return b""


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


def read(path: Path) -> TrustList:
    """Read DER, PEM with any number of certificates, or JSON; or a folder of such files.

    JSON is a list of base64 DER, or an object with ``certificates`` and ``made_at`` (ISO 8601).
    Without ``made_at`` the file's own time counts. A folder is as old as its oldest file; a file
    in it that is none of these counts as spoiled.

    Raises:
        TrustFileError: unreadable, or none of these.
    """
    try:
        if path.is_dir():
            return _read_folder(path)
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
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise TrustFileError(
            f"The trust list {path} is neither DER, PEM nor JSON of certificates."
        ) from error


def _read_folder(folder: Path) -> TrustList:
    found, strange = [], 0
    for path in _files(folder):
        try:
            found.append(read(path))
        except TrustFileError:
            strange += 1
    if not found:
        raise TrustFileError(f"The trust list {folder} is a folder without any certificate.")
    whole = merged(found)
    return replace(whole, spoiled=whole.spoiled + strange)


def _files(folder: Path) -> Iterator[Path]:
    """What may be certificates: plain files that are not hidden, in order."""
    shown = (path for path in folder.iterdir() if not path.name.startswith("."))
    yield from sorted(path for path in shown if path.is_file())[:FOLDER_FILES_MAX]


def _parsed(data: bytes, made_at_ms: int) -> TrustList:
    if pems := _PEM.findall(data):
        return of_base64((pem.decode("latin-1") for pem in pems), made_at_ms)
    if data[:1] == b"\x30":  # a SEQUENCE (X.690)
        found = of_certificates([data], made_at_ms)
        if found.spoiled:
            raise ValueError("not DER")
        return found
    told = json.loads(data)
    if isinstance(told, dict):
        if "made_at" in told:
            made_at_ms = int(datetime.fromisoformat(told["made_at"]).timestamp() * 1000)
        told = told["certificates"]
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise TypeError("not a list of certificates")
    found = of_base64(told, made_at_ms)
    if told and found.spoiled == len(told):
        raise ValueError("no certificate among them")
    return found


class TrustShelf:
    """The node's trust list: read again whenever it changes; a spoiled one changes nothing.

    Attributes:
        problem: why what is there now is not in force; None: it is.
    """

    def __init__(self, path: Path | None, catalogue: Callable[[], Given] = tuple) -> None:
        """``catalogue`` gives the lists that central sent; where it has none, ``path`` serves."""
        self.problem: str | None = None
        self._path, self._catalogue = path, catalogue
        self._version: object = None  # nothing was read yet
        self._list = TrustList()

    def current(self) -> TrustList:
        given = self._catalogue()
        if given:
            self._renew(given, lambda: merged(_as_given(*one) for one in given))
        elif (path := self._path) is not None:
            self._renew(_version(path), lambda: read(path))
        return self._list

    def _renew(self, version: object, take: Callable[[], TrustList]) -> None:
        if version == self._version:
            return
        self._version = version
        try:
            self._list, self.problem = take(), None
        except TrustFileError as error:
            self._list, self.problem = replace(self._list, is_superseded=True), str(error)
            log.error("%s What was known before stays in force.", self.problem)  # noqa: TRY400
            return
        log.info(
            "trust list: %d keys, %d entries spoiled", len(self._list.by_kid), self._list.spoiled
        )


def _as_given(path: Path, confirmed_ms: int | None) -> TrustList:
    """As old as central's word that there is no newer one; without it as old as the list says."""
    found = read(path)
    return found if confirmed_ms is None else replace(found, made_at_ms=confirmed_ms)


def _version(path: Path) -> object:
    """Something that differs when the list does. Never None."""
    try:
        files = list(_files(path)) if path.is_dir() else [path]
        return [(each.name, each.stat().st_mtime_ns, each.stat().st_ino) for each in files]
    except OSError as error:
        return error.errno
