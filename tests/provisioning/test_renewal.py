"""A key of the catalogue is lost or stolen: two root keys replace it, and nodes follow."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning import catalogue, keyfiles, renewal
from provisioning.commands import provision
from sync.catalogue.state import Problem
from sync.wire import repository
from tests.catalogues import Authority
from tests.sync.catalogue.following import Follower

PASSPHRASE = "correct horse battery"
EU, NOTICE = "trust/lists/eu.json", "notices/today.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """As a technician makes it, with a trust list and a notice in force."""
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    keys = catalogue.new_keys()
    authority = Authority(tmp_path, repository.ONLINE, keys=keys)
    catalogue.save(tmp_path / "safe", keys, PASSPHRASE.encode(), authority.now)
    for path in (tmp_path / "safe" / "catalogue" / "first").iterdir():
        (tmp_path / "central" / "catalogue" / "first" / path.name).write_bytes(path.read_bytes())
    publish_trust(authority, b"the first list")
    authority.publish(NOTICE, b"a notice")
    return authority


@pytest.fixture
def node(tmp_path: Path, authority: Authority) -> Follower:
    node = Follower(tmp_path / "node", authority)
    node.look()
    assert node.said(EU) == b"the first list"
    return node


def key_of(authority: Authority, role: str) -> Ed25519PrivateKey:
    path = authority.folder / "safe" / "catalogue" / f"{role}.key"
    return keyfiles.read_catalogue_key(path, PASSPHRASE.encode())


def publish_trust(authority: Authority, content: bytes) -> None:
    (authority.folder / "list").write_bytes(content)
    key = key_of(authority, "trust")
    authority.publisher.publish(authority.folder / "list", EU, key, authority.now)


def renew(authority: Authority, *roles: str) -> Result:
    folder = authority.folder
    command = ["renew-catalogue", "--authority", str(folder / "safe")]
    command += ["--central", str(folder / "central")]
    command += ["--passphrase-file", str(folder / "passphrase")]
    for role in roles:
        command += ["--role", role]
    return CliRunner().invoke(provision, command)


@pytest.mark.parametrize(
    "roles",
    [("timestamp", "snapshot"), ("targets",), ("notices",), (), repository.ONLINE],
    ids=lambda roles: "+".join(roles) or "none",
)
def test_nodes_follow_new_keys_of_central(
    roles: tuple[str, ...], node: Follower, authority: Authority
) -> None:
    done = renew(authority, *roles)
    assert done.exit_code == 0, done.output
    authority.wait(minutes=20)
    authority.refresh()
    authority.publish(NOTICE, b"another notice")
    node.look()
    assert (node.said(NOTICE), node.problem()) == (b"another notice", None)
    late = Follower(authority.folder / "late", authority)  # enrolled before, dark until now
    late.look()
    assert late.said(NOTICE) == b"another notice"
    assert late.said(EU) == b"the first list"


def test_what_a_stolen_key_signs_is_refused_from_then_on(
    node: Follower, authority: Authority
) -> None:
    stolen = key_of(authority, "trust")
    assert renew(authority, "trust").exit_code == 0
    authority.wait(minutes=20)
    publish_trust(authority, b"the second list")
    node.look()
    assert (node.said(EU), node.problem()) == (b"the second list", None)
    authority.smuggle("trust", EU, b"an evil list", stolen)
    node.look()
    assert (node.said(EU), node.problem()) == (b"the second list", Problem.FORGED)


def test_one_root_key_replaces_nothing(node: Follower, authority: Authority) -> None:
    for number in (1, 3):
        (authority.folder / "safe" / "catalogue" / f"root-{number}.key").unlink()
    done = renew(authority, "trust")
    assert done.exit_code == 1
    assert "bring another one from its safe" in done.output
    authority.refresh()
    node.look()
    assert node.said(EU) == b"the first list"


def test_any_two_of_the_root_keys_will_do(node: Follower, authority: Authority) -> None:
    (authority.folder / "safe" / "catalogue" / "root-1.key").unlink()
    assert renew(authority, "timestamp").exit_code == 0
    authority.wait(days=1)
    authority.refresh()
    node.look()
    assert node.problem() is None


def test_nodes_follow_many_renewals_at_once(node: Follower, authority: Authority) -> None:
    for _ in range(5):
        authority.wait(days=400)
        folder = authority.folder
        secret = PASSPHRASE.encode()
        renewal.renew(folder / "safe", folder / "central", ["snapshot"], secret, authority.now)
    authority.refresh()
    authority.publish(NOTICE, b"after five years")
    node.look()
    assert node.said(NOTICE) == b"after five years"
