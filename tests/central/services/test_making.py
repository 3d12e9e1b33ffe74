"""Forms that others wrote are published, or refused in one sentence that says why."""

import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from central.errors import ServiceError
from central.services import making
from tests.sync.wire.test_services import SAID

SURVEY = [["type", "name", "label"], ["text", "surname", "Surname"], ["text", "iban", "IBAN"]]


def a_folder(folder: Path, survey: list[list[str]], **changes: Any) -> Path:
    """A workbook and its manifest."""
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for row in survey:
        sheet.append(row)
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id"])
    settings.append(["Assistance", "cash-assistance"])
    book.save(folder / "form.xlsx")
    (folder / "manifest.json").write_text(json.dumps(SAID | changes), encoding="utf-8")
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(ServiceError) as raised:
        making.of_folder(folder)
    said = str(raised.value)
    assert "Traceback" not in said
    assert "\n" not in said
    return said


def test_a_workbook_becomes_a_service(tmp_path: Path) -> None:
    service = making.of_folder(a_folder(tmp_path / "cash", SURVEY))
    assert b"surname" in service.form
    assert service.manifest.id == "cash-assistance"


def test_files_that_the_form_names_come_along(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "cash", SURVEY)
    (folder / "media").mkdir()
    (folder / "media" / "towns.csv").write_text("name,label\n", encoding="utf-8")
    assert making.of_folder(folder).files == {"towns.csv": b"name,label\n"}


def test_a_question_of_no_known_type_is_named(tmp_path: Path) -> None:
    said = refused(a_folder(tmp_path / "x", [*SURVEY, ["telepathy", "thought", "Think"]]))
    assert "telepathy" in said


def test_a_condition_on_a_question_that_is_not_there_is_named(tmp_path: Path) -> None:
    survey = [[*SURVEY[0], "relevant"], [*SURVEY[1], "${nobody} = 'x'"]]
    assert "nobody" in refused(a_folder(tmp_path / "x", survey))


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "bomb", SURVEY)
    with zipfile.ZipFile(folder / "form.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 250 * 1024**2)
    assert "unpacks to far more than it holds" in refused(folder)


def test_a_bomb_that_lies_about_its_size_ends_with_its_process(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "bomb", SURVEY)
    with zipfile.ZipFile(folder / "form.xlsx") as archive:
        members = {one.filename: archive.read(one) for one in archive.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(
        b"</sheetData>", b"<row><c><v>1</v></c></row>" * 3_000_000 + b"</sheetData>"
    )
    with zipfile.ZipFile(folder / "form.xlsx", "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "form.xlsx" in refused(folder)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<html>", b"\x00" * 5_000])
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    folder = a_folder(tmp_path / "x", SURVEY)
    (folder / "form.xlsx").write_bytes(data)
    assert "form.xlsx" in refused(folder)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"id": 5}', "[" * 60_000])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    folder = a_folder(tmp_path / "x", SURVEY)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    assert "manifest" in refused(folder)


def test_a_folder_without_a_form_says_what_it_lacks(tmp_path: Path) -> None:
    assert "form.xlsx" in refused(tmp_path)


def test_a_form_whose_logic_loops_names_the_loop(tmp_path: Path) -> None:
    survey = [
        ["type", "name", "label", "calculation"],
        ["calculate", "first", "", "${second} + 1"],
        ["calculate", "second", "", "${third} + 1"],
        ["calculate", "third", "", "${first} + 1"],
        ["text", "surname", "Surname", ""],
    ]
    said = refused(a_folder(tmp_path / "x", survey))
    assert "loops" in said
    assert all(name in said for name in ("first", "second", "third"))


def test_a_function_that_nobody_knows_is_named(tmp_path: Path) -> None:
    survey = [[*SURVEY[0], "constraint"], [*SURVEY[1], "telepathy(.)"]]
    assert "telepathy()" in refused(a_folder(tmp_path / "x", survey))
