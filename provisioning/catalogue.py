"""The catalogue's keys: a root of three in safes, a key for each authority, and their first word.

    the authority's folder: catalogue/root-1.key root-2.key root-3.key, and one <role>.key each,
                            all encrypted; catalogue/first/ what they signed at the beginning
    central's keys folder:  catalogue/<role>.key of the roles that sign daily; catalogue/first/
    a node's folder:        root.json, from which it trusts all the rest

Two of the three root keys replace any other key; none of them is needed for daily work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Targets

from provisioning import keyfiles
from provisioning.errors import KeyFileError, OccupiedError
from sync.wire import repository

FOLDER, FIRST = "catalogue", "first"
ROOT_FILE = "1.root.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """Every private key of a catalogue, for as long as the ceremony takes."""

    root: tuple[Ed25519PrivateKey, ...] = field(repr=False)
    roles: Mapping[str, Ed25519PrivateKey] = field(repr=False)


def new_keys() -> Keys:
    return Keys(
        tuple(Ed25519PrivateKey.generate() for _ in range(repository.ROOT_KEYS)),
        {role: Ed25519PrivateKey.generate() for role in (*repository.OFFLINE, *repository.ONLINE)},
    )


def save(authority: Path, keys: Keys, passphrase: bytes, now: datetime) -> None:
    """Write the keys, encrypted, and what they say first, into the authority's folder.

    Raises:
        OccupiedError: a catalogue's keys lie there already.
        PassphraseError, KeyFileError: as ``keyfiles`` says.
    """
    folder = authority / FOLDER
    if folder.exists():
        raise OccupiedError(f"{folder} holds keys already: choose another folder, or move it away.")
    _make(folder)
    for number, key in enumerate(keys.root, 1):
        keyfiles.write_key(folder / f"root-{number}.key", key, passphrase)
    for role, key in keys.roles.items():
        keyfiles.write_key(folder / f"{role}.key", key, passphrase)
    _write_first(folder / FIRST, keys, now)


def hand_over(authority: Path, central: Path, passphrase: bytes) -> bool:
    """Give central the keys that sign daily; False: this authority is older than the catalogue.

    Raises:
        PassphraseError, KeyFileError: as ``keyfiles`` says.
    """
    folder = authority / FOLDER
    if not folder.exists():
        return False
    daily = {
        role: keyfiles.read_catalogue_key(folder / f"{role}.key", passphrase)
        for role in repository.ONLINE
    }
    _write_daily(central / FOLDER, daily)
    _make(central / FOLDER / FIRST)
    for path in sorted((folder / FIRST).iterdir()):
        keyfiles.write_public(central / FOLDER / FIRST / path.name, keyfiles.read_text(path))
    return True


def equip(central: Path, keys: Keys, now: datetime, roles: Iterable[str]) -> None:
    """Give central the keys of ``roles`` in one go: for a demo, whose authority nobody keeps."""
    _write_daily(central / FOLDER, {role: keys.roles[role] for role in roles})
    _write_first(central / FOLDER / FIRST, keys, now)


def hand_root(central: Path, node: Path) -> None:
    """Let a node trust this catalogue, if central has one. Raises KeyFileError."""
    first = central / FOLDER / FIRST / ROOT_FILE
    if first.exists():
        keyfiles.write_public(node / "root.json", keyfiles.read_text(first))


def _write_daily(folder: Path, keys: Mapping[str, Ed25519PrivateKey]) -> None:
    _make(folder)
    for role, key in keys.items():
        keyfiles.write_key(folder / f"{role}.key", key)


def _write_first(folder: Path, keys: Keys, now: datetime) -> None:
    """Signed by as many root keys as are needed and no more: each signature counts."""
    _make(folder)
    root = repository.first_root(keys.root, keys.roles, now)
    signing = keys.root[: repository.ROOT_THRESHOLD]
    _put(folder, "root", repository.signed("root", root, signing, now))
    targets = repository.first_targets(keys.roles, now)
    _put(folder, "targets", repository.signed("targets", targets, [keys.roles["targets"]], now))
    for role in repository.PATHS:
        _put(folder, role, repository.signed(role, Targets(), [keys.roles[role]], now))


def _put(folder: Path, role: str, data: bytes) -> None:
    keyfiles.write_public(folder / f"1.{role}.json", data.decode("ascii"))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(
            f"{folder} cannot be made ({error.strerror}): choose another folder."
        ) from error
