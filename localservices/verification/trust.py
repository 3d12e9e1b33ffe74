"""Whom to believe: issuers' certificates by key id, and how old that knowledge is."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import certificates, cms, jwk, master_list, vical
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.master_list import MasterList
from localservices.verification.vical import Vical

FILE_BYTES_MAX = 64 * 1024 * 1024
FOLDER_FILES_MAX = 4096  # more than all states' issuers, one file each
_OF_STATES = frozenset({"passport", "vds"})  # what states' authorities vouch for
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class TrustFileError(Exception):
    """A trust list cannot be read. ``str(error)`` is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key without a certificate. ``issuer``: its URL or DID; None: whoever signs by this key.

    Unix milliseconds; None: no such end.
    """

    key: PublicKeyTypes = field(repr=False)
    issuer: str | None = None
    kid: str | None = None
    not_before_ms: int | None = None
    not_after_ms: int | None = None

    def is_in_force(self, at_ms: int) -> bool:
        begun = self.not_before_ms is None or self.not_before_ms <= at_ms
        return begun and (self.not_after_ms is None or at_ms <= self.not_after_ms)


@dataclass(frozen=True, slots=True)
class TrustList:
    """``made_at_ms``: when it was true; None: nobody says.

    ``spoiled`` counts entries that are no usable certificates: one bad entry takes no other away.
    ``is_superseded``: another list lies where this one lay, and that one cannot be read.
    ``purposes``: what its issuers may be believed for; None: whatever it was brought for.
    """

    by_kid: dict[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    made_at_ms: int | None = None
    spoiled: int = 0
    is_superseded: bool = False
    purposes: frozenset[str] | None = None
    keys: tuple[IssuerKey, ...] = ()

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        return tuple(one for found in self.by_kid.values() for one in found)

    def keys_of(self, issuer: str | None, kid: str | None) -> tuple[IssuerKey, ...]:
        """Those that may speak for this issuer; of these, where one bears this id, that one."""
        own = [one for one in self.keys if one.issuer in (None, issuer)]
        named = [one for one in own if kid is not None and one.kid == kid]
        return tuple(named or own)

    def serves(self, purpose: str) -> bool:
        return self.purposes is None or purpose in self.purposes

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
    """All of them as one, as old as its oldest part; for a purpose, if they have the same."""
    whole: dict[bytes, tuple[Certificate, ...]] = {}
    made, spoiled = [], 0
    keys: list[IssuerKey] = []
    purposes: set[frozenset[str] | None] = set()
    for one in lists:
        keys += one.keys
        made.append(one.made_at_ms)
        spoiled += one.spoiled
        purposes.add(one.purposes)
        for kid, found in one.by_kid.items():
            before = whole.get(kid, ())
            whole[kid] = before + tuple(each for each in found if each not in before)
    made_at_ms = min((at_ms for at_ms in made if at_ms is not None), default=None)
    common = purposes.pop() if len(purposes) == 1 else None
    return TrustList(whole, made_at_ms, spoiled, purposes=common, keys=tuple(keys))


def read(path: Path) -> TrustList:
    """Read DER, PEM with any number of certificates, JSON, a VICAL or master list; or a folder.

    JSON is a list of base64 DER, or an object with ``certificates``, ``made_at`` (ISO 8601) and
    ``purposes`` (of ``knowledge.Purpose``). Without ``made_at`` the file's own time counts. A
    folder is as old as its oldest file; a file in it that is none of these counts as spoiled.

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
    for path in files(folder):
        try:
            found.append(read(path))
        except TrustFileError:
            strange += 1
    if not found:
        raise TrustFileError(f"The trust list {folder} is a folder without any certificate.")
    whole = merged(found)
    return replace(whole, spoiled=whole.spoiled + strange)


def files(folder: Path) -> Iterator[Path]:
    """What may be certificates: plain files that are not hidden, in order."""
    shown = (path for path in folder.iterdir() if not path.name.startswith("."))
    yield from sorted(path for path in shown if path.is_file())[:FOLDER_FILES_MAX]


def _parsed(data: bytes, made_at_ms: int) -> TrustList:
    if pems := _PEM.findall(data):
        return of_base64((pem.decode("latin-1") for pem in pems), made_at_ms)
    if master_list.is_ldif(data):
        return _of_directory(data, made_at_ms)
    if data.startswith(b"MI"):  # what begins with a long SEQUENCE (X.690), in base64
        data = _der(data.decode("ascii"))
    if vical.is_one(data):
        return _of_vical(vical.read(data))
    if cms.is_one(data):
        return _of_master_list(master_list.read(data), made_at_ms)
    if data[:1] == b"\x30":
        found = of_certificates([data], made_at_ms)
        if found.spoiled:
            raise ValueError("not DER")
        return found
    return _of_json(json.loads(data), made_at_ms)


def _of_json(told: Any, made_at_ms: int) -> TrustList:
    purposes: frozenset[str] | None = None
    if isinstance(told, dict):
        if "made_at" in told:
            made_at_ms = _unix_ms(told["made_at"])
        purposes = _purposes(told.get("purposes"))
        told = told["certificates"]
    found = of_entries(told, made_at_ms)
    if told and found.spoiled == len(told):
        raise ValueError("no certificate and no key among them")
    return replace(found, purposes=purposes)


def of_entries(told: object, made_at_ms: int | None) -> TrustList:
    """Certificates (base64 DER) and keys: ``{"jwk", "issuer", "from", "until"}``, or bare JWKs.

    Raises TypeError: neither texts nor objects.
    """
    if not isinstance(told, list) or not all(isinstance(one, str | dict) for one in told):
        raise TypeError("not a list of certificates and keys")
    found = of_base64((one for one in told if isinstance(one, str)), made_at_ms)
    keys, spoiled = [], found.spoiled
    for one in told:
        if isinstance(one, dict):
            try:
                keys.append(_issuer_key(one))
            except (ValueError, TypeError):
                spoiled += 1
    return replace(found, keys=tuple(keys), spoiled=spoiled)


def _issuer_key(told: dict[str, Any]) -> IssuerKey:
    """Raises ValueError, TypeError."""
    given = told.get("jwk", told)
    issuer, kid = told.get("issuer"), given.get("kid")
    if not isinstance(issuer, str | None) or not isinstance(kid, str | None):
        raise TypeError("an issuer and a key id are texts")
    begin, end = told.get("from"), told.get("until")
    return IssuerKey(
        jwk.read(given),
        issuer,
        kid or jwk.thumbprint(given),
        None if begin is None else _unix_ms(begin),
        None if end is None else _unix_ms(end),
    )


def _unix_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _of_vical(told: Vical) -> TrustList:
    found = of_certificates((der for der, _ in told.authorities), told.made_at_ms)
    kinds = dict(told.authorities)
    by_kid = {
        kid: tuple(replace(one, document_types=kinds[one.der]) for one in ones)
        for kid, ones in found.by_kid.items()
    }
    return replace(found, by_kid=by_kid, purposes=frozenset({"mdoc"}))


def _of_directory(data: bytes, made_at_ms: int) -> TrustList:
    """Of its many lists one that is not whole counts as spoiled."""
    found, spoiled = [], 0
    for one in master_list.of_ldif(data):
        try:
            found.append(_of_master_list(master_list.read(one), made_at_ms))
        except ValueError:
            spoiled += 1
    if not found:
        raise ValueError("a file without a master list")
    whole = merged(found)
    return replace(whole, spoiled=whole.spoiled + spoiled)


def _of_master_list(told: MasterList, made_at_ms: int) -> TrustList:
    found = of_certificates(told.authorities, told.made_at_ms or made_at_ms)
    return replace(found, purposes=_OF_STATES)


def _purposes(told: object) -> frozenset[str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise TypeError("purposes are a list of texts")
    return frozenset(told)
