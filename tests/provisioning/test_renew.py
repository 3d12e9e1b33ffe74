"""A certificate that ran out is made anew from itself: same name, same purposes, another key."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

from provisioning import authority, clock, enrolment, keyfiles
from provisioning.commands import provision
from provisioning.enrolment import Signing
from provisioning.errors import KeyFileError

PASSPHRASE = "correct horse battery"
NOW = clock.now()
LONG_AGO = NOW - timedelta(days=500)


def a_signing(since: datetime = LONG_AGO) -> Signing:
    root = authority.new_root(since)
    return Signing(root.certificate, authority.new_issuing(root, since))


def leaf(path: Path) -> x509.Certificate:
    return keyfiles.read_chain(path)[0]


def test_a_node_keeps_its_name_and_its_signing_key(tmp_path: Path) -> None:
    signing = a_signing()
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1"], LONG_AGO)
    enrolment.enrol_node(tmp_path / "n", "kharkiv-07", tmp_path / "c", signing, LONG_AGO)
    old, own = leaf(tmp_path / "n" / "node.crt"), (tmp_path / "n" / "signing.key").read_bytes()
    assert old.not_valid_after_utc < NOW
    assert enrolment.renew(tmp_path / "n", signing, NOW) == ["node"]
    new = leaf(tmp_path / "n" / "node.crt")
    assert new.not_valid_after_utc > NOW + timedelta(days=300)
    assert (new.subject, new.public_key()) == (
        old.subject,
        keyfiles.read_key(tmp_path / "n" / "node.key").public_key(),
    )
    assert new.public_key() != old.public_key()
    for kind in (x509.SubjectAlternativeName, x509.ExtendedKeyUsage):
        before, after = (one.extensions.get_extension_for_class(kind).value for one in (old, new))
        assert before == after
    assert (tmp_path / "n" / "signing.key").read_bytes() == own


def test_the_certificate_alone_is_enough(tmp_path: Path) -> None:
    signing = a_signing()
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1"], LONG_AGO)
    enrolment.enrol_node(tmp_path / "n", "kharkiv-07", tmp_path / "c", signing, LONG_AGO)
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "node.crt").write_bytes((tmp_path / "n" / "node.crt").read_bytes())
    enrolment.renew(stick, signing, NOW)
    made = {"node.crt", "node.key", "ca.crt", "document.key", "document.cwt"}
    assert {path.name for path in stick.iterdir()} == made


def test_central_and_its_broker_are_renewed_together(tmp_path: Path) -> None:
    signing = a_signing()
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1", "central.example"], LONG_AGO)
    assert enrolment.renew(tmp_path / "c", signing, NOW) == ["broker", "central"]
    names = leaf(tmp_path / "c" / "broker.crt").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["central.example"]


def test_another_authority_s_certificate_is_not_renewed(tmp_path: Path) -> None:
    signing = a_signing()
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1"], LONG_AGO)
    before = (tmp_path / "c" / "broker.crt").read_bytes()
    with pytest.raises(KeyFileError, match="not from this authority"):
        enrolment.renew(tmp_path / "c", a_signing(), NOW)
    assert (tmp_path / "c" / "broker.crt").read_bytes() == before
    (tmp_path / "empty").mkdir()
    with pytest.raises(KeyFileError, match="holds no node"):
        enrolment.renew(tmp_path / "empty", signing, NOW)


def test_a_technician_is_told_what_to_do_with_it(tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    key = ["--passphrase-file", str(tmp_path / "p")]
    run = CliRunner().invoke
    made = run(provision, ["authority", "--dir", str(tmp_path / "a"), *key])
    assert made.exit_code == 0, made.output
    signing = enrolment.open_signing(tmp_path / "a", PASSPHRASE.encode(), clock.now())
    enrolment.enrol_central(tmp_path / "c", signing, ["127.0.0.1"], clock.now())
    enrolment.enrol_node(tmp_path / "n", "lviv-1", tmp_path / "c", signing, clock.now())
    line = ["renew", str(tmp_path / "n"), "--authority", str(tmp_path / "a"), *key]
    told = run(provision, line)
    assert told.exit_code == 0, told.output
    assert "node.crt and node.key to the node's folder" in told.output
