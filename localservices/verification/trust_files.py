"""Trust lists as files: certificates and keys in whatever form states and agencies publish them."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from localservices.verification import cms, jwk, master_list, revoking, trust, vical
from localservices.verification.freshness import DAY_S, Policy
from localservices.verification.master_list import MasterList
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.vical import Vical

FILE_BYTES_MAX = 64 * 1024 * 1024
FOLDER_FILES_MAX = 4096  # more than all states' issuers, one file each
_STALE_DAYS_MAX = 3_653
_OF_STATES = frozenset({"passport", "vds"})  # what states' authorities vouch for
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class TrustFileError(Exception):
    """A trust list cannot be read. ``str(error)`` is one sentence that says what to do."""


def read_all(path: Path) -> tuple[TrustList, ...]:
    """Read a file, or a folder of files: one list for all that serve the same purposes.

    Such a list is as old as its oldest file; a file that is no list counts as spoiled.

    Raises:
        TrustFileError: unreadable, or nothing of a list.
    """
    if not path.is_dir():
        return (read(path),)
    by_purposes: dict[frozenset[str] | None, list[TrustList]] = {}
    strange = 0
    for file in _files_of(path):
        try:
            one = read(file)
        except TrustFileError:
            strange += 1
        else:
            by_purposes.setdefault(one.purposes, []).append(one)
    if not by_purposes:
        raise TrustFileError(f"The trust list {path} is a folder without any certificate.")
    first, *rest = (trust.merged(lists) for lists in by_purposes.values())
    return replace(first, spoiled=first.spoiled + strange), *rest


def read(path: Path) -> TrustList:
    """Read DER, PEM with any number of certificates, JSON, a VICAL or a master list.

    JSON is a list of base64 DER, or an object with ``certificates``, ``made_at`` (ISO 8601),
    ``purposes`` (of ``knowledge.Purpose``), ``ageing_days``, ``stale_days``, ``revoked`` (base64
    DER) and ``crls`` (see ``revoking``). Without ``made_at`` the file's own time counts.

    Raises:
        TrustFileError: unreadable, or none of these.
    """
    try:
        made_at_ms = path.stat().st_mtime_ns // 1_000_000
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > FILE_BYTES_MAX:
        raise TrustFileError(f"The trust list {path} is far too large.")
    try:
        return _parsed(data, made_at_ms)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise TrustFileError(
            f"The trust list {path} is neither DER, PEM nor JSON of certificates."
        ) from error


def _files_of(folder: Path) -> list[Path]:
    try:
        return list(files(folder))
    except OSError as error:
        raise _unreadable(folder, error) from error


def _unreadable(path: Path, error: OSError) -> TrustFileError:
    return TrustFileError(
        f"The trust list {path} cannot be read ({error.strerror}): check the path."
    )


def files(folder: Path) -> Iterator[Path]:
    """What may be certificates: plain files that are not hidden, in order."""
    shown = (path for path in folder.iterdir() if not path.name.startswith("."))
    yield from sorted(path for path in shown if path.is_file())[:FOLDER_FILES_MAX]


def _parsed(data: bytes, made_at_ms: int) -> TrustList:
    if pems := _PEM.findall(data):
        return trust.of_base64((pem.decode("latin-1") for pem in pems), made_at_ms)
    if master_list.is_ldif(data):
        return _of_directory(data, made_at_ms)
    if data.startswith(b"MI"):  # what begins with a long SEQUENCE (X.690), in base64
        data = trust.der_of(data.decode("ascii"))
    if vical.is_one(data):
        return _of_vical(vical.read(data))
    if cms.is_one(data):
        return _of_master_list(master_list.read(data), made_at_ms)
    if data[:1] == b"\x30":
        found = trust.of_certificates([data], made_at_ms)
        if found.spoiled:
            raise ValueError("not DER")
        return found
    return _of_json(json.loads(data), made_at_ms)


def _of_json(told: Any, made_at_ms: int) -> TrustList:
    if not isinstance(told, dict):
        return _entries(told, made_at_ms)
    if "made_at" in told:
        made_at_ms = _unix_ms(told["made_at"])
    purposes, policy = _purposes(told.get("purposes")), _policy(told)
    found = _entries(told["certificates"], made_at_ms)
    believed = replace(found, purposes=purposes, policy=policy)
    return revoking.applied(believed, told.get("revoked", []), told.get("crls", []))


def _entries(told: object, made_at_ms: int) -> TrustList:
    found = of_entries(told, made_at_ms)
    if told and found.spoiled == len(cast("list[object]", told)):
        raise ValueError("no certificate and no key among them")
    return found


def of_entries(told: object, made_at_ms: int | None) -> TrustList:
    """Certificates (base64 DER), and keys.

    A key is ``{"jwk", "issuer", "from", "until", "revoked"}``, or a bare JWK.

    Raises TypeError: neither texts nor objects.
    """
    if not isinstance(told, list) or not all(isinstance(one, str | dict) for one in told):
        raise TypeError("not a list of certificates and keys")
    found = trust.of_base64((one for one in told if isinstance(one, str)), made_at_ms)
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
        is_revoked=told.get("revoked") is True,
    )


def _unix_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _of_vical(told: Vical) -> TrustList:
    kinds: dict[bytes, frozenset[str]] = {}
    for der, document_types in told.authorities:  # one may stand there several times
        kinds[der] = kinds.get(der, frozenset()) | document_types
    found = trust.of_certificates(kinds, told.made_at_ms)
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
    whole = trust.merged(found)
    return replace(whole, spoiled=whole.spoiled + spoiled)


def _of_master_list(told: MasterList, made_at_ms: int) -> TrustList:
    found = trust.of_certificates(told.authorities, told.made_at_ms or made_at_ms)
    return replace(found, purposes=_OF_STATES)


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
