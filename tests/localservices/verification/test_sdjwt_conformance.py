"""SD-JWT by what others publish: what a holder shows is what a verifier reads, and no more."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localservices.verification import engine, jwk
from localservices.verification.formats import jose, sdjwt
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Check, State, Verdict
from tests.localservices.verification.authorities import b64, curve_key, jwt
from tests.localservices.verification.test_sdjwt import digest, public

DATA = Path(__file__).parents[4] / "shared" / "data" / "sdjwt"
PYTHON = DATA / "sd-jwt-python"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)
KEY, HOLDER = curve_key(), curve_key()
SIGNED_S = 1_683_000_000  # when the drafts' examples were signed

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Hidden:
    """A name or an element that the issuer lets the holder keep to itself."""

    value: Any


@dataclass
class Concealing:
    """An issuer's side of RFC 9901, section 4. ``made``: each disclosure by where it stands."""

    made: dict[Place, str] = field(default_factory=dict)

    def concealed(self, told: Any, place: Place = ()) -> Any:
        if isinstance(told, dict):
            return self._object(told, place)
        if isinstance(told, list):
            return [self._element(one, (*place, n)) for n, one in enumerate(told)]
        return told

    def _object(self, told: dict[Any, Any], place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        digests = [digest(f"a decoy at {place}")]
        for name, value in told.items():
            label = name.value if isinstance(name, Hidden) else name
            inner = self.concealed(value, (*place, label))
            if isinstance(name, Hidden):
                digests.append(self._digest((*place, label), label, inner))
            else:
                found[label] = inner
        return found | {"_sd": sorted(digests)}

    def _element(self, told: Any, place: Place) -> Any:
        if not isinstance(told, Hidden):
            return self.concealed(told, place)
        return {"...": self._digest(place, self.concealed(told.value, place))}

    def _digest(self, place: Place, *parts: Any) -> str:
        self.made[place] = b64(json.dumps([f"salt-{place}", *parts]).encode())
        return digest(self.made[place])


def plain(told: Any) -> Any:
    """With nothing hidden."""
    if isinstance(told, Hidden):
        return plain(told.value)
    if isinstance(told, dict):
        return {plain(name): plain(value) for name, value in told.items()}
    return [plain(one) for one in told] if isinstance(told, list) else told


def shown(choice: Any, place: Place = ()) -> Iterator[Place]:
    """Where a holder's choice says yes."""
    if choice is True:
        yield place
    if isinstance(choice, list):
        choice = dict(enumerate(choice))
    if isinstance(choice, dict):
        for name, inner in choice.items():
            yield from shown(inner, (*place, name))


def presented(told: Any, places: Sequence[Place] | None, **more: Any) -> str:
    """``places``: what the holder shows, with all that it stands in; None: all."""
    issuer = Concealing()
    payload = issuer.concealed(told) | more
    chosen = [
        text
        for at, text in issuer.made.items()
        if places is None or any(one[: len(at)] == at for one in places)
    ]
    return "~".join([jwt(KEY, payload, "dc+sd-jwt"), *chosen, ""])


def read(text: str) -> dict[str, Any]:
    found = sdjwt.read(text)
    assert jose.is_signed_by(found.jws, KEY.public_key())
    return sdjwt.claims_of(found)[0]


def marked(claims: Any, frame: Any) -> Any:
    """Claims, and beside them the names and indices that are hidden, as sd-jwt-js has them."""
    if isinstance(claims, dict):
        hidden = set(frame.get("_sd", ()))
        return {
            Hidden(name) if name in hidden else name: marked(value, frame.get(name, {}))
            for name, value in claims.items()
        }
    if isinstance(claims, list):
        hidden = set(frame.get("_sd", ()))
        several = [marked(one, frame.get(str(n), {})) for n, one in enumerate(claims)]
        return [Hidden(one) if n in hidden else one for n, one in enumerate(several)]
    return claims


def numbered(places: Iterator[Place], claims: Any) -> list[Place]:
    """With indices where the claims have lists."""
    found = []
    for place in places:
        at, inner = [], claims
        for step in place:
            at.append(int(step) if isinstance(inner, list) else step)
            inner = inner[at[-1]]
        found.append(tuple(at))
    return found


@needs_data
@pytest.mark.parametrize(
    "path", sorted(DATA.glob("sd-jwt-js/*.json")), ids=lambda path: str(path.stem)
)
def test_the_cases_of_sd_jwt_js_show_what_they_say(path: Path) -> None:
    case = json.loads(path.read_text("utf-8"))
    told = marked(case["claims"], case["disclosureFrame"])
    places = numbered(shown(case["presentationFrames"]), case["claims"])
    assert read(presented(told, places)) == case["presenatedClaims"]
    assert read(presented(told, None)) == case["claims"]


def specification(path: Path) -> dict[str, Any]:
    """YAML, in which ``!sd`` marks what is hidden."""
    yaml = pytest.importorskip("yaml", reason="PyYAML, which reads these cases, is not installed")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        pass

    def hidden(loader: Any, node: Any) -> Hidden:
        if isinstance(node, yaml.ScalarNode):
            plain_one = node.style is None
            tag = loader.resolve(yaml.ScalarNode, node.value, (plain_one, not plain_one))
            return Hidden(loader.construct_object(yaml.ScalarNode(tag, node.value)))
        if isinstance(node, yaml.SequenceNode):
            return Hidden(loader.construct_sequence(node, deep=True))
        return Hidden(loader.construct_mapping(node, deep=True))

    Loader.add_constructor("!sd", hidden)
    found: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader)
    return found


@needs_data
@pytest.mark.parametrize(
    "path",
    sorted(PYTHON.glob("*/**/specification.yml")),
    ids=lambda path: f"{path.parents[1].name}-{path.parent.name}",
)
def test_the_cases_of_sd_jwt_python_show_what_they_say(path: Path) -> None:
    case = specification(path)
    told = case["user_claims"]
    assert read(presented(told, None)) == plain(told)
    places = list(shown(case["holder_disclosed_claims"]))
    found = read(presented(told, places))
    if (wanted := case.get("expect_verified_user_claims")) is not None:
        assert found == wanted
    else:  # an example, whose outcome nobody wrote down
        assert set(found) <= set(plain(told))


def judged(text: str, key: ec.EllipticCurvePublicKey, issuer: str, at_s: int) -> Verdict:
    keys = (IssuerKey(key, issuer),)
    known = Knowledge((TrustList(made_at_ms=at_s * 1000, keys=keys),))
    return engine.judge(text, known, When(at_s * 1000))


@needs_data
def test_the_draft_s_second_example_is_a_valid_credential() -> None:
    case = specification(DATA / "sd-jwt-vc-examples" / "02" / "specification.yml")
    issuer = "https://example.com/issuer"
    more = {"iss": issuer, "iat": SIGNED_S, "exp": 1_883_000_000}
    places = list(shown(case["holder_disclosed_claims"]))
    text = presented(case["user_claims"], places, **more)
    assert set(read(text)) == {"iss", "iat", "exp", "vct", "address", "is_over_65"}
    verdict = judged(text, KEY.public_key(), issuer, SIGNED_S)
    assert (verdict.state, verdict.issuer) == (State.VALID, issuer)
    names = presented(case["user_claims"], [("given_name",), ("family_name",)], **more)
    told = dict(judged(names, KEY.public_key(), issuer, SIGNED_S).claims)
    assert told == {"name": "Doe John", "kind": case["user_claims"]["vct"]}


@needs_data
def test_a_case_with_a_holder_s_key_shows_its_holder() -> None:
    case = specification(PYTHON / "tests" / "testcases" / "key_binding" / "specification.yml")
    more = {"iss": "i", "vct": "v", "iat": SIGNED_S, "cnf": {"jwk": public(HOLDER)}}
    text = presented(case["user_claims"], list(shown(case["holder_disclosed_claims"])), **more)
    said = {"iat": SIGNED_S, "aud": "us", "nonce": "1234567890", "sd_hash": digest(text)}
    verdict = judged(text + jwt(HOLDER, said, "kb+jwt"), KEY.public_key(), "i", SIGNED_S)
    assert (verdict.state, Check.HOLDER in verdict.checks) == (State.VALID, True)
    assert dict(verdict.claims)["name"] == "Doe John"


@needs_data
@pytest.mark.parametrize(
    ("name", "number", "state"),
    [
        ("sd-jwt-vc", 0, State.HOLDER_UNBOUND),
        ("sd-jwt-vc", 1, State.VALID),  # its issuer names no holder's key
        ("rfc9901", 3, State.HOLDER_UNBOUND),
        ("rfc9901", 0, State.UNSUPPORTED),  # SD-JWTs, and no credentials
        ("rfc9901", 2, State.UNSUPPORTED),
    ],
)
def test_the_rendered_examples_are_judged_as_what_they_are(
    name: str, number: int, state: State
) -> None:
    compact = json.loads((DATA / f"{name}-rendered.json").read_text("utf-8"))[number]["compact"]
    settings = {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
    compact += "" if "~" in compact else "~"  # one example leaves out its disclosures
    issuer = sdjwt.read(compact).jws.claims()["iss"]
    key = jwk.read(settings)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert judged(compact, key, issuer, SIGNED_S).state is state
