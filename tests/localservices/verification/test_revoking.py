"""An issuer who lost his right is no stranger: the verdict says that he was revoked."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from localservices.verification import engine, trust_files
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.trust_files import TrustFileError
from localservices.verification.verdict import Check, Reason, State, Verdict
from tests.localservices.verification import test_edocument, test_vds_nc
from tests.localservices.verification.authorities import AUTHORITY, Wanted, root
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS, Issuer
from tests.localservices.verification.mdoc_issuing import IACA, SIGNER, Licence
from tests.localservices.verification.passports import Passports
from tests.localservices.verification.seals import Sealer
from tests.localservices.verification.test_edocument import HOME
from tests.localservices.verification.test_sdjwt import ISSUER, KEY, PLAIN, issued, public

HEALTH, SEALER, PASSPORTS = Issuer(), Sealer(), Passports()
DOCUMENT_SIGNER = IACA.certify(SIGNER)
TOKENS = root(AUTHORITY)
TOKEN_SIGNER = TOKENS.certify(Wanted(names=(ISSUER,)))
TOKEN = TOKEN_SIGNER.token(PLAIN, chain=[TOKEN_SIGNER]) + "~"

# A document of each format, who is on the list, and who is taken off it.
CASES: dict[str, tuple[Callable[[], str], list[bytes], bytes]] = {
    "hcert": (HEALTH.issue, [HEALTH.der], HEALTH.der),
    "edocument": (test_edocument.issued, [HOME.der], HOME.der),
    "vds": (lambda: SEALER.seal().decode("latin-1"), [SEALER.der], SEALER.der),
    "mdoc": (
        lambda: Licence(DOCUMENT_SIGNER).response().hex(),
        [IACA.der],
        DOCUMENT_SIGNER.der,
    ),
    "sd-jwt": (lambda: TOKEN, [TOKENS.der], TOKEN_SIGNER.der),
    "an authority": (lambda: TOKEN, [TOKENS.der], TOKENS.der),
    "vds-nc": (
        lambda: test_vds_nc.issued(test_vds_nc.TEST),
        [test_vds_nc.STATE.der],
        test_vds_nc.SIGNER,
    ),
}


def b64(der: bytes) -> str:
    return base64.b64encode(der).decode()


def judged(text: str, folder: Path, **told: Any) -> Verdict:
    path = folder / "list.json"
    path.write_text(json.dumps({"made_at": NOW.isoformat(), "certificates": []} | told))
    return engine.judge(text, Knowledge((trust_files.read(path),)), When(NOW_MS))


@pytest.mark.parametrize("name", CASES)
def test_a_document_by_one_who_was_revoked_is_said_to_be(name: str, tmp_path: Path) -> None:
    issue, listed, revoked = CASES[name]
    text, certificates = issue(), [b64(one) for one in listed]
    before = judged(text, tmp_path, certificates=certificates)
    assert before.state in (State.VALID, State.HOLDER_UNBOUND, State.STATUS_UNKNOWN)
    after = judged(text, tmp_path, certificates=certificates, revoked=[b64(revoked)])
    assert (after.state, after.reason) == (State.ISSUER_REVOKED, Reason.ISSUER_REVOKED)
    assert Check.SIGNATURE in after.checks
    assert Check.KEY_USAGE not in after.checks


def test_one_who_stands_on_no_list_any_more_is_no_stranger_either(tmp_path: Path) -> None:
    verdict = judged(HEALTH.issue(), tmp_path, revoked=[b64(HEALTH.der)])
    assert verdict.state is State.ISSUER_REVOKED


def test_a_forgery_in_the_name_of_one_who_was_revoked_is_a_forgery(tmp_path: Path) -> None:
    text = HEALTH.issue()
    changed = text[:-8] + ("0" if text[-8] != "0" else "1") + text[-7:]
    verdict = judged(changed, tmp_path, revoked=[b64(HEALTH.der)])
    assert verdict.state in (State.TAMPERED, State.MALFORMED)


def test_a_key_may_be_revoked_too(tmp_path: Path) -> None:
    key = {"jwk": public(KEY), "issuer": ISSUER}
    text = issued(iat=NOW_MS // 1000 - 60, exp=NOW_MS // 1000 + 60)
    assert judged(text, tmp_path, certificates=[key]).state is State.VALID
    verdict = judged(text, tmp_path, certificates=[key | {"revoked": True}])
    assert verdict.state is State.ISSUER_REVOKED


def a_crl(by: ec.EllipticCurvePrivateKey, name: x509.Name, serial: int) -> str:
    one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - DAY)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name)
        .add_revoked_certificate(one.build())
    )
    crl = crl.last_update(NOW - DAY).next_update(NOW + DAY)
    return b64(crl.sign(by, SHA256()).public_bytes(Encoding.DER))


def test_an_authoritys_crl_counts_and_a_strangers_does_not(tmp_path: Path) -> None:
    name, serial = TOKENS.certificate.subject, TOKEN_SIGNER.certificate.serial_number
    listed = [b64(TOKENS.der)]
    ours, theirs = a_crl(TOKENS.key, name, serial), a_crl(root(AUTHORITY).key, name, serial)
    assert judged(TOKEN, tmp_path, certificates=listed, crls=[ours]).state is State.ISSUER_REVOKED
    assert judged(TOKEN, tmp_path, certificates=listed, crls=[theirs]).state is State.VALID
    other = a_crl(TOKENS.key, name, serial + 1)
    assert judged(TOKEN, tmp_path, certificates=listed, crls=[other]).state is State.VALID


@pytest.mark.parametrize("crl", ["", "AAAA", b64(HEALTH.der), a_crl(KEY, x509.Name([]), 7)])
def test_what_is_no_crl_takes_nobody_off_and_counts_as_spoiled(crl: str, tmp_path: Path) -> None:
    told = {"certificates": [b64(HEALTH.der)], "crls": [crl]}
    path = tmp_path / "list.json"
    path.write_text(json.dumps(told))
    found = trust_files.read(path)
    assert (found.spoiled, found.revoked, len(found.certificates)) == (1, frozenset(), 1)


@pytest.mark.parametrize("told", [{"revoked": "all"}, {"crls": [7]}, {"revoked": None}])
def test_a_list_that_says_it_wrongly_is_not_taken(told: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"certificates": []} | told))
    with pytest.raises(TrustFileError):
        trust_files.read(path)
