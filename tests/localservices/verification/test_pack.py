"""A country's documents are data: another country needs no code, and a pack can do no harm."""

import json
from pathlib import Path
from typing import Any

import pytest

from localservices.messages import LANGUAGES
from localservices.verification import pack
from localservices.verification.pack import DocumentType, Pack, PackError
from sync.wire.registry.hashing import plain

SHIPPED = sorted(pack.FOLDER.glob("*.json"))
_ALL = [(one, path.stem) for path in SHIPPED for one in pack.read(path.read_bytes()).documents]


@pytest.mark.parametrize(("known", "country"), _ALL, ids=lambda one: getattr(one, "code", one))
def test_the_number_that_is_shown_as_an_example_is_one(known: DocumentType, country: str) -> None:
    assert known.number.fullmatch(plain(known.example))
    assert set(LANGUAGES) <= set(known.titles)
    assert country == "ua" or known.code.startswith(f"{country.upper()}.")


def test_a_newer_pack_of_a_country_takes_the_place_of_the_one_before() -> None:
    estonia = pack.read((pack.FOLDER / "ee.json").read_bytes())
    types = pack.types_of([pack.ukraine(), estonia, Pack("EE", estonia.documents[:1])])
    assert [code for code in types if code.startswith("EE.")] == ["EE.identity_card"]
    assert "passport" in types


def a_pack(**changes: Any) -> bytes:
    document = {"type": "EE.passport", "titles": {"en": "Passport"}, "number": r"\d{7}"}
    return json.dumps(
        {"country": "EE", "documents": [document | {"example": "1"} | changes]}
    ).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{" * 10_000,
        b" " * (pack.BYTES_MAX + 1),
        a_pack(number="(a+)+b"),
        a_pack(number="(?R)"),
        a_pack(number="[A-Z]{999}"),
        a_pack(number=".*"),
        a_pack(type="passport<script>"),
        a_pack(type="LV.passport"),
        a_pack(titles={"uk": "Паспорт"}),
        a_pack(titles={"en": "x" * 10_000}),
        a_pack(example=7),
    ],
)
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(PackError):
        pack.read(data)


def test_a_pack_of_the_right_form_is_read(tmp_path: Path) -> None:
    [known] = pack.read(a_pack()).documents
    assert (known.code, known.title("uk")) == ("EE.passport", "Passport")
