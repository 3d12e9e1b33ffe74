"""Status lists of all kinds are read bit by bit, and what is not one is refused."""

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.verification import status
from localservices.verification.formats import jose
from localservices.verification.status import StatusList
from localservices.verification.verdict import DocumentError

DATA = Path(__file__).parents[4] / "shared" / "data" / "statuslist"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)


def a_jwt(claims: dict[str, Any], typ: str = "statuslist+jwt") -> str:
    """Whose signature nobody looks at here."""
    parts = [json.dumps({"alg": "EdDSA", "typ": typ}).encode(), json.dumps(claims).encode(), b"x"]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data)).rstrip(b"=").decode()


def read(claims: dict[str, Any]) -> StatusList:
    return status.of_jwt(jose.read(a_jwt(claims)))


@needs_data
@pytest.mark.parametrize("name", ["bits1", "bits4"])
def test_the_draft_s_lists_say_what_they_say(name: str) -> None:
    case = json.loads((DATA / "ietf" / f"{name}.json").read_text("utf-8"))
    found = read({"sub": "https://example.com/1", "status_list": case["json"]})
    assert found.bits == case["bits"]
    for index, expected in case["status"].items():
        assert found.of(int(index)) == expected
    assert found.of(case["size"] - 1) == case["status"].get(str(case["size"] - 1), 0)
    for beyond in (case["size"], -1):
        with pytest.raises(DocumentError):
            found.of(beyond)


def _places(case: dict[str, Any]) -> list[tuple[int, int]]:
    """(index, bits) of each entry."""
    holder = case["holder-credential"]
    if "status" in holder:
        return [(holder["status"]["status_list"]["idx"], 1)]
    told = holder["credentialStatus"]
    entries = told if isinstance(told, list) else [told]
    return [(int(one["statusListIndex"]), one["statusSize"]) for one in entries]


@needs_data
@pytest.mark.parametrize(
    "path",
    sorted(DATA.glob("waltid/*/*.json")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_lists_of_another_implementation_say_what_they_say(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    told = case["status-credential"]
    lists = [one["content"] for one in told] if isinstance(told, list) else [told]
    wanted = case["attribute"] if isinstance(case["attribute"], list) else [case["attribute"]]
    agree = []
    for text, (index, bits), attribute in zip(lists, _places(case), wanted, strict=True):
        found, _ = status.read(text.encode())
        assert found.purpose == attribute.get("purpose")
        agree.append(found.sized(bits).of(index) == attribute["value"])
    assert all(agree) is case["valid"]


def test_a_list_that_would_fill_the_memory_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LIST_BYTES_MAX", 1_000)
    with pytest.raises(DocumentError):
        read({"sub": "x", "status_list": {"bits": 1, "lst": packed(bytes(1_001))}})


@given(st.binary(min_size=1, max_size=50), st.sampled_from([1, 2, 4, 8]))
def test_every_place_is_read_from_the_lowest_bits_up(data: bytes, bits: int) -> None:
    found = read({"sub": "x", "status_list": {"bits": bits, "lst": packed(data)}})
    values = [found.of(index) for index in range(len(data) * 8 // bits)]
    whole = sum(value << bits * index for index, value in enumerate(values))
    assert whole.to_bytes(len(data), "little") == data


@given(
    st.dictionaries(
        st.sampled_from(["sub", "status_list", "vc", "iat", "exp", "credentialSubject"]),
        st.none() | st.integers() | st.text(max_size=9) | st.dictionaries(st.text(), st.text()),
    )
)
def test_any_claims_are_a_list_or_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(DocumentError):
        read(claims)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    for one in (data, b"eyJ" + data):
        with pytest.raises(DocumentError):
            status.read(one)
