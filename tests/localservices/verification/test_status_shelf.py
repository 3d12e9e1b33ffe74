"""A node's status lists: as the catalogue brought them, and only of issuers whom it believes."""

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from localservices.verification import engine, trust
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.status_shelf import StatusShelf
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import Reason, State, Verdict
from sync.wire import revocations
from tests.localservices.verification.authorities import Wanted, b64, curve_key, jwt, root
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS

KEY, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
URI = "https://status.example/1"


def a_list(key: Ed25519PrivateKey, data: bytes = b"\x02") -> bytes:
    head = b64(json.dumps({"alg": "EdDSA", "typ": "statuslist+jwt"}).encode())
    told: dict[str, Any] = {
        "sub": URI,
        "iat": 1,
        "status_list": {"bits": 1, "lst": b64(zlib.compress(data))},
    }
    signed = f"{head}.{b64(json.dumps(told).encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}".encode()


def a_shelf(path: Path, name: str = "status/lists/one.jwt") -> StatusShelf:
    known = (TrustList(keys=(IssuerKey(KEY.public_key()),)),)
    return StatusShelf(lambda: [(name, path, 5_000)], lambda: known)


def test_a_list_of_an_issuer_on_the_trust_list_counts_and_nobody_else_s(tmp_path: Path) -> None:
    (tmp_path / "ours").write_bytes(a_list(KEY))
    found = a_shelf(tmp_path / "ours").of(URI)
    assert found is not None
    assert (found.of(0), found.of(1), found.made_at_ms) == (0, 1, 5_000)
    (tmp_path / "theirs").write_bytes(a_list(STRANGER))
    assert a_shelf(tmp_path / "theirs").of(URI) is None
    (tmp_path / "spoiled").write_bytes(a_list(KEY)[:-2])
    assert a_shelf(tmp_path / "spoiled").of(URI) is None
    assert a_shelf(tmp_path / "absent").of(URI) is None


ISSUER, OTHER = "https://issuer.example", "https://other.example"
ROOT = root()
SIGNER, SECOND, NEIGHBOUR = (curve_key() for _ in range(3))
LISTED = TrustList(
    trust.of_certificates([ROOT.der]).by_kid,
    NOW_MS,
    keys=(
        IssuerKey(SIGNER.public_key(), ISSUER),
        IssuerKey(SECOND.public_key(), ISSUER, "for status lists"),
        IssuerKey(NEIGHBOUR.public_key(), OTHER),
    ),
)
NAMED = Wanted(names=(ISSUER,))
LIST = {
    "sub": URI,
    "iat": NOW_MS // 1000,
    "status_list": {"bits": 1, "lst": b64(zlib.compress(b"\x02"))},
}
CREDENTIAL = {
    "iss": ISSUER,
    "vct": "permit",
    "exp": NOW_MS // 1000 + 60,
    "status": {"status_list": {"idx": 1, "uri": URI}},
}


def judged(path: Path, credential: str, status_list: str, listed: TrustList = LISTED) -> Verdict:
    """Of a credential whose status list, brought by the catalogue, says that it is revoked."""
    path.write_text(status_list)
    shelf = StatusShelf(lambda: [("status/lists/one.jwt", path, NOW_MS)], lambda: (listed,))
    return engine.judge(credential + "~", Knowledge((listed,), shelf.of), When(NOW_MS))


def a_token(key: ec.EllipticCurvePrivateKey) -> str:
    return jwt(key, LIST, "statuslist+jwt")


def test_an_issuer_s_list_tells_of_its_documents_by_whichever_of_its_keys(tmp_path: Path) -> None:
    text = jwt(SIGNER, CREDENTIAL, "dc+sd-jwt")
    for key in (SIGNER, SECOND):
        assert judged(tmp_path / "list", text, a_token(key)).state is State.REVOKED


def test_another_issuer_s_list_tells_nothing_though_it_is_trusted(tmp_path: Path) -> None:
    text = jwt(SIGNER, CREDENTIAL, "dc+sd-jwt")
    leaf = ROOT.certify(NAMED)
    for foreign in (a_token(NEIGHBOUR), leaf.token(LIST, "statuslist+jwt", [leaf])):
        verdict = judged(tmp_path / "list", text, foreign)
        assert (verdict.state, verdict.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_LIST)


def test_whom_one_authority_certified_tell_of_each_other_s_documents(tmp_path: Path) -> None:
    leaf, lister = ROOT.certify(NAMED), ROOT.certify(Wanted("Status"))
    text = leaf.token(CREDENTIAL, chain=[leaf])
    told = lister.token(LIST, "statuslist+jwt", [lister])
    assert judged(tmp_path / "list", text, told).state is State.REVOKED
    two = root()
    listed = replace(LISTED, by_kid=trust.of_certificates([ROOT.der, two.der]).by_kid)
    for other in (two.certify(Wanted("Status")), root()):
        told = other.token(LIST, "statuslist+jwt", [other])
        assert judged(tmp_path / "list", text, told, listed).state is State.STATUS_UNKNOWN


def test_who_may_not_sign_or_is_past_its_time_signs_no_list(tmp_path: Path) -> None:
    leaf = ROOT.certify(NAMED)
    text = leaf.token(CREDENTIAL, chain=[leaf])
    for wanted in (Wanted(use=None), Wanted(use="key_agreement"), Wanted(ends=NOW - DAY)):
        lister = ROOT.certify(wanted)
        verdict = judged(tmp_path / "list", text, lister.token(LIST, "statuslist+jwt", [lister]))
        assert (verdict.state is State.REVOKED) is (wanted.use is None)
        if wanted.use is not None:
            assert verdict.reason is Reason.STATUS_ABSENT


def test_a_list_with_certificates_that_are_none_is_not_read(tmp_path: Path) -> None:
    told = jwt(SIGNER, LIST, "statuslist+jwt", x5c=["x"])
    verdict = judged(tmp_path / "list", jwt(SIGNER, CREDENTIAL, "dc+sd-jwt"), told)
    assert (verdict.state, verdict.reason) == (State.STATUS_UNKNOWN, Reason.STATUS_ABSENT)


def test_of_our_own_documents_what_is_not_named_stands(tmp_path: Path) -> None:
    path = tmp_path / "edocuments"
    path.write_bytes(revocations.encode(["lviv-1-0a1b2c-2-7"]))
    shelf = a_shelf(path, revocations.TARGET)
    found, other = shelf.of("nz:lviv-1-0a1b2c-2"), shelf.of("nz:lviv-2-0a1b2c-2")
    assert found is not None
    assert other is not None
    assert (found.of(7), found.of(8), other.of(7)) == (1, 0, 0)
    assert StatusShelf().of("nz:lviv-1-0a1b2c-2") is None
