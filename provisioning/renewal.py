"""When a key of the catalogue is lost, stolen or about to end: two root keys name it anew."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError

from provisioning import keyfiles
from provisioning.catalogue import FIRST, FOLDER
from provisioning.errors import KeyFileError
from sync.wire import repository


def renew(
    authority: Path, central: Path, roles: Collection[str], passphrase: bytes, now: datetime
) -> None:
    """Draw new keys for ``roles``, if any, and sign root and targets anew for all their life.

    Central takes them up by itself within minutes; nodes follow, however long they were away.

    Raises:
        KeyFileError, PassphraseError: fewer than two root keys are there, or one does not open.
    """
    folder = authority / FOLDER
    signing = _root_keys(folder, passphrase)
    keys = {
        role: keyfiles.read_catalogue_key(folder / f"{role}.key", passphrase)
        for role in (*repository.OFFLINE, *repository.ONLINE)
    }
    keys |= {role: Ed25519PrivateKey.generate() for role in roles}
    root = repository.next_root(_newest_root(folder / FIRST), keys)
    targets = repository.first_targets(keys, now)
    targets.version = int(now.timestamp())
    for role in roles:
        keyfiles.write_key(folder / f"{role}.key", keys[role], passphrase)
        if role in repository.ONLINE:
            keyfiles.write_key(central / FOLDER / f"{role}.key", keys[role])
    said = {
        f"{targets.version}.targets.json": repository.signed(
            "targets", targets, [keys["targets"]], now
        ),
        f"{root.version}.root.json": repository.signed("root", root, signing, now),
    }
    for place in (folder / FIRST, central / FOLDER / FIRST):
        for name, data in said.items():
            keyfiles.write_public(place / name, data.decode("ascii"))


def _root_keys(folder: Path, passphrase: bytes) -> list[Ed25519PrivateKey]:
    paths = sorted(folder.glob("root-*.key"))
    if len(paths) < repository.ROOT_THRESHOLD:
        raise KeyFileError(
            f"{folder} holds {len(paths)} of the root's keys, {repository.ROOT_THRESHOLD} must"
            " sign: bring another one from its safe."
        )
    signing = paths[: repository.ROOT_THRESHOLD]
    return [keyfiles.read_catalogue_key(path, passphrase) for path in signing]


def _newest_root(first: Path) -> Root:
    paths = sorted(first.glob("*.root.json"), key=lambda path: repository.version_of(path.name))
    try:
        return Metadata[Root].from_bytes(keyfiles.read_text(paths[-1]).encode()).signed
    except (IndexError, DeserializationError) as error:
        raise KeyFileError(f"{first} holds no root: restore it from its copy.") from error
