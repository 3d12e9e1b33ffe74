"""A service travels whole, and what is none is refused with what is amiss."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import cbor, services
from sync.wire.errors import MalformedError, WireError
from sync.wire.lanes import Lane
from sync.wire.services import Manifest, Required, Service, Who

SAID: dict[str, Any] = {
    "id": "cash-assistance",
    "version": "2026112401",
    "country": "UKR",
    "title": {"uk": "Допомога", "en": "Assistance"},
    "summary": {"en": "Money."},
    "authority": {"en": "Ministry"},
    "programme": "idp-cash",
    "who": "verified",
    "lane": "people",
    "answer_days": 10,
    "retention_hours": 720,
    "applicant": ["surname"],
    "checks": [{"types": ["passport", "EE.passport"], "states": ["valid"]}],
    "account": "iban",
}


def a_service(**changes: Any) -> Service:
    return Service(services.manifest_of(SAID | changes), b"<h:html/>", {"towns.csv": b"a,b"})


def test_what_is_written_is_read_again() -> None:
    service = a_service()
    assert services.read(services.write(service)) == service
    said = service.manifest
    assert (said.who, said.lane) == (Who.VERIFIED, Lane.PEOPLE)
    assert said.checks == (Required(("passport", "EE.passport"), ("valid",)),)
    assert service.target == "forms/cash-assistance/2026112401"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("id", "../trust"),
        ("id", None),
        ("version", "1.0"),
        ("country", "UA"),
        ("title", {"uk": "лише українською"}),
        ("title", {"en": ""}),
        ("who", "everyone"),
        ("lane", "media"),
        ("answer_days", 0),
        ("answer_days", True),
        ("retention_hours", 10**9),
        ("applicant", "surname"),
        ("applicant", ["a" * 70]),
        ("checks", [{"types": ["passport"]}]),
        ("account", "no name"),
        ("colour", "blue"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused_by_the_name_of_its_field(
    name: str, wrong: object
) -> None:
    with pytest.raises(MalformedError, match=name if name != "colour" else "no field 'colour'"):
        services.manifest_of(SAID | {name: wrong})


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with pytest.raises(WireError):
        services.read(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    ),
    st.sampled_from(sorted(SAID)),
)
def test_any_value_of_any_field_is_taken_or_refused(value: object, name: str) -> None:
    try:
        manifest = services.manifest_of(SAID | {name: value})
    except MalformedError:
        return
    assert isinstance(manifest, Manifest)
    service = Service(manifest, b"x")
    assert services.read(services.write(service)) == service


@pytest.mark.parametrize("file", ["../x", "a/b", "", ".hidden"])
def test_files_have_plain_names(file: str) -> None:
    whole = {"manifest": SAID, "form": b"x", "files": {file: b""}}
    with pytest.raises(MalformedError, match="plain names"):
        services.read(cbor.encode(whole))
