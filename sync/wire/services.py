"""A service of the state as it travels in the catalogue: its form, and what stands around it.

One target holds all of it, ``forms/<service>/<version>``, so that a service is whole or absent.
Its bytes are deterministic CBOR: ``{"manifest": {...}, "form": XForm, "files": {name: bytes}}``.
An older version stays in the catalogue: what was filed by it can still be read.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from sync.wire import cbor
from sync.wire.errors import MalformedError, WireError
from sync.wire.lanes import Lane

TARGETS = "forms/"
BUNDLE_BYTES_MAX = 8 * 1024 * 1024  # a form with 30,000 choices has about three
FORM_BYTES_MAX = 4 * 1024 * 1024
FILES_MAX = 50
LANES = (Lane.URGENT, Lane.PEOPLE, Lane.WORK)
_ID = re.compile(r"[a-z][a-z0-9-]{1,39}", re.ASCII)
_VERSION = re.compile(r"[0-9]{1,12}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9_][\w .-]{0,99}", re.ASCII)
_TEXT_CHARS_MAX = 2_000
_LIST_MAX = 20
_DAYS_MAX, _HOURS_MAX = 3_650, 24 * 365 * 10

Words = Mapping[str, str]  # by language


class Who(StrEnum):
    """Who may file it."""

    ANYONE = "anyone"  # who comes to the desk
    VERIFIED = "verified"  # who has shown a document, as ``checks`` say
    STAFF = "staff"  # the centre itself


@dataclass(frozen=True, slots=True)
class Required:
    """One of these ``types`` of documents, with one of these verdicts."""

    types: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands around a form.

    Attributes:
        version: digits; the greater is the newer.
        country: ISO 3166-1 alpha-3.
        applicant: names of the questions whose answers are the applicant's name.
        account, amount: names of the questions that tell where and how much to pay.
        answer_days: within how many days the authority answers.
    """

    id: str
    version: str
    country: str
    title: Words
    summary: Words
    authority: Words
    programme: str
    who: Who
    lane: Lane
    answer_days: int
    retention_hours: int
    applicant: tuple[str, ...] = ()
    checks: tuple[Required, ...] = ()
    account: str | None = None
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A manifest, its XForm, and the files that the form names."""

    manifest: Manifest
    form: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def form_sha256(self) -> bytes:
        return hashlib.sha256(self.form).digest()

    @property
    def target(self) -> str:
        return f"{TARGETS}{self.manifest.id}/{self.manifest.version}"


def write(service: Service) -> bytes:
    """Raises MalformedError: it is not sound, or too large."""
    manifest = {name: _plain(value) for name, value in _items(service.manifest) if value}
    _service({"manifest": manifest, "form": service.form, "files": dict(service.files)})
    whole = {"manifest": manifest, "form": service.form, "files": dict(service.files)}
    data = cbor.encode(whole)
    if len(data) > BUNDLE_BYTES_MAX:
        raise MalformedError(f"more than {BUNDLE_BYTES_MAX // 1024**2} MB")
    return data


def read(data: bytes) -> Service:
    """Raises MalformedError: not the bytes of a service; it says what is amiss."""
    try:
        return _service(cbor.decode(data, BUNDLE_BYTES_MAX))
    except MalformedError:
        raise
    except WireError as error:
        raise MalformedError("not the bytes of a service") from error


def manifest_of(said: object) -> Manifest:
    """Read a manifest from plain values, as JSON has them.

    Raises:
        MalformedError: a field is missing, unknown, or says what it cannot say.
    """
    if not isinstance(said, Mapping):
        raise MalformedError("a manifest is a map of fields")
    known = {one.name for one in fields(Manifest)}
    if unknown := {*map(str, said)} - known:
        raise MalformedError(f"a manifest has no field {min(unknown)[:40]!r}")
    lanes = {lane.name.lower(): lane for lane in LANES}
    return Manifest(
        id=_text(said, "id", _ID),
        version=_text(said, "version", _VERSION),
        country=_text(said, "country", re.compile(r"[A-Z]{3}", re.ASCII)),
        title=_words(said, "title"),
        summary=_words(said, "summary"),
        authority=_words(said, "authority"),
        programme=_text(said, "programme", _ID),
        who=Who(_one_of(said, "who", [*Who])),
        lane=lanes[_one_of(said, "lane", [*lanes])],
        answer_days=_number(said, "answer_days", _DAYS_MAX),
        retention_hours=_number(said, "retention_hours", _HOURS_MAX),
        applicant=tuple(_names(said, "applicant")),
        checks=tuple(_required(one) for one in _list(said, "checks")),
        account=_name(said, "account"),
        amount=_name(said, "amount"),
    )


def _service(said: object) -> Service:
    match said:
        case {"manifest": manifest, "form": bytes(form), "files": Mapping() as files}:
            pass
        case _:
            raise MalformedError("a service is a manifest, a form and its files")
    if not 0 < len(form) <= FORM_BYTES_MAX:
        raise MalformedError(f"the form has {len(form)} bytes, at most {FORM_BYTES_MAX}")
    named = all(isinstance(name, str) and _FILE.fullmatch(name) for name in files)
    if len(files) > FILES_MAX or not named or not all(type(one) is bytes for one in files.values()):
        raise MalformedError("files have plain names, and there are not more than 50")
    return Service(manifest_of(manifest), form, dict(files))


def _items(manifest: Manifest) -> list[tuple[str, object]]:
    return [(one.name, getattr(manifest, one.name)) for one in fields(manifest)]


def _plain(value: object) -> object:
    match value:
        case Lane():
            return value.name.lower()
        case Required(types, states):
            return {"types": list(types), "states": list(states)}
        case tuple():
            return [_plain(one) for one in value]
        case Mapping():
            return dict(value)
        case StrEnum():
            return str(value)
        case _:
            return value


def _text(said: Mapping[Any, Any], name: str, pattern: re.Pattern[str]) -> str:
    found = said.get(name)
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise MalformedError(f"{name!r} of a manifest is missing, or not as it must be")
    return found


def _words(said: Mapping[Any, Any], name: str) -> Words:
    found = said.get(name)
    sound = isinstance(found, Mapping) and all(
        isinstance(language, str)
        and _LANGUAGE.fullmatch(language)
        and isinstance(text, str)
        and 0 < len(text) <= _TEXT_CHARS_MAX
        for language, text in found.items()
    )
    if not isinstance(found, Mapping) or not sound or "en" not in found:
        raise MalformedError(f"{name!r} of a manifest is a text by language, English at least")
    return dict(found)


def _one_of(said: Mapping[Any, Any], name: str, known: list[str]) -> str:
    found = said.get(name)
    if not isinstance(found, str) or found not in known:
        raise MalformedError(f"{name!r} of a manifest is one of {', '.join(map(str, known))}")
    return found


def _number(said: Mapping[Any, Any], name: str, most: int) -> int:
    found = said.get(name)
    if type(found) is not int or not 0 < found <= most:
        raise MalformedError(f"{name!r} of a manifest is a number from 1 to {most}")
    return found


def _list(said: Mapping[Any, Any], name: str) -> list[Any]:
    found = said.get(name, [])
    if not isinstance(found, list) or len(found) > _LIST_MAX:
        raise MalformedError(f"{name!r} of a manifest is a list of at most {_LIST_MAX}")
    return found


def _names(said: Mapping[Any, Any], name: str) -> list[str]:
    found = _list(said, name)
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in found):
        raise MalformedError(f"{name!r} of a manifest is a list of names")
    return found


def _name(said: Mapping[Any, Any], name: str) -> str | None:
    return _text(said, name, _NAME) if name in said else None


def _required(said: object) -> Required:
    if not isinstance(said, Mapping) or {*said} != {"types", "states"}:
        raise MalformedError("each of 'checks' names its types and its states")
    return Required(tuple(_names(said, "types")), tuple(_names(said, "states")))
