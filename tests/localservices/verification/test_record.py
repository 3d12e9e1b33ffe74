"""What is written down of a check fits into a record, whatever the document says of itself."""

import json
from pathlib import Path

import pytest

from localservices.verification import strict_json
from localservices.verification.record import ISSUER_CHARS_MAX
from localservices.verification.verdict import State
from sync.wire import entries
from sync.wire.places import Stream
from tests.builders import Browser, an_office
from tests.localservices.verification.authorities import jwt
from tests.localservices.verification.house import pages_of
from tests.localservices.verification.test_sdjwt import KEY


def test_a_document_that_names_an_endless_issuer_is_judged_and_written_down(tmp_path: Path) -> None:
    office = an_office(tmp_path, pages=[pages_of()])
    text = jwt(KEY, {"iss": "a" * 100_000, "vct": "x"}, "dc+sd-jwt") + "~"
    page = Browser(office).set_up().post("/verify", {"payload": text}, seen_at="/verify")
    assert f'data-verdict="{State.ISSUER_UNKNOWN_STALE}"' in page.text
    [row] = [one for one in office.store.rows_in_order(0, 10) if one.stream.lane.name == "WORK"]
    assert isinstance(row.stream, Stream)
    body = entries.decode(office.store.open_row(row) or b"").body
    assert body["issuer"] == "a" * ISSUER_CHARS_MAX


@pytest.mark.parametrize("text", ['"\\ud800"', '{"a\\udfff": 1}', '["\\ud83d\\u0041"]'])
def test_half_a_character_is_no_text(text: str) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        strict_json.loads(text.encode())


def test_a_whole_one_that_is_written_as_two_halves_is() -> None:
    assert strict_json.loads(json.dumps("😀").encode()) == "😀"
