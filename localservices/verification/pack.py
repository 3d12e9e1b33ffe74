"""A country's documents as data: what they are called, and what their numbers look like.

Ukraine's pack is built in; any other, or a newer one of Ukraine, comes through the catalogue.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BYTES_MAX = 256 * 1024
DOCUMENTS_MAX = 200
TARGETS = "trust/packs/"  # in the catalogue, signed by who says whom to trust
FOLDER = Path(__file__).parent / "packs"

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_TYPE = re.compile(r"([A-Z]{2}\.)?[a-z][a-z_]{0,39}", re.ASCII)
# Signs or sets of them with how many: nothing in which a search could go astray.
_MASK = re.compile(r"(?:(?:\\d|\[[^\[\]\\]+\])(?:\{\d{1,2}(?:,\d{1,2})?\})?){1,12}")
_CHARS_MAX = 200


class PackError(ValueError):
    """Not a country's pack. ``str(error)`` says what is wrong."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """``titles`` by language; ``number``: a pattern of ``plain`` numbers; ``example``: as printed.

    The code is plain for Ukraine's, and bears the country elsewhere, as ``EE.passport``.
    """

    code: str
    titles: Mapping[str, str]
    number: re.Pattern[str]
    example: str

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles["en"]


@dataclass(frozen=True, slots=True)
class Pack:
    """``country``: ISO 3166-1 alpha-2."""

    country: str
    documents: tuple[DocumentType, ...]


def read(data: bytes) -> Pack:
    """Read ``{"country", "documents": [{"type", "titles", "number", "example"}]}``.

    Raises:
        PackError: too long, or not of this form.
    """
    if len(data) > BYTES_MAX:
        raise PackError("too long for a country's pack")
    try:
        told = json.loads(data)
        country = str(told["country"])
        found = Pack(country, tuple(_document(one, country) for one in told["documents"]))
    except PackError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PackError("not a country's pack") from error
    if not _COUNTRY.fullmatch(country) or len(found.documents) > DOCUMENTS_MAX:
        raise PackError("no country, or too many documents")
    return found


def types_of(packs: Iterable[Pack]) -> dict[str, DocumentType]:
    """All types by code; of two packs of a country the later counts alone."""
    latest = {pack.country: pack for pack in packs}
    return {one.code: one for pack in latest.values() for one in pack.documents}


@cache
def ukraine() -> Pack:
    """Built in."""
    return read((FOLDER / "ua.json").read_bytes())


def home() -> Mapping[str, DocumentType]:
    """The types of a node whose catalogue has no packs."""
    return types_of([ukraine()])


def _document(told: Mapping[str, Any], country: str) -> DocumentType:
    code, titles, mask, example = told["type"], told["titles"], told["number"], told["example"]
    texts = (code, mask, example, titles["en"], *titles.values())
    if any(not isinstance(one, str) or not 0 < len(one) <= _CHARS_MAX for one in texts):
        raise PackError("a document lacks a text")
    if not _TYPE.fullmatch(code) or ("." in code and not code.startswith(f"{country}.")):
        raise PackError(f"{code} is no code of a document of {country}")
    if not _MASK.fullmatch(mask):
        raise PackError(f"{code}: only signs and how many of them describe a number")
    return DocumentType(code, dict(titles), re.compile(mask), example)
