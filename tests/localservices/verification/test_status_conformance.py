"""Published status lists, through everything that a document meets on a node."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from localservices.verification import engine, jwk, status
from localservices.verification.formats import jose
from localservices.verification.formats.jose import Jws
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.status import Statuses
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Reason, State, Verdict
from tests.localservices.verification.authorities import curve_key, jwt

DATA = Path(__file__).parents[4] / "shared" / "data" / "statuslist"
needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)
WHEN = When(1_760_000_000_000)  # October 2025: all of these lists are in force
KEY = curve_key()
# The DID that the lists name as their issuer holds its key.
DID = (
    "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJFZDI1NTE5Iiwia2lkIjoiTVo4UGZUN0lqR2NQMi1JOXZUeWFwdjZkaHZld"
    "GZoUUlkc2dXTEIyZTdKRSIsIngiOiItaFY3dlJsNXZ0NVNuaFV1NGxpb3psdnRrZDhmdGk4NDBlUWU3NDZpMUZNIn0"
)
# The key of the draft's examples.
DRAFT = {
    "kty": "EC",
    "crv": "P-256",
    "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
    "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
}


@needs_data
def test_the_draft_s_token_is_signed_by_the_draft_s_key_and_says_what_its_example_says() -> None:
    [path] = (DATA / "ietf" / "raw").glob("*.md")
    found, signed = status.read("".join(path.read_text("utf-8").split()).encode())
    assert isinstance(signed, Jws)
    assert jose.is_signed_by(signed, jwk.read(DRAFT))
    assert not jose.is_signed_by(signed, KEY.public_key())
    case = json.loads((DATA / "ietf" / "bits1.json").read_text("utf-8"))
    assert {int(at): found.of(int(at)) for at in case["status"] if int(at) < 16} == {
        int(at): value for at, value in case["status"].items() if int(at) < 16
    }


def judged(path: Path, folder: Path, listed: TrustList) -> Verdict:
    """Of a document of our own making that has the status of the published one."""
    case = json.loads(path.read_text("utf-8"))
    told = case["status-credential"]
    several = told if isinstance(told, list) else [{"content": told, "id": "<STATUS>"}]
    lists: dict[str, Statuses | None] = {}
    for number, one in enumerate(several):
        file = folder / str(number)
        file.write_text(one["content"])
        name = status.read(one["content"].encode())[0].name
        assert name is not None
        lists[_placeless(one["id"])] = _shelf(file, listed).of(name)
    claims = json.loads(_placeless(json.dumps(case["holder-credential"]))) | {"iss": DID}
    text = jwt(KEY, claims, "dc+sd-jwt") + "~" if "vct" in claims else jwt(KEY, claims, "vc+jwt")
    return engine.judge(text, Knowledge((listed,), lists.get), WHEN)


def _shelf(file: Path, listed: TrustList) -> StatusShelf:
    return StatusShelf(lambda: [("status/lists/one", file, WHEN.at_ms)], lambda: (listed,))


def _placeless(text: str) -> str:
    return text.replace("<STATUS-CREDENTIAL-PATH-PLACEHOLDER>", "<STATUS>")


def trusting(lister: str) -> TrustList:
    """The documents' key is one issuer's, the lists' key is ``lister``'s."""
    encoded = DID.removeprefix("did:jwk:")
    key = jwk.read(json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))))
    keys = (IssuerKey(KEY.public_key(), DID), IssuerKey(key, lister, "lists"))
    return TrustList(made_at_ms=WHEN.at_ms, keys=keys)


def expected(path: Path) -> State:
    """As published, but for one.

    ``custom-valid`` calls a document valid whose entry for revocation says 3, by words of its own
    for each value (``statusMessage``). Bitstring Status List 1.0 keeps such words for the purpose
    ``message``; under revocation whatever is not 0 is revoked, and to err so is to err safely.
    """
    if path.stem == "custom-valid":
        return State.REVOKED
    valid: Any = json.loads(path.read_text("utf-8"))["valid"]
    return State.VALID if valid else State.REVOKED


@needs_data
@pytest.mark.parametrize(
    "path",
    sorted(DATA.glob("waltid/*/*.json")),
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_documents_stand_as_another_implementation_s_lists_say(path: Path, tmp_path: Path) -> None:
    assert judged(path, tmp_path, trusting(DID)).state is expected(path)
    foreign = judged(path, tmp_path, trusting("https://other.example"))
    assert (foreign.state, foreign.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_LIST)
    unknown = TrustList(made_at_ms=WHEN.at_ms, keys=trusting(DID).keys[:1])
    absent = judged(path, tmp_path, unknown)
    assert (absent.state, absent.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_ABSENT)
