"""A busload of documents: one verdict for every line, whatever stands in it."""

import base64
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import batch
from localservices.verification.knowledge import Knowledge
from localservices.verification.verdict import Reason, State
from tests.localservices.verification.issuing import NOW, NOW_MS, Issuer

ISSUER = Issuer()
TEXT = ISSUER.issue()
DER = base64.b64encode(ISSUER.der).decode()


def state_of(**asked: object) -> State:
    return batch.judge_line(json.dumps(asked).encode(), Knowledge(), NOW_MS).state


@pytest.mark.parametrize(
    "at",
    [
        NOW.isoformat(),
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.123456Z",
        "2026-11-23T14:00:00+02:00",
        "2026-11-23T14:00:00.5+0200",
        "2026-11-23 12:00",
        "2026-11-23",
        None,
    ],
)
def test_every_form_of_a_time_is_read(at: str | None) -> None:
    assert state_of(payload=TEXT, trust=[DER], at=at) is State.VALID


def test_a_certificate_in_broken_lines_is_read_and_a_spoiled_one_takes_no_other_away() -> None:
    broken = base64.encodebytes(ISSUER.der).decode()
    assert state_of(payload=TEXT, trust=["=", "0000", broken], at=NOW.isoformat()) is State.VALID


def test_a_text_that_was_broken_in_pasting_is_read() -> None:
    pasted = "\ufeff  " + TEXT[:100] + "\r\n" + TEXT[100:] + "\n"
    assert state_of(payload=pasted, trust=[DER], at=NOW.isoformat()) is State.VALID


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"payload": "x", "at": 5}',
        b'{"payload": "x", "at": true}',
        b'{"payload": "x", "at": "yesterday"}',
        b'{"payload": "x", "trust": "QUJD"}',
        b'{"payload": "x", "trust": [1]}',
        b'{"payload": "x", "trust": {}}',
        b'{"payload": "' + bytes(batch.LINE_BYTES_MAX) + b'"}',
    ],
    ids=lambda line: repr(line[:30]),
)
def test_a_line_that_asks_for_nothing_sensible_is_malformed(line: bytes) -> None:
    verdict = batch.judge_line(line, Knowledge(), NOW_MS)
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.LINE)


@given(st.binary(max_size=300))
def test_any_line_gets_a_verdict(line: bytes) -> None:
    assert batch.judge_line(line, Knowledge((ISSUER.trusted,)), NOW_MS).state is not State.VALID


@given(
    st.dictionaries(
        st.sampled_from(["payload", "trust", "at"]),
        st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists),
    )
)
def test_any_request_gets_a_verdict(asked: dict[str, object]) -> None:
    assert state_of(**asked) is not State.VALID


def test_a_line_without_end_is_one_line_and_is_not_kept() -> None:
    stream = io.BytesIO(bytes(3 * batch.LINE_BYTES_MAX) + b"\nnext\n\nlast")
    found = list(batch.lines(stream))
    assert [len(found[0]), *found[1:]] == [batch.LINE_BYTES_MAX + 1, b"next\n", b"\n", b"last"]
