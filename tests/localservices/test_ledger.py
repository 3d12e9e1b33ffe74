"""The ledger adds up whatever happened, and says of each record why central does not hold it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.facts import Progress
from localservices.status import ledger, service
from sync.store.streams import Track
from sync.wire.lanes import Lane
from sync.wire.places import Stream
from tests.builders import NODE_ID, Browser, Surroundings, a_household, a_store, an_office


@given(
    st.lists(
        st.one_of(
            st.just("write"),
            st.just("restart"),
            st.tuples(st.just("hold"), st.integers(0, 40)),
            st.tuples(st.just("purge"), st.integers(0, 3)),
        ),
        max_size=25,
    )
)
def test_captured_is_held_and_waiting_together_over_all_starts(
    tmp_path_factory: pytest.TempPathFactory, acts: list[object]
) -> None:
    folder, around = tmp_path_factory.mktemp("node"), Surroundings()
    store, written = a_store(folder, around), 0
    for act in acts:
        if act == "write":
            store.write(a_household())
            written += 1
        elif act == "restart":
            store.close()
            store = a_store(folder, around)
        elif isinstance(act, tuple) and act[0] == "hold":
            for track in store.tracks():
                held = min(track.newest, max(track.held, act[1]))
                store.note_acked([Track(track.stream, 0, held, held, 0)], 1)
        elif isinstance(act, tuple):
            store.purge(around.now_ms + act[1])
    [account] = [one for one in ledger.accounts(store, Progress()) if one.lane is Lane.PEOPLE]
    waiting = ledger.missing(store, Progress())
    assert account.captured == written
    assert account.captured == account.held + len(waiting)
    assert len({one.public_id for one in waiting}) == len(waiting)
    store.close()


def test_a_record_that_waits_is_listed_with_the_reason(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    first, second = store.write(a_household()), store.write(a_household())
    store.note_sent(first.stream, first.seq, 1)
    found = {one.public_id: one.why for one in ledger.missing(store, Progress())}
    assert found == {first.public_id: "sent", second.public_id: "not_sent"}
    differing = Progress(differing=frozenset({"people"}))
    assert {one.why for one in ledger.missing(store, differing)} == {"differs"}
    assert not ledger.accounts(store, differing)[Lane.PEOPLE].is_whole


def test_the_page_says_whole_only_when_every_lane_is(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    browser = Browser(office)
    browser.set_up()
    assert 'data-whole="true"' in browser.get("/ledger").text
    receipt = office.store.write(a_household())
    page = browser.get("/ledger").text
    assert 'data-whole="false"' in page
    assert receipt.public_id in page
    office.store.note_acked([Track(receipt.stream, 0, 1, 0, 0)], 5)
    assert 'data-whole="true"' in browser.get("/ledger").text


def test_time_left_is_said_no_finer_than_it_is_known() -> None:
    assert service.span(0) == ("seconds", 1)
    assert service.span(59) == ("seconds", 59)
    assert service.span(61) == ("minutes", 1)
    assert service.span(3 * 3_600) == ("hours", 3)
    assert service.span(5 * 86_400) == ("days", 5)


def test_a_public_id_of_the_ledger_is_that_of_the_record(tmp_path: Path) -> None:
    store = a_store(tmp_path, Surroundings())
    receipt = store.write(a_household())
    assert receipt.public_id.startswith(f"{NODE_ID}-")
    assert Stream(store.epoch, Lane.PEOPLE) == receipt.stream
