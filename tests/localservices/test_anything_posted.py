"""Whatever is posted, the node never fails, and what it accepted is stored as it was typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localservices.registration import households
from localservices.text import clean
from sync.wire.kinds.household_fields import MEMBER_FIELDS
from tests.builders import Browser, a_browser, a_form, hidden

NAMES = st.sampled_from(
    [f"{name}-{n}" for name in MEMBER_FIELDS for n in (0, 1, 7)]
    + ["origin", "shelter", "phone", "displaced_on", "note", "consent", "need-disability"]
    + ["form_id", "action", "surname-999", "surname-\u0663", "need-", "-0", "kept-x", "csrf_token"]
)
ANYTHING = st.text(max_size=50) | st.sampled_from(["yes", "f", "child", "01.02.2003", "add", ""])
TYPED = st.text(min_size=1, max_size=60)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder: Path = tmp_path_factory.mktemp("node")
    browser = a_browser(folder)
    yield browser
    browser.office.store.close()


@given(st.dictionaries(NAMES, ANYTHING, max_size=12))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_form_brings_the_node_down(browser: Browser, fields: dict[str, str]) -> None:
    token = hidden(browser.get("/sign-in"), "csrf_token")
    for path in ("/households", "/households/new", "/households/search", "/colleagues/new"):
        answer = browser.client.post(path, data={**a_form(), "csrf_token": token, **fields})
        assert answer.status_code in {200, 303, 400, 422}


@given(surname=TYPED, origin=TYPED, shelter=TYPED, note=st.text(max_size=100))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_accepted_is_stored_exactly(
    browser: Browser, surname: str, origin: str, shelter: str, note: str
) -> None:
    answer = browser.register(a_form(surname__0=surname, origin=origin, shelter=shelter, note=note))
    typed = [clean(text) for text in (surname, origin, shelter)]
    if not all(typed):
        assert answer.status_code == 422
        return
    assert answer.status_code == 303
    public_id = answer.headers["Location"].removeprefix("/households/")
    with browser.office.working.reading() as db:
        known = households.by_public_id(db, public_id)
    assert known is not None
    household = known.household
    assert [household.members[0].surname, household.origin, household.shelter] == typed
    assert (household.note or "") == "\n".join(map(clean, note.splitlines())).strip()


@given(st.binary(max_size=200), st.sampled_from(["text/plain", "multipart/form-data", ""]))
@settings(max_examples=60, deadline=None)
def test_no_bytes_bring_the_node_down(browser: Browser, body: bytes, kind: str) -> None:
    for path in ("/sign-in", "/setup", "/households", "/lock"):
        answer = browser.client.post(path, data=body, content_type=kind)
        assert answer.status_code == 400


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_address_brings_the_node_down(browser: Browser, public_id: str) -> None:
    assert browser.client.get(f"/households/{public_id}").status_code in {200, 303, 308, 404}


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_no_name_or_passphrase_brings_the_door_down(
    browser: Browser, name: str, passphrase: str
) -> None:
    answer = browser.sign_in(name=name, passphrase=passphrase)
    assert answer.status_code == 422
