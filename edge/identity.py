"""Which node this is: its folder, which no other process uses meanwhile, and its keys."""

import fcntl
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.errors import NodeError
from sync.wire import keys
from sync.wire.edocument import Mandate
from sync.wire.errors import MalformedError
from sync.wire.keys import CentralKeys

_SECRET_BYTES = 16


def claim(folder: Path) -> IO[bytes]:
    """Hold the folder until the file is closed, or we die. Raises NodeError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        held = (folder / "lock").open("wb")
    except OSError as error:
        raise NodeError(
            f"{folder} cannot be used ({error.strerror}): check the folder and its free space."
        ) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.close()
        raise NodeError(
            f"A node already runs on {folder}: stop it, or choose another data folder."
        ) from error
    return held


def own_key(folder: Path) -> Ed25519PrivateKey:
    """With which this node signs. Raises NodeError."""
    path = folder / "signing.key"
    try:
        return keys.read_signing_key(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise NodeError(f"{path} is not a readable signing key: enrol this node anew.") from error


def central(folder: Path) -> CentralKeys:
    """Whom this node believes, and to whom it seals. Raises NodeError."""
    path = folder / "central.json"
    try:
        return keys.read_central_keys(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, MalformedError) as error:
        raise NodeError(
            f"{path} does not hold central's public keys: copy it from central anew."
        ) from error


def mandate(folder: Path) -> Mandate | None:
    """By what this node issues documents; None: it was not given anything. Raises NodeError."""
    key, word = folder / "document.key", folder / "document.cwt"
    if not key.exists():
        return None  # enrolled before nodes issued documents
    try:
        return Mandate(
            keys.read_signing_key(key.read_text("ascii")), bytes.fromhex(word.read_text("ascii"))
        )
    except (OSError, ValueError, MalformedError) as error:
        raise NodeError(
            f"{key} and {word.name} do not serve: have them made anew (nezlam provision renew)."
        ) from error


def caller_secret(path: Path) -> str:
    """Drawn once for each installation; a spoiled one is drawn anew."""
    try:
        known = path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        known = ""
    if len(known) == 2 * _SECRET_BYTES and known.isalnum():
        return known
    fresh = secrets.token_hex(_SECRET_BYTES)
    with suppress(OSError):  # on a full disk it holds for this start alone
        path.touch(mode=0o600)
        path.write_text(fresh, "ascii")
    return fresh
