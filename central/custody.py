"""The custody report of an item of evidence: a folder that anybody checks with openssl alone."""

import hashlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from central import assembly, clock
from central.errors import CentralError, LogRefusedError
from central.fleet import Fleet
from central.options import config_of, config_option
from central.store import evidence, node_keys, originals
from central.store.database import Database
from sync.wire import keys, testimony
from sync.wire.errors import WireError
from sync.wire.seal import OpeningRing
from sync.wire.sign import signer
from sync.wire.testimony import Testimony

CHECKS = (
    "openssl pkeyutl -verify -rawin -pubin -inkey node.pem -in statement.json"
    " -sigfile statement.sig",
    "openssl pkeyutl -verify -rawin -pubin -inkey central.pem -in SHA256SUMS"
    " -sigfile SHA256SUMS.sig",
    "sha256sum --check --strict SHA256SUMS",
    'for file in original-*; do grep -q "$(openssl dgst -sha256 -r "$file" | cut -c 1-64)"'
    " statement.json || exit 1; done",
)
_README = """Custody report of item {name}

statement.json  what the node said at capture, signed by the node's Ed25519 key (node.pem)
original-N      the files, byte for byte, in the order of the statement
custody.jsonl   who had the item: each line names the SHA-256 of the line before it, with its
                line feed; the first that of statement.json
SHA256SUMS      of all of these, signed by central's key (central.pem)

Check in this folder; each command must end with 0:

{checks}

Have the two public keys confirmed by whoever runs central, by another way than this folder:
node.pem     SHA-256 {node}
central.pem  SHA-256 {central}
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """What central opens and signs with."""

    database: Database
    fleet: Fleet
    opening: OpeningRing
    signing: Ed25519PrivateKey


@click.command(epilog="Example: nezlam central custody node-7-0a1b2c-2-5 --out report --why court")
@config_option
@click.argument("public_id")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--by", default="central", show_default=True, help="Who takes it out.")
@click.option("--why", required=True, help="For what; it stands in the custody.")
def custody(config_file: Path, public_id: str, out: Path, by: str, why: str) -> None:
    """Write an item's originals, its signed statement and its custody into a new folder."""
    config = config_of(config_file)
    try:
        signing = keys.read_signing_key((config.keys / "signing.key").read_text("ascii"))
        opening, fleet = assembly.opening_ring(config), Fleet(config.keys / "fleet.json")
        with closing(assembly.open_database(config)) as database:
            export(Holder(database, fleet, opening, signing), public_id, out, by, why)
    except (CentralError, WireError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from error
    click.echo(f"{out} holds the report; README.txt in it says how it is checked.")


def export(holder: Holder, name: str, out: Path, by: str, why: str) -> None:
    """Note the act first, then write. Raises CentralError, WireError or OSError."""
    database = holder.database
    with database.reading() as connection:
        found = evidence.find(connection, name)
        if found is None:
            raise LogRefusedError(f"Central holds no evidence {name}: check the number.")
        node_id, given = found
        files = [evidence.file_of(connection, node_id, one) for one in given.files]
    if None in files:
        raise LogRefusedError("Not all files of it have come: ask again when they are here.")
    told = testimony.open_sealed(given.sealed, holder.opening, node_id, given.item, given.kind)
    if len(told.file_keys) != len(files):
        raise LogRefusedError("The item does not hold a key for each of its files.")
    public = _signer(holder, node_id, told)
    out.mkdir(mode=0o700)
    said = {"act": "exported", "by": by, "why": why, "at_ms": clock.wall_ms()}
    with database.writing() as connection:
        evidence.note(connection, name, told.statement, said)
        chain = evidence.custody(connection, name)
    (out / "statement.json").write_bytes(told.statement)
    (out / "statement.sig").write_bytes(told.signature)
    (out / "custody.jsonl").write_bytes(b"".join(chain))
    for number, (one, key) in enumerate(zip(files, told.file_keys, strict=True), 1):
        assert one is not None
        with (out / f"original-{number}").open("wb") as file:
            file.writelines(testimony.crypt(originals.content(database, *one), key))
    _finish(out, name, public, holder.signing)


def _signer(holder: Holder, node_id: str, told: Testimony) -> Ed25519PublicKey:
    """The key of the node, of today or before, that signed. Raises LogRefusedError."""
    with holder.database.reading() as connection:
        steps = node_keys.steps(connection, node_id).get(node_id, [])
    listed = holder.fleet.key_of(node_id)
    raws = {raw for step in steps for raw in (step.old, step.new)}
    every = [Ed25519PublicKey.from_public_bytes(raw) for raw in sorted(raws)]
    found = signer([*([listed] if listed else []), *every], told.signature, told.statement)
    if found is None:
        raise LogRefusedError(f"No known key of {node_id} signed this statement.")
    return found


def _finish(out: Path, name: str, node: Ed25519PublicKey, signing: Ed25519PrivateKey) -> None:
    """The keys, how to check, and the signed sums of all."""
    pems = {"node": _pem(node), "central": _pem(signing.public_key())}
    for whose, pem in pems.items():
        (out / f"{whose}.pem").write_bytes(pem)
    marks = {whose: hashlib.sha256(pem).hexdigest() for whose, pem in pems.items()}
    readme = _README.format(name=name, checks="\n".join(CHECKS), **marks)
    (out / "README.txt").write_text(readme, "utf-8")
    sums = "".join(f"{_sha256(path)}  {path.name}\n" for path in sorted(out.iterdir()))
    (out / "SHA256SUMS").write_text(sums, "ascii")
    (out / "SHA256SUMS.sig").write_bytes(signing.sign(sums.encode()))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pem(key: Ed25519PublicKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form)
