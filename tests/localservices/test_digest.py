"""What phones write of themselves and of their forms: any text is read or refused."""

import hashlib
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from localservices.applications.openrosa import digest, instance
from localservices.applications.openrosa.nonces import FRESH_MS, Nonces, Use
from localservices.refusal import Refusal


@given(st.text(max_size=200))
def test_any_header_is_read_or_is_no_answer(text: str) -> None:
    for header in (text, f"Digest {text}"):
        answer = digest.parse(header)
        assert answer is None or answer.algorithm in digest.ALGORITHMS


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40))
def test_a_name_in_quotes_is_read_as_it_was_written(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    answer = digest.parse(
        f'Digest username="{quoted}", realm="{digest.REALM}", nonce="n", uri="/a,b=c",'
        ' response="r", cnonce="c", nc=00000001, qop=auth'
    )
    assert answer is not None
    assert (answer.username, answer.uri, answer.count) == (name, "/a,b=c", 1)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_filled_form_or_refused(data: bytes) -> None:
    with suppress(Refusal):
        assert instance.read(data).form_id


def test_the_published_example_comes_out() -> None:
    """RFC 2617, section 3.5; RFC 7616 computes the same."""
    answer = digest.Answer(
        username="Mufasa",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri="/dir/index.html",
        response="6629fae49393a05397450978507c4ef1",
        cnonce="0a4f113b",
        nc="00000001",
        algorithm="MD5",
    )
    ha1 = hashlib.md5(b"Mufasa:testrealm@host.com:Circle Of Life").hexdigest()
    assert digest.is_right(answer, "GET", ha1)
    assert not digest.is_right(answer, "POST", ha1)


def test_a_nonce_serves_each_count_once_and_not_for_long() -> None:
    now_ms = [0]
    ids = iter(bytes([n]) * 16 for n in range(9))
    nonces = Nonces(b"key", lambda: now_ms[0], lambda: next(ids))
    nonce = nonces.draw()
    assert [nonces.use(nonce, count) for count in (2, 1, 2)] == [Use.GOOD, Use.GOOD, Use.STALE]
    assert nonces.use("A" + nonce[1:-2] + "B=", 3) is Use.STALE
    now_ms[0] = FRESH_MS + 1
    assert nonces.use(nonce, 3) is Use.STALE


@given(st.text(max_size=80))
def test_any_text_is_a_stale_nonce(text: str) -> None:
    nonces = Nonces(b"key", lambda: 0, lambda: bytes(16))
    assert nonces.use(text, 1) is Use.STALE
