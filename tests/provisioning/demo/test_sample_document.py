"""The demo's sample document: a node calls it genuine by the list that lies beside it."""

import stat
from datetime import timedelta
from pathlib import Path

from localservices.verification import trust_files
from localservices.verification.formats.hcert import judge
from localservices.verification.trust import TrustList
from localservices.verification.verdict import State
from provisioning import clock
from provisioning.demo import sample_document


def at_ms(shift: timedelta) -> int:
    return int((clock.now() + shift).timestamp() * 1000)


def test_the_sample_is_valid_for_a_year_and_only_with_its_list(tmp_path: Path) -> None:
    text = sample_document.make(tmp_path)
    known = trust_files.read(tmp_path / sample_document.TRUST_FILE)
    verdict = judge(text, known, at_ms(timedelta(minutes=1)))
    assert (verdict.state, verdict.document_type) == (State.VALID, "vaccination")
    assert dict(verdict.claims)["name"] == "Лисенко Оксана"
    assert judge(text, known, at_ms(timedelta(days=366))).state is State.EXPIRED
    assert judge(text, TrustList(), at_ms(timedelta(0))).state is State.UNTRUSTED_ISSUER


def test_a_demo_that_is_started_again_keeps_its_document(tmp_path: Path) -> None:
    assert sample_document.make(tmp_path) == sample_document.make(tmp_path)


def test_the_folder_that_it_makes_is_nobody_elses(tmp_path: Path) -> None:
    sample_document.make(tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
