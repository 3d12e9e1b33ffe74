"""An application is saved once, asks for what its service asks for, and is found again."""

from dataclasses import replace
from pathlib import Path

import pytest

from localservices.applications import service
from localservices.applications.service import Filing
from localservices.desk import Desk
from localservices.refusal import Refusal
from sync.store.errors import LockedError
from sync.wire.kinds.application import SUBMISSION_BYTES_MAX
from sync.wire.kinds.document import DocumentChecked
from sync.wire.lanes import Lane
from tests.builders import Surroundings, an_office, counted
from tests.localservices.applications.centre import a_submission, open_to_all
from tests.sync.wire.test_services import a_service


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def desk(tmp_path: Path, around: Surroundings) -> Desk:
    office = an_office(tmp_path, around)
    office.working.open(bytes(32))
    return Desk(office.store, office.working, "Олена", office.now_ms, counted())


def a_filing(instance: str = "uuid:1") -> Filing:
    return Filing(open_to_all(), instance, a_submission(instance))


def checked(desk: Desk, document_type: str, verdict: str) -> str:
    record = DocumentChecked("mdoc", document_type, verdict, "", b"", "Олена")
    return desk.store.write(record).public_id


def test_a_form_that_is_sent_again_is_the_same_application(desk: Desk) -> None:
    (_, first), (_, second) = service.file(desk, a_filing()), service.file(desk, a_filing())
    assert second.repeated
    assert first.public_id == second.public_id
    assert len(service.newest(desk)) == 1


@pytest.mark.parametrize(
    ("lane", "expected"),
    [("urgent", Lane.URGENT), ("people", Lane.PEOPLE), ("work", Lane.WORK)],
)
def test_it_goes_in_the_lane_that_its_service_names(desk: Desk, lane: str, expected: Lane) -> None:
    filing = replace(a_filing(), service=open_to_all(lane=lane))
    _, receipt = service.file(desk, filing)
    assert receipt.stream.lane is expected
    found = service.find(desk, receipt.public_id)
    assert found is not None
    assert found.known is not None
    assert found.known.filed.submission == a_submission()


@pytest.mark.parametrize("query", ["ткаченко", "оксана ткач", "050 123", "cash"])
def test_it_is_found_by_what_was_answered(desk: Desk, query: str) -> None:
    service.file(desk, a_filing())
    assert len(service.newest(desk, query)) == 1
    assert service.newest(desk, query + "zzz") == []


def test_without_the_document_that_is_asked_for_nothing_is_saved(desk: Desk) -> None:
    filing = replace(a_filing(), service=a_service())
    expired = checked(desk, "passport", "expired")
    other = checked(desk, "student_card", "valid")
    for checks in ((), (expired,), (other,), ("nobody-000000-2-9",)):
        with pytest.raises(Refusal, match="document_needed"):
            service.file(desk, replace(filing, checks=checks))
    assert service.newest(desk) == []


def test_with_it_the_application_says_by_which_check(desk: Desk) -> None:
    check = checked(desk, "passport", "valid")
    _, receipt = service.file(desk, replace(a_filing(), service=a_service(), checks=(check,)))
    [known] = service.newest(desk)
    assert known.public_id == receipt.public_id
    assert known.filed.checks == (check,)


def test_a_document_that_was_shown_yesterday_has_to_be_shown_again(
    desk: Desk, around: Surroundings
) -> None:
    check = checked(desk, "passport", "valid")
    around.wait(24 * 3_600_000)
    assert service.missing(desk, a_service(), [check])


def test_while_reading_is_locked_all_others_can_still_be_filed(desk: Desk) -> None:
    desk.working.lock()
    _, receipt = service.file(desk, a_filing())
    found = service.find(desk, receipt.public_id)
    assert found is not None
    assert found.known is None
    with pytest.raises(LockedError):
        service.file(desk, replace(a_filing("uuid:2"), service=a_service()))


def test_one_that_is_too_long_is_told_how_much_fits(desk: Desk) -> None:
    filing = replace(a_filing(), submission=b"x" * (SUBMISSION_BYTES_MAX + 1))
    with pytest.raises(Refusal, match="too_long"):
        service.file(desk, filing)


def test_one_that_cannot_be_read_is_kept_all_the_same(desk: Desk) -> None:
    service.file(desk, replace(a_filing(), submission=b"<"))
    assert len(service.newest(desk, "cash")) == 1
