"""A certificate is judged by who signed it, whether it is whole, and when."""

import zlib
from datetime import timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification.formats.hcert import judge
from localservices.verification.formats.packing import BODY_BYTES_MAX
from localservices.verification.trust import TrustList
from localservices.verification.verdict import Check, State
from sync.wire import base45 as reading
from sync.wire.errors import MalformedError
from tests.localservices.verification.issuing import (
    DAY,
    NOW,
    NOW_MS,
    Issuer,
    a_body,
    base45,
    packed,
)

ISSUER = Issuer()
RECOVERY_ONLY = "1.3.6.1.4.1.1847.2021.1.3"
TEST_ONLY_WITH_ZERO = "1.3.6.1.4.1.0.1847.2021.1.1"


def state_of(text: str, issuer: Issuer = ISSUER) -> State:
    return judge(text, issuer.trusted, NOW_MS).state


def test_a_genuine_certificate_is_valid_and_shows_whose_it_is() -> None:
    verdict = judge(ISSUER.issue(), ISSUER.trusted, NOW_MS + 5000)
    assert verdict.state is State.VALID
    assert verdict.document_type == "recovery"
    assert verdict.issuer == "UA"
    assert dict(verdict.claims)["name"] == "Лисенко Оксана"
    assert dict(verdict.claims)["birth"] == "1987-06-21"
    assert set(Check) - set(verdict.checks) == {
        Check.STATUS,
        Check.HOLDER,
        Check.REGISTRY,
        Check.RULES,
    }
    assert verdict.trust_age_s == 5


@pytest.mark.parametrize(
    ("shift", "state"),
    [
        (-31 * DAY, State.NOT_YET_VALID),
        (-30 * DAY, State.VALID),
        (30 * DAY, State.VALID),
        (30 * DAY + timedelta(milliseconds=1), State.EXPIRED),
    ],
)
def test_the_time_decides_to_the_second(shift: timedelta, state: State) -> None:
    at_ms = NOW_MS + int(shift / timedelta(milliseconds=1))
    assert judge(ISSUER.issue(), ISSUER.trusted, at_ms).state is state


def test_a_stranger_is_not_called_a_forger() -> None:
    verdict = judge(ISSUER.issue(), TrustList(), NOW_MS)
    assert (verdict.state, verdict.issuer) == (State.UNTRUSTED_ISSUER, "UA")
    assert verdict.claims == ()


def test_another_key_under_the_issuers_id_is_tampering() -> None:
    forger = Issuer()
    forger.der = ISSUER.der  # names the issuer, signs with its own key
    assert state_of(forger.issue()) is State.TAMPERED


@pytest.mark.parametrize("usage", [RECOVERY_ONLY, "1.3.6.1.5.5.7.3.3"])
def test_an_issuer_may_sign_what_its_certificate_allows(usage: str) -> None:
    issuer = Issuer(usages=(usage,))
    assert state_of(issuer.issue(), issuer) is State.VALID


def test_an_issuer_of_tests_may_not_sign_a_recovery() -> None:
    issuer = Issuer(usages=(TEST_ONLY_WITH_ZERO,))
    assert state_of(issuer.issue(), issuer) is State.WRONG_KEY_USAGE


def test_an_issuer_whose_certificate_has_ended_is_not_trusted_any_more() -> None:
    issuer = Issuer(ends=NOW - DAY)
    verdict = judge(issuer.issue(), issuer.trusted, NOW_MS)
    assert (verdict.state, verdict.reason) == (State.ISSUER_EXPIRED, "issuer_expired")


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1, 1e18, True, "soon", None])
def test_an_end_that_is_no_time_is_malformed(seconds: object) -> None:
    assert state_of(ISSUER.issue(expires=seconds)) is State.MALFORMED


def test_fractions_of_a_second_are_times_too() -> None:
    end = (NOW + DAY).timestamp() + 0.25
    assert state_of(ISSUER.issue(expires=end)) is State.VALID


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        b"bytes",
        a_body(nam={}),
        a_body(nam="Лисенко"),
        a_body(dob=...),
        a_body(dob=19870621),
        a_body(ver=1),
        a_body(r=...),
        a_body(r=[]),
        a_body(r=[None]),
        a_body(r=[{}]),
        a_body(r=a_body()["r"] * 2),
        a_body(v=a_body()["r"]),
    ],
)
def test_a_signed_body_that_is_no_certificate_is_malformed(body: object) -> None:
    assert state_of(ISSUER.issue(body)) is State.MALFORMED


def test_groups_that_are_null_are_not_there() -> None:
    assert state_of(ISSUER.issue(a_body(v=None, t=None))) is State.VALID


@pytest.mark.parametrize("tags", [(), (18,), (61, 18), (55799, 61, 18)])
def test_tags_around_a_message_do_not_matter(tags: tuple[int, ...]) -> None:
    inner = cbor2.loads(ISSUER.message(_payload(ISSUER.issue()))).value
    for tag in reversed(tags):
        inner = cbor2.CBORTag(tag, inner)
    assert state_of(packed(cbor2.dumps(inner))) is State.VALID


def test_the_signed_key_id_wins_over_the_unsigned_one() -> None:
    message = cbor2.loads(ISSUER.message(_payload(ISSUER.issue()))).value
    message = [message[0], {4: b"\0" * 8}, message[2], message[3]]
    assert state_of(packed(cbor2.dumps(message))) is State.VALID


@pytest.mark.parametrize("algorithm", [None, 0, -65535, -37, "ES256", -8])
def test_an_algorithm_that_the_key_does_not_fit_is_never_accepted(algorithm: object) -> None:
    kid = cbor2.loads(cbor2.loads(ISSUER.message(b"")).value[0])[4]
    message = ISSUER.message(_payload(ISSUER.issue()), {1: algorithm, 4: kid})
    state = state_of(packed(message))
    assert state in (State.MALFORMED, State.TAMPERED, State.UNSUPPORTED)


@pytest.mark.parametrize(
    "text",
    ["", "HC1:", "HC2:NCFO", "HC1:ґ", "HC1:A", ISSUER.issue()[4:], "HC1:" + "A" * 20_000],
)
def test_what_is_no_certificate_at_all_is_malformed(text: str) -> None:
    assert state_of(text) is State.MALFORMED


def test_a_text_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(100 * BODY_BYTES_MAX), 9)
    assert judge("HC1:" + base45(bomb[:8000]), ISSUER.trusted, NOW_MS).reason == "too_long"


@pytest.mark.parametrize("tag", [2, 28, 29, 35, 256])
def test_tags_that_build_things_are_refused(tag: int) -> None:
    body = a_body(dob=cbor2.CBORTag(tag, 0))
    assert state_of(ISSUER.issue(body)) is State.MALFORMED


def test_no_flipped_bit_is_ever_accepted() -> None:
    text = ISSUER.issue()
    message = zlib.decompress(reading.decode(text[4:]))
    for at in range(len(message)):
        for bit in range(8):
            spoiled = bytearray(message)
            spoiled[at] ^= 1 << bit
            verdict = judge(packed(bytes(spoiled)), ISSUER.trusted, NOW_MS)
            assert verdict.state is not State.VALID or _says_the_same(bytes(spoiled), message), at


def test_no_flipped_bit_of_the_text_is_ever_accepted_with_other_content() -> None:
    text = ISSUER.issue()
    genuine = judge(text, ISSUER.trusted, NOW_MS)
    for at in range(len(text)):
        for bit in range(8):
            other = text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :]
            verdict = judge(other, ISSUER.trusted, NOW_MS)
            assert verdict.state is not State.VALID or verdict == genuine


@given(st.text(max_size=400))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert state_of("HC1:" + text) is not State.VALID


@given(st.binary(max_size=400))
def test_any_message_gets_a_verdict(message: bytes) -> None:
    assert state_of(packed(message)) is not State.VALID


STRANGE = st.recursive(
    st.sampled_from([cbor2.undefined, cbor2.CBORSimpleValue(19), None, True, b"", "", "260373001"])
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["v", "t", "r", "nam", 1, b"x"]), inner, max_size=3)
        | st.builds(cbor2.CBORTag, st.sampled_from([0, 1, 4, 18, 24, 28, 29, 61, 1004, 999]), inner)
    ),
    max_leaves=8,
)


@given(STRANGE)
def test_any_signed_content_gets_a_verdict(content: object) -> None:
    whole = packed(ISSUER.message(cbor2.dumps({1: "UA", 4: 2**30 * 2, -260: {1: content}})))
    assert state_of(whole) is not State.VALID


@given(st.sampled_from(["ver", "nam", "dob", "v", "t", "r"]), STRANGE)
def test_a_body_with_one_strange_field_gets_a_verdict_in_words(name: str, content: object) -> None:
    verdict = judge(ISSUER.issue(a_body(**{name: content})), ISSUER.trusted, NOW_MS)
    assert verdict.state in (State.VALID, State.MALFORMED)
    assert all(isinstance(value, str) for _, value in verdict.claims)


@given(STRANGE, STRANGE, STRANGE)
def test_any_message_of_four_parts_gets_a_verdict(one: object, two: object, three: object) -> None:
    parts = [cbor2.dumps(one), {1: -7, 4: two}, cbor2.dumps(three), bytes(64)]
    assert state_of(packed(cbor2.dumps(parts))) is not State.VALID


@given(st.binary(max_size=200))
def test_base45_reads_back_what_it_wrote(data: bytes) -> None:
    assert reading.decode(base45(data)) == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("BB8", b"AB"),
        ("%69 VD92EX0", b"Hello!!"),
        ("QED8WEX0", b"ietf!"),
        ("FGW", b"\xff\xff"),
        ("U5", b"\xff"),
    ],
)
def test_base45_reads_the_examples_of_its_standard(text: str, data: bytes) -> None:
    assert reading.decode(text) == data


@pytest.mark.parametrize("text", [":::", "GGW", "V5", "A", "BB8A", "a00", "Ä00", "\ud800"])
def test_base45_refuses_what_no_bytes_can_be(text: str) -> None:
    with pytest.raises(MalformedError):
        reading.decode(text)


def _payload(text: str) -> bytes:
    payload: bytes = cbor2.loads(zlib.decompress(reading.decode(text[4:]))).value[2]
    return payload


def _says_the_same(spoiled: bytes, message: bytes) -> bool:
    """Only what stands outside the signature may differ: the tag around the message."""
    found, genuine = cbor2.loads(spoiled), cbor2.loads(message).value
    found = found.value if isinstance(found, cbor2.CBORTag) else found
    return [found[0], found[2], found[3]] == [genuine[0], genuine[2], genuine[3]]
