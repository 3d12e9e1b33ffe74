"""The ceremony gives each authority its own key, and nobody more than they need."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Metadata, Root, Targets

from central.commands import central
from provisioning import catalogue, keyfiles
from provisioning.commands import provision
from provisioning.errors import OccupiedError, PassphraseError
from sync.wire import repository
from tests.catalogues import NOON

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a central and a node, each made by its one command."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    authority, central, node = (str(folder / name) for name in ("authority", "central", "node"))
    run(folder, "authority", "--dir", authority)
    run(folder, "central", "--authority", authority, "--to", central, "--host", "127.0.0.1")
    run(folder, "enrol", "n-1", "--authority", authority, "--central", central, "--to", node)
    return folder


def run(folder: Path, *arguments: str) -> None:
    done = CliRunner().invoke(
        provision, [*arguments, "--passphrase-file", str(folder / "passphrase")]
    )
    assert done.exit_code == 0, done.output


def publish(made: Path, *arguments: str) -> Result:
    config = made / "central.toml"
    config.write_text('data = "data"\nkeys = "central"\n')
    (made / "list.json").write_text("[]")
    return CliRunner().invoke(
        central, ["publish", str(made / "list.json"), *arguments, "--config", str(config)]
    )


def test_a_node_is_given_the_root_and_central_only_what_signs_daily(made: Path) -> None:
    root = Metadata[Root].from_bytes((made / "node" / "root.json").read_bytes()).signed
    assert (len(root.roles["root"].keyids), root.roles["root"].threshold) == (3, 2)
    daily = {path.stem for path in (made / "central" / "catalogue").glob("*.key")}
    assert daily == set(repository.ONLINE)
    assert not daily & set(repository.OFFLINE)


def test_every_authority_has_a_key_of_its_own_for_its_own_paths(made: Path) -> None:
    first = made / "central" / "catalogue" / "first" / "1.targets.json"
    delegations = Metadata[Targets].from_bytes(first.read_bytes()).signed.delegations
    assert delegations is not None
    assert delegations.roles is not None
    assert len({role.keyids[0] for role in delegations.roles.values()}) == len(repository.PATHS)
    for role in delegations.roles.values():
        assert role.terminating
        assert role.paths == list(repository.PATHS[role.name])


def test_what_lies_with_the_authority_is_locked(made: Path) -> None:
    keys = list((made / "authority" / "catalogue").glob("*.key"))
    assert len(keys) == 3 + len(repository.OFFLINE) + len(repository.ONLINE)
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(PassphraseError):
            keyfiles.read_catalogue_key(path, b"another passphrase")


def test_a_trust_list_needs_the_key_from_the_safe_and_its_passphrase(made: Path) -> None:
    refused = publish(made, "--as", "trust/lists/eu.json")
    assert refused.exit_code == 1
    assert "The key of trust is not at central" in refused.output
    key = str(made / "authority" / "catalogue" / "trust.key")
    passphrase = ["--passphrase-file", str(made / "passphrase")]
    wrong = publish(made, "--as", "software/x.bin", "--key", key, *passphrase)
    assert "may not publish what belongs to software" in wrong.output
    done = publish(made, "--as", "trust/lists/eu.json", "--key", key, *passphrase)
    assert (done.exit_code, "in force" in done.output) == (0, True)


def test_a_passphrase_that_does_not_open_is_one_sentence(made: Path) -> None:
    (made / "wrong").write_text("another passphrase\n")
    key = str(made / "authority" / "catalogue" / "trust.key")
    arguments = ["--key", key, "--passphrase-file", str(made / "wrong")]
    done = publish(made, "--as", "trust/lists/eu.json", *arguments)
    assert done.exit_code == 1
    assert "trust.key does not open" in done.output
    assert "another passphrase" not in done.output


def test_publishing_needs_a_file_with_a_name_or_only_refreshes(made: Path) -> None:
    assert publish(made).exit_code == 2
    assert publish(made, "--as", "notices/x.json", "--refresh").exit_code == 2
    config = ["--config", str(made / "central.toml")]
    assert CliRunner().invoke(central, ["publish", "--refresh", *config]).exit_code == 0


def test_a_catalogue_s_keys_are_never_overwritten(tmp_path: Path) -> None:
    keys = catalogue.new_keys()
    catalogue.save(tmp_path, keys, PASSPHRASE.encode(), NOON)
    with pytest.raises(OccupiedError, match="holds keys already"):
        catalogue.save(tmp_path, keys, PASSPHRASE.encode(), NOON)


def test_an_authority_of_before_the_catalogue_still_makes_a_central(tmp_path: Path) -> None:
    assert not catalogue.hand_over(tmp_path / "old", tmp_path / "central", PASSPHRASE.encode())
    catalogue.hand_root(tmp_path / "central", tmp_path)
    assert not (tmp_path / "root.json").exists()


def test_keys_are_never_shown() -> None:
    keys = catalogue.new_keys()
    assert isinstance(keys.root[0], Ed25519PrivateKey)
    assert "Ed25519" not in repr(keys)
