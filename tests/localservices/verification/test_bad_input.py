"""What somebody may hold before the desk to harm it: each its verdict, and all of them in words."""

import base64
import json
import zlib
from collections.abc import Callable
from pathlib import Path

import cbor2
import pytest

from localservices import messages
from localservices.messages import LANGUAGES
from localservices.verification import engine, pages, trust
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Reason, State, Verdict
from sync.wire import base45
from tests.localservices.verification.authorities import AUTHORITY, b64, root
from tests.localservices.verification.issuing import DAY, NOW_MS, Issuer, packed
from tests.localservices.verification.test_sdjwt import ISSUER, KEY, PLAIN, issued

HEALTH = Issuer()
_SAID = messages.load([Path(pages.__file__).parent / "messages"])
_DAY_MS = DAY.total_seconds() * 1000


def a_bomb() -> str:
    return "HC1:" + base45.encode(zlib.compress(bytes(500 * 1024 * 1024), 9)[:2_000])


def itself() -> str:
    """CBOR that is its own element (tags 28 and 29)."""
    return packed(b"\xd8\x1c\x81\xd8\x1d\x00")


def nested() -> str:
    return packed(b"\x81" * 10_000 + b"\x01")


def forty() -> str:
    """Forty certificates, each by the next."""
    chain = [root(AUTHORITY)]
    for _ in range(39):
        chain.insert(0, chain[0].certify(AUTHORITY))
    return chain[0].token(PLAIN, chain=chain) + "~"


def no_algorithm() -> str:
    head = b64(json.dumps({"alg": "none", "typ": "dc+sd-jwt"}).encode())
    return f"{head}.{b64(json.dumps(PLAIN).encode())}.~"


def before_all_places() -> str:
    now_s = NOW_MS // 1000
    reference = {"status_list": {"uri": "https://status.example/1", "idx": -1}}
    return issued(status=reference, iat=now_s - 60, exp=now_s + 60)


def endless() -> str:
    return "HC1:" + "A" * 2_000_000


def a_number() -> str:
    return packed(cbor2.dumps(7))


CASES: dict[str, tuple[Callable[[], str], State, Reason]] = {
    "zlib bomb": (a_bomb, State.MALFORMED, Reason.TOO_LONG),
    "CBOR that holds itself": (itself, State.MALFORMED, Reason.CBOR),
    "CBOR nested deep": (nested, State.MALFORMED, Reason.CBOR),
    "forty certificates": (forty, State.UNTRUSTED_ISSUER, Reason.CHAIN),
    "algorithm none": (no_algorithm, State.UNSUPPORTED, Reason.ALGORITHM),
    "place -1 on a status list": (before_all_places, State.MALFORMED, Reason.STATUS_INDEX),
    "two million signs": (endless, State.MALFORMED, Reason.TOO_LONG),
    "a number": (a_number, State.MALFORMED, Reason.COSE),
}


def known(made_at_ms: int = NOW_MS) -> Knowledge:
    certificates = trust.of_certificates([HEALTH.der], made_at_ms)
    keys = TrustList(made_at_ms=made_at_ms, keys=(IssuerKey(KEY.public_key(), ISSUER),))
    return Knowledge((certificates, keys))


def said(verdict: Verdict) -> None:
    """Every sentence of it is there, in both languages, and none with a hole."""
    for language in LANGUAGES:
        for key in (f"state.{verdict.state}", f"advice.{verdict.state}"):
            assert _SAID.sentence(language, f"verification.{key}")
        reason = _SAID.sentence(language, f"verification.reason.{verdict.reason}", **verdict.facts)
        assert reason
        assert "{" not in reason


@pytest.mark.parametrize("name", CASES)
def test_each_is_a_verdict_in_words(name: str) -> None:
    made, state, reason = CASES[name]
    verdict = engine.judge(made(), known(), When(NOW_MS))
    assert (verdict.state, verdict.reason) == (state, reason)
    said(verdict)


def test_a_clock_in_1970_is_said_to_be_wrong() -> None:
    verdict = engine.judge(HEALTH.issue(), known(), When(0, passed_ms=NOW_MS))
    assert verdict.state is State.CLOCK_UNRELIABLE
    said(verdict)


def test_last_months_list_is_said_to_be_old() -> None:
    made_ms = int(NOW_MS - 61 * _DAY_MS)
    verdict = engine.judge(HEALTH.issue(), known(made_ms), When(NOW_MS))
    assert verdict.state is State.STALE_DATA
    said(verdict)


def test_a_strangers_token_with_a_key_inside_is_by_a_stranger() -> None:
    """The header's own key (``jwk``) proves nothing: whoever forges a token sends along his."""
    stranger = root(AUTHORITY)
    point = stranger.key.public_key().public_numbers()
    x, y = (b64(one.to_bytes(32, "big")) for one in (point.x, point.y))
    own = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    for header in ({"jwk": own}, {"jku": "https://evil.example"}, {"x5u": "https://evil.example"}):
        text = stranger.token(PLAIN, **header) + "~"
        assert engine.judge(text, known(), When(NOW_MS)).state in (
            State.UNTRUSTED_ISSUER,
            State.TAMPERED,
        )


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_random_base64_is_no_document(size: int) -> None:
    text = base64.b64encode(bytes(range(256)) * size).decode()[: size * 300]
    assert engine.judge(text, known(), When(NOW_MS)).state is State.MALFORMED
