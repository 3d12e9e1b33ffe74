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

from localservices.verification import certificates, jwk, vical
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.freshness import DAY_S, Policy, strictest
from localservices.verification.vical import Vical

FILE_BYTES_MAX = 64 * 1024 * 1024
_STALE_DAYS_MAX = 3_653
FOLDER_FILES_MAX = 4096  # more than all states' issuers, one file each
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
    ``policy``: how old it may be; None: it does not say.
    """

    by_kid: dict[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    made_at_ms: int | None = None
    spoiled: int = 0
    is_superseded: bool = False
    purposes: frozenset[str] | None = None
    keys: tuple[IssuerKey, ...] = ()
    policy: Policy | None = None

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
    """All of them as one, as old as its oldest part."""
    whole: dict[bytes, tuple[Certificate, ...]] = {}
    made, spoiled = [], 0
    keys: list[IssuerKey] = []
    policies = []
    for one in lists:
        keys += one.keys
        policies.append(one.policy)
        made.append(one.made_at_ms)
        spoiled += one.spoiled
        for kid, found in one.by_kid.items():
            whole[kid] = (*whole.get(kid, ()), *found)
    known = [at_ms for at_ms in made if at_ms is not None]
    return TrustList(
        whole, min(known, default=None), spoiled, keys=tuple(keys), policy=strictest(policies)
    )


def read(path: Path) -> TrustList:
    """Read DER, PEM with any number of certificates, JSON or a VICAL; or a folder of such files.

    JSON is a list of base64 DER, or an object with ``certificates``, ``made_at`` (ISO 8601),
    ``purposes`` (of ``knowledge.Purpose``), ``ageing_days`` and ``stale_days``. Without ``made_at``
    the file's own time counts. A folder is as old as its oldest file; a file in it that is none of
    these counts as spoiled.

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
    if vical.is_one(data):
        return _of_vical(vical.read(data))
    if data[:1] == b"\x30":  # a SEQUENCE (X.690)
        found = of_certificates([data], made_at_ms)
        if found.spoiled:
            raise ValueError("not DER")
        return found
    told = json.loads(data)
    purposes: frozenset[str] | None = None
    policy: Policy | None = None
    if isinstance(told, dict):
        if "made_at" in told:
            made_at_ms = _unix_ms(told["made_at"])
        purposes = _purposes(told.get("purposes"))
        policy = _policy(told)
        told = told["certificates"]
    found = of_entries(told, made_at_ms)
    if told and found.spoiled == len(told):
        raise ValueError("no certificate and no key among them")
    return replace(found, purposes=purposes, policy=policy)


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


def _purposes(told: object) -> frozenset[str] | None:
    if told is None:
        return None
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise TypeError("purposes are a list of texts")
    return frozenset(told)


def _policy(told: dict[str, Any]) -> Policy | None:
    """Raises TypeError, ValueError."""
    if "stale_days" not in told and "ageing_days" not in told:
        return None
    ageing, stale = told.get("ageing_days"), told.get("stale_days")
    if type(ageing) is not int or type(stale) is not int:
        raise TypeError("a list that says how old it may be says it in whole days")
    if not 0 < ageing <= stale <= _STALE_DAYS_MAX:
        raise ValueError("a list ages before it is stale, within ten years")
    return Policy(ageing * DAY_S, stale * DAY_S)
