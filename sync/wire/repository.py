"""The catalogue's repository (TUF 1.0) as both ends know it: roles, paths, lifetimes, bytes."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    Role,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)
from tuf.api.serialization import SerializationError
from tuf.api.serialization.json import JSONSerializer

from sync.wire.errors import MalformedError

METADATA, TARGETS, DELTAS = "metadata", "targets", "deltas"  # folders of the repository
CENTRAL_KEYS = "central-keys/central.json"  # the target that says whom nodes believe
TRUST_LISTS = "trust/lists/"
STATUS_LISTS = "status/"
REGISTRIES = "status/registry-"  # <name>/base and <name>/change-<number>
DICTIONARIES = "dictionaries/"

# Who may publish what. Each role has a key of its own; "*" stands for anything but a slash.
# The order is that in which nodes fetch.
PATHS: Mapping[str, tuple[str, ...]] = {
    "central-keys": (CENTRAL_KEYS,),
    "trust": ("trust/*", "trust/*/*"),
    "status": ("status/*", "status/*/*"),
    "dictionaries": ("dictionaries/*",),
    "forms": ("forms/*", "forms/*/*"),
    "notices": ("notices/*", "notices/*/*"),
    "software": ("software/*", "software/*/*"),
}
OFFLINE = ("targets", "central-keys", "trust", "software")  # keys that never lie at central
ONLINE = ("snapshot", "timestamp", "status", "dictionaries", "forms", "notices")
ROOT_KEYS, ROOT_THRESHOLD = 3, 2

# A node uses what it holds for ever and says how old it is: these only bound for how long a
# withheld update can look like no update. Offline keys are fetched from a safe once in two years.
LIVES: Mapping[str, timedelta] = {
    "root": timedelta(days=5 * 365),
    "targets": timedelta(days=5 * 365),
    "snapshot": timedelta(days=60),
    "timestamp": timedelta(days=2),
}
OFFLINE_LIFE = timedelta(days=2 * 365)
ONLINE_LIFE = timedelta(days=365)

# A courier may be weeks on the way. What he brings is no fresher for it: its age is shown.
STICK_LIFE = timedelta(days=30)

METADATA_BYTES_MAX = 4 * 1024 * 1024
TARGET_BYTES_MAX = 1024 * 1024 * 1024
MADE_AT = "x-nezlam-made-ms"  # in the timestamp: central's clock when it was signed

Keys = Mapping[str, Ed25519PrivateKey]


def life(role: str) -> timedelta:
    """How long a signature of ``role`` counts."""
    return LIVES.get(role, OFFLINE_LIFE if role in OFFLINE else ONLINE_LIFE)


def role_of(target: str) -> str | None:
    """Which role may publish ``target``; None: nobody."""
    parts = target.split("/")
    if not all(parts) or ".." in parts:
        return None
    return next((role for role, paths in PATHS.items() if _fits(target, paths)), None)


def version_of(name: str) -> int:
    """The number that begins a metadata file's name; -1: none does."""
    number = name.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() else -1


def delta_name(old_sha256: str, new_sha256: str) -> str:
    return f"{DELTAS}/{old_sha256}.{new_sha256}"


def first_root(root_keys: Iterable[Ed25519PrivateKey], keys: Keys, now: datetime) -> Root:
    """Who may sign what, for the first time; ``keys`` holds those of the three top roles."""
    public = [_public(key) for key in root_keys]
    root = Root(expires=_until("root", now), keys={key.keyid: key for key in public})
    root.roles["root"] = Role([key.keyid for key in public], ROOT_THRESHOLD)
    for role in ("targets", "snapshot", "timestamp"):
        root.roles[role] = Role([], 1)
        root.add_key(_public(keys[role]), role)
    return root


def next_root(root: Root, keys: Keys) -> Root:
    """The same root keys, and ``keys`` for the three top roles."""
    own = {keyid: root.keys[keyid] for keyid in root.roles["root"].keyids}
    follower = Root(version=root.version + 1, keys=own)
    follower.roles["root"] = root.roles["root"]
    for role in ("targets", "snapshot", "timestamp"):
        follower.roles[role] = Role([], 1)
        follower.add_key(_public(keys[role]), role)
    return follower


def first_targets(keys: Keys, now: datetime) -> Targets:
    """No target of its own; each authority's paths are handed to that authority's key."""
    public = {role: _public(keys[role]) for role in PATHS}
    roles = {
        role: DelegatedRole(role, [public[role].keyid], 1, terminating=True, paths=list(paths))
        for role, paths in PATHS.items()
    }
    delegations = Delegations({key.keyid: key for key in public.values()}, roles)
    return Targets(expires=_until("targets", now), delegations=delegations)


def signed(
    role: str,
    said: Root | Targets | Snapshot | Timestamp,
    signing: Iterable[Ed25519PrivateKey],
    now: datetime,
    lasts: timedelta | None = None,
) -> bytes:
    """Sign what ``role`` says, for ``lasts`` or else for its life; give the file's bytes."""
    said.expires = now.replace(microsecond=0) + lasts if lasts else _until(role, now)
    metadata: Metadata[Any] = Metadata(said)
    for key in signing:
        metadata.sign(CryptoSigner(key), append=True)
    return metadata.to_bytes(JSONSerializer(compact=True))


def check_form(data: bytes) -> None:
    """Let only the one way of writing metadata pass: whatever else says the same is refused.

    Raises:
        MalformedError: not metadata, or not as ``signed`` writes it.
    """
    try:
        metadata = Metadata[Any].from_bytes(data)
        is_canonical = metadata.to_bytes(JSONSerializer(compact=True)) == data
    except (RepositoryError, SerializationError) as error:
        raise MalformedError("not metadata of a catalogue") from error
    texts = [one.signature for one in metadata.signatures.values()]
    if not is_canonical or any(text != text.lower() for text in texts):
        raise MalformedError("metadata that is not written in the one way")


def _until(role: str, now: datetime) -> datetime:
    return now.replace(microsecond=0) + life(role)


def _public(key: Ed25519PrivateKey) -> SSlibKey:
    return SSlibKey.from_crypto(key.public_key())


def _fits(target: str, paths: Iterable[str]) -> bool:
    return any(
        DelegatedRole("any", [], 1, True, [path]).is_delegated_path(target) for path in paths
    )
