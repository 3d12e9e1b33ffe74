"""The services that come with Nezlam: whole in every language, and sound by others' judgement."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from central.services import making
from sync.wire import services
from sync.wire.services import Service

FOLDERS = list(making.shipped())
XF = "{http://www.w3.org/2002/xforms}"
ASKED_FOR = {
    "cash-assistance",
    "damaged-property",
    "entrepreneur-grant",
    "residency-change",
    "licence-renewal",
    "vehicle-transfer",
    "pension-certificate",
    "court-decision",
    "edocument-request",
    "bond-pledge",
    "residence-notice",
}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name, scope="module")
def service(request: pytest.FixtureRequest) -> Service:
    return making.of_folder(request.param)


def test_what_people_come_for_is_there_and_a_second_country_too() -> None:
    assert {folder.name for folder in FOLDERS} == ASKED_FOR
    assert {folder.parent.name for folder in FOLDERS} == {"ua", "ee"}


def test_each_is_published_as_one_whole(service: Service) -> None:
    assert services.read(services.write(service)) == service


def test_each_says_everything_in_all_its_languages(service: Service) -> None:
    tree = ET.fromstring(service.form)
    translations = {
        found.get("lang", ""): {
            text.get("id", ""): "".join(text.itertext()).strip() for text in found.iter(f"{XF}text")
        }
        for found in tree.iter(f"{XF}translation")
    }
    assert len(translations) >= 2
    first, *others = translations.values()
    assert all(first.values())
    for other in others:
        assert other.keys() == first.keys()
        assert all(text and text != "-" for text in other.values())
    written = {language.partition("(")[2].rstrip(")") for language in translations}
    assert written <= set(service.manifest.title)


def test_each_manifest_names_questions_that_the_form_has(service: Service) -> None:
    tree = ET.fromstring(service.form)
    bound = {found.get("nodeset", "").rpartition("/")[2] for found in tree.iter(f"{XF}bind")}
    said = service.manifest
    named = {*said.applicant, *filter(None, (said.account, said.amount))}
    assert said.applicant
    assert named <= bound


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_engine_of_odk_collect_finds_nothing_wrong(folder: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("no java here: apt-get install default-jre-headless")
    warnings: list[str] = []
    convert(xlsform=folder / "form.md", file_type=".md", validate=True, warnings=warnings)
    assert warnings == []
