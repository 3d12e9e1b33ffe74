"""Every sentence is there in every language, with the same placeholders, and none is missed."""

import re
from pathlib import Path
from string import Formatter

import pytest

import localservices
from localservices import messages
from localservices.messages import LANGUAGES, Messages
from localservices.registration import forms
from localservices.registration.service import Stage
from sync.catalogue.state import Problem, Standing
from sync.core.effects import Trouble
from sync.store.keys import Role
from sync.wire.kinds.household_fields import MEMBER_FIELDS
from sync.wire.lanes import DURABLE
from sync.wire.repository import PATHS

ROOT = Path(localservices.__file__).parent
# A key in a template ends in its quote; with ~ it goes on with a code, which is listed below.
_IN_TEMPLATES = re.compile(r"\bt\('([a-z_.]+)'(?!\s*~)")
_IN_CODE = re.compile(r"""(?:Refusal|_problem)\(\s*"([a-z_.]+)\"""")


@pytest.fixture(scope="module")
def catalogue() -> Messages:
    return messages.load(sorted(ROOT.glob("**/messages")))


def test_both_languages_say_the_same_things(catalogue: Messages) -> None:
    first, second = (catalogue.by_language[language] for language in LANGUAGES)
    assert first.keys() == second.keys()
    assert {key: _placeholders(text) for key, text in first.items()} == {
        key: _placeholders(text) for key, text in second.items()
    }


def test_every_key_that_a_template_says_has_a_sentence(catalogue: Messages) -> None:
    said = {
        key
        for template in ROOT.glob("**/*.html")
        for key in _IN_TEMPLATES.findall(template.read_text(encoding="utf-8"))
    }
    assert said
    assert sorted(key for key in said if not catalogue.has(key)) == []


def test_every_refusal_has_a_sentence(catalogue: Messages) -> None:
    codes = {
        code
        for module in ROOT.glob("*/*.py")
        for code in _IN_CODE.findall(module.read_text(encoding="utf-8"))
    }
    assert codes
    assert sorted(code for code in codes if not catalogue.has(code)) == []


def test_every_problem_page_has_a_title_and_a_sentence(catalogue: Messages) -> None:
    found = re.findall(r'_problem\("([a-z_]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    problems = {*found, "foreign", "bad_request", "not_found", "too_large"}
    keys = {f"problem.{problem}.{part}" for problem in problems for part in ("title", "text")}
    assert sorted(key for key in keys if not catalogue.has(key)) == []


def test_every_code_that_pages_show_has_a_word(catalogue: Messages) -> None:
    keys = (
        [f"registration.need.{need}" for need in forms.NEEDS]
        + [f"registration.relation.{relation}" for relation in forms.RELATIONS]
        + [f"registration.sex.{sex}" for sex in forms.SEXES]
        + [f"registration.{name}" for name in MEMBER_FIELDS]
        + [f"registration.journey.{stage}" for stage in Stage]
        + [f"registration.stage.{stage}" for stage in Stage]
        + [f"status.lane.{lane.name.lower()}" for lane in DURABLE]
        + [f"status.trouble.{trouble}" for trouble in (*Trouble, "disk_low", "hot")]
        + [f"staff.role.{role}" for role in Role]
        + [f"media.type.{kind}" for kind in ("image", "video", "audio", "application")]
        + [f"catalogue.problem.{problem}" for problem in Problem]
        + [f"catalogue.standing.{standing}" for standing in Standing]
        + [f"catalogue.kind.{role}" for role in PATHS]
    )
    assert sorted(key for key in keys if not catalogue.has(key)) == []


def test_no_sentence_waits_for_a_page_that_is_gone(catalogue: Messages) -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for pattern in ("**/*.html", "**/*.py")
        for path in ROOT.glob(pattern)
    )
    unused = [key for key in catalogue.by_language["en"] if not _is_said(key, text)]
    assert unused == []


def _is_said(key: str, text: str) -> bool:
    """Literally, or as a literal beginning that a code completes."""
    beginning = key
    while beginning:
        if f"'{beginning}'" in text or f'"{beginning}"' in text or f"'{beginning}.'" in text:
            return True
        beginning = beginning.rpartition(".")[0]
    return False


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
