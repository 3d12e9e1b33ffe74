"""The authority's certificates, judged by openssl too, and the files they lie in."""

import shutil
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning import authority, keyfiles
from provisioning.commands import provision
from provisioning.errors import (
    ExpiredError,
    KeyFileError,
    NotANameError,
    OccupiedError,
    PassphraseError,
    ProvisioningError,
)
from tests.daemons import require

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PASSPHRASE = b"nine cold kettles"


@pytest.fixture(scope="module")
def root() -> authority.Issuer:
    return authority.new_root(NOW)


@pytest.fixture(scope="module")
def issuing(root: authority.Issuer) -> authority.Issuer:
    return authority.new_issuing(root, NOW)


def a_broker(issuing: authority.Issuer, *hosts: str) -> x509.Certificate:
    return authority.certify_broker(issuing, authority.new_key().public_key(), hosts, NOW)


def a_worker(issuing: authority.Issuer, name: str = "worker") -> x509.Certificate:
    return authority.certify_worker(issuing, authority.new_key().public_key(), name, NOW)


def a_node(issuing: authority.Issuer, node_id: str = "node-7") -> x509.Certificate:
    return authority.certify_node(issuing, authority.new_key().public_key(), node_id, NOW)


def common_name(certificate: x509.Certificate) -> str:
    [attribute] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def dns_names(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return names.value.get_values_for_type(x509.DNSName)


def purposes(certificate: x509.Certificate) -> set[x509.ObjectIdentifier]:
    return set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def openssl_says(
    folder: Path, chain: list[x509.Certificate], purpose: str
) -> subprocess.CompletedProcess[str]:
    """What ``openssl verify`` finds of a leaf, what stands above it, and the root."""
    leaf, between, root = (folder / name for name in ("leaf.crt", "between.crt", "root.crt"))
    keyfiles.write_certificates(leaf, chain[:1])
    keyfiles.write_certificates(between, chain[1:-1])
    keyfiles.write_certificates(root, chain[-1:])
    return subprocess.run(
        [
            *(require("openssl"), "verify", "-x509_strict", "-purpose", purpose),
            *("-attime", str(int(NOW.timestamp())), "-CAfile", str(root)),
            *("-untrusted", str(between), str(leaf)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("make", [a_node, a_worker])
def test_openssl_accepts_a_client_in_its_strictest_mode(
    make: Callable[[authority.Issuer], x509.Certificate],
    root: authority.Issuer,
    issuing: authority.Issuer,
    tmp_path: Path,
) -> None:
    found = openssl_says(
        tmp_path, [make(issuing), issuing.certificate, root.certificate], "sslclient"
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("purpose", ["sslserver", "sslclient"])
def test_openssl_accepts_a_broker_at_both_ends(
    purpose: str, root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    leaf = a_broker(issuing, "broker.example", "192.0.2.7", "::1")
    found = openssl_says(tmp_path, [leaf, issuing.certificate, root.certificate], purpose)
    assert found.returncode == 0, found.stderr


def test_openssl_refuses_a_node_as_a_server(
    root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    chain = [a_node(issuing), issuing.certificate, root.certificate]
    assert openssl_says(tmp_path, chain, "sslserver").returncode != 0


def test_openssl_refuses_a_ca_below_the_issuing_one(
    root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    below = authority.new_issuing(issuing, NOW)
    chain = [a_node(below), below.certificate, issuing.certificate, root.certificate]
    assert "path length" in openssl_says(tmp_path, chain, "sslclient").stderr


def test_openssl_refuses_a_leaf_of_another_authority(
    root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    stranger = authority.new_issuing(authority.new_root(NOW), NOW)
    chain = [a_node(stranger), issuing.certificate, root.certificate]
    assert openssl_says(tmp_path, chain, "sslclient").returncode != 0


def test_a_node_is_named_for_nats_and_for_mosquitto(issuing: authority.Issuer) -> None:
    node = a_node(issuing, "node-7")
    assert dns_names(node) == ["node-7.n.nezlam"]
    assert common_name(node) == "node-7"
    assert purposes(node) == {ExtendedKeyUsageOID.CLIENT_AUTH}


@pytest.mark.parametrize("name", ["node-7", "central"])
def test_no_worker_or_broker_has_a_name_that_a_node_could_have(
    name: str, issuing: authority.Issuer
) -> None:
    assert dns_names(a_worker(issuing, name)) == [f"{name}.c.nezlam"]
    assert "." in common_name(a_worker(issuing, name))
    assert "." in common_name(a_broker(issuing, name))


@pytest.mark.parametrize("name", ["", "Node", "a.b", "a/b", "x" * 49, "-a", "#", "вузол"])
def test_a_name_that_could_break_out_of_its_topic_is_refused(
    name: str, issuing: authority.Issuer
) -> None:
    with pytest.raises(NotANameError):
        a_node(issuing, name)
    with pytest.raises(NotANameError):
        a_worker(issuing, name)


@pytest.mark.parametrize("hosts", [[], [""], ["a b"], ["host.", "1.2.3.4"], ["*"]])
def test_a_broker_without_proper_hosts_is_refused(
    hosts: list[str], issuing: authority.Issuer
) -> None:
    with pytest.raises(NotANameError):
        a_broker(issuing, *hosts)


def test_lives_are_as_the_plan_says_and_begin_two_days_ago(
    root: authority.Issuer, issuing: authority.Issuer
) -> None:
    for certificate, days in (
        (root.certificate, 3652),
        (issuing.certificate, 1096),
        (a_node(issuing), 365),
        (a_worker(issuing), 365),
        (a_broker(issuing, "localhost"), 365),
    ):
        assert certificate.not_valid_before_utc == NOW - 2 * DAY
        assert certificate.not_valid_after_utc == NOW + days * DAY


def test_no_leaf_outlives_its_issuer(issuing: authority.Issuer) -> None:
    late = issuing.certificate.not_valid_after_utc - 10 * DAY
    leaf = authority.certify_node(issuing, authority.new_key().public_key(), "node-7", late)
    assert leaf.not_valid_after_utc == issuing.certificate.not_valid_after_utc


def test_a_saved_authority_opens_with_its_passphrase(
    root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    authority.save(tmp_path / "safe", root, issuing, PASSPHRASE)
    again = authority.open_issuer(tmp_path / "safe", authority.ISSUING, PASSPHRASE, NOW)
    assert again.certificate == issuing.certificate
    assert again.key.public_key() == issuing.key.public_key()


def test_key_files_are_encrypted_and_ours_alone(
    root: authority.Issuer, issuing: authority.Issuer, tmp_path: Path
) -> None:
    authority.save(tmp_path / "safe", root, issuing, PASSPHRASE)
    names = sorted(path.name for path in (tmp_path / "safe").iterdir())
    assert names == ["issuing.crt", "issuing.key", "root.crt", "root.key"]
    assert stat.S_IMODE((tmp_path / "safe").stat().st_mode) == 0o700
    for key in (tmp_path / "safe").glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert key.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_keys_do_not_show_when_an_issuer_is_printed(root: authority.Issuer) -> None:
    assert "PrivateKey" not in repr(root)


def a_safe(folder: Path) -> Path:
    root = authority.new_root(NOW)
    authority.save(folder, root, authority.new_issuing(root, NOW), PASSPHRASE)
    return folder


def test_a_wrong_passphrase_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match=r"issuing\.key"):
        authority.open_issuer(a_safe(tmp_path), authority.ISSUING, b"another one, wrong", NOW)


def test_an_expired_certificate_is_told_with_its_day(tmp_path: Path) -> None:
    safe = a_safe(tmp_path)
    with pytest.raises(ExpiredError, match="2029-11-23"):
        authority.open_issuer(safe, authority.ISSUING, PASSPHRASE, NOW + 2000 * DAY)
    with pytest.raises(ExpiredError, match="clock"):
        authority.open_issuer(safe, authority.ISSUING, PASSPHRASE, datetime(1970, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("rubbish", [b"", b"\0" * 900, b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
@pytest.mark.parametrize("name", ["issuing.crt", "issuing.key"])
def test_an_unreadable_file_is_told_by_its_name(rubbish: bytes, name: str, tmp_path: Path) -> None:
    (a_safe(tmp_path) / name).write_bytes(rubbish)
    with pytest.raises(KeyFileError, match=name):
        authority.open_issuer(tmp_path, authority.ISSUING, PASSPHRASE, NOW)


def test_an_absent_or_huge_file_is_told_by_its_name(tmp_path: Path) -> None:
    safe = a_safe(tmp_path)
    (safe / "issuing.key").write_bytes(b"x" * 100_000)
    with pytest.raises(KeyFileError, match="too large"):
        authority.open_issuer(safe, authority.ISSUING, PASSPHRASE, NOW)
    (safe / "issuing.key").unlink()
    with pytest.raises(KeyFileError, match=r"issuing\.key"):
        authority.open_issuer(safe, authority.ISSUING, PASSPHRASE, NOW)


def test_a_key_that_belongs_to_another_certificate_is_noticed(tmp_path: Path) -> None:
    safe = a_safe(tmp_path)
    shutil.copy(safe / "root.key", safe / "issuing.key")
    with pytest.raises(KeyFileError, match="belong together"):
        authority.open_issuer(safe, authority.ISSUING, PASSPHRASE, NOW)


def test_an_authority_is_never_overwritten(tmp_path: Path) -> None:
    before = (a_safe(tmp_path) / "root.key").read_bytes()
    with pytest.raises(OccupiedError):
        a_safe(tmp_path)
    assert (tmp_path / "root.key").read_bytes() == before


def test_a_short_passphrase_protects_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    root = authority.new_root(NOW)
    with pytest.raises(PassphraseError, match="12"):
        authority.save(tmp_path, root, authority.new_issuing(root, NOW), b"")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProvisioningError, match="file"):
        a_safe(tmp_path / "file" / "inside")


def test_the_command_makes_an_authority_from_a_passphrase_file(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(PASSPHRASE + b"\n")
    said = CliRunner().invoke(
        provision,
        [
            *("authority", "--dir", str(tmp_path / "safe")),
            *("--passphrase-file", str(tmp_path / "words")),
        ],
    )
    assert said.exit_code == 0, said.output
    opened = authority.open_issuer(
        tmp_path / "safe",
        authority.ROOT,
        PASSPHRASE,
        datetime.now(UTC),  # noqa: TID251
    )
    assert common_name(opened.certificate).startswith("Nezlam root ")


def test_the_command_asks_for_the_passphrase_and_does_not_show_it(tmp_path: Path) -> None:
    typed = PASSPHRASE.decode()
    said = CliRunner().invoke(
        provision, ["authority", "--dir", str(tmp_path / "safe")], input=f"{typed}\n{typed}\n"
    )
    assert said.exit_code == 0, said.output
    assert typed not in said.output


def test_the_command_says_one_sentence_when_the_place_is_taken(tmp_path: Path) -> None:
    a_safe(tmp_path / "safe")
    (tmp_path / "words").write_bytes(PASSPHRASE)
    said = CliRunner().invoke(
        provision,
        [
            *("authority", "--dir", str(tmp_path / "safe")),
            *("--passphrase-file", str(tmp_path / "words")),
        ],
    )
    assert said.exit_code == 1
    assert said.output.count("\n") == 1
    assert "already" in said.output
