"""A filled form is read as questions and answers, and hostile XML as nothing at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.applications import submission
from localservices.applications.submission import Answer, SubmissionError
from sync.wire.kinds.application import SUBMISSION_BYTES_MAX
from tests.localservices.applications.centre import a_submission

BILLION_LAUGHS = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><d><x>&b;</x></d>'


def test_answers_come_in_the_form_s_order_without_the_form_s_own_matters() -> None:
    found = submission.answers(a_submission())
    assert found[0] == Answer(("applicant", "surname"), "Ткаченко")
    assert [one.name for one in found] == ["surname", "given_name", "phone"]
    assert submission.text_of(found, ("given_name", "surname")) == "Оксана Ткаченко"
    assert submission.instance_id(a_submission("uuid:7")) == "uuid:7"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<",
        b"\xff\xfe",
        BILLION_LAUGHS,
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        b"<d>" + b"<x>" * 200 + b"1" + b"</x>" * 200 + b"</d>",
        b"<d>" + b"<x>1</x>" * 6_000 + b"</d>",
        b"<d>" + b" " * SUBMISSION_BYTES_MAX + b"</d>",
    ],
)
def test_hostile_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(SubmissionError):
        submission.answers(xml)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_answers_or_refused(xml: bytes) -> None:
    try:
        submission.answers(xml)
    except SubmissionError:
        return
