"""Keys and certificates for a central and its nodes, as a technician makes them.

    central's folder: ca.crt broker.crt broker.key central.crt central.key
                      signing.key opening.key central.json fleet.json
    a node's folder:  ca.crt node.crt node.key signing.key central.json, root.json (the catalogue's)
                      document.key document.cwt

``central.json`` holds central's public keys, ``fleet.json`` the nodes that central believes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from provisioning import authority, catalogue, keyfiles, mandate
from provisioning.authority import Issuer
from provisioning.errors import KeyFileError, OccupiedError
from sync.wire import keys
from sync.wire.errors import MalformedError
from sync.wire.keys import CentralKeys
from sync.wire.seal import new_opening_key

WORKER = "central"  # the one worker of an embedded central


@dataclass(frozen=True, slots=True)
class Signing:
    """What signs certificates, and the root that everybody trusts."""

    root: x509.Certificate
    issuing: Issuer = field(repr=False)


def open_signing(folder: Path, passphrase: bytes, now: datetime) -> Signing:
    """Open the authority in ``folder``; its root key is not needed, and best not there.

    Raises:
        KeyFileError, PassphraseError, ExpiredError: as ``keyfiles`` says.
    """
    root = keyfiles.read_certificate(folder / f"{authority.ROOT}.crt", now)
    return Signing(root, authority.open_issuer(folder, authority.ISSUING, passphrase, now))


def enrol_central(folder: Path, signing: Signing, hosts: Sequence[str], now: datetime) -> None:
    """Make all that a central needs; ``hosts`` are the names by which its broker is dialled.

    Raises:
        OccupiedError: a central's keys lie there already.
        NotANameError, KeyFileError: as ``authority`` and ``keyfiles`` say.
    """
    _make(folder, "signing.key")
    keyfiles.write_certificates(folder / "ca.crt", [signing.root])
    key = authority.new_key()
    broker = authority.certify_broker(signing.issuing, key.public_key(), hosts, now)
    _write_tls(folder, "broker", key, [broker, signing.issuing.certificate])
    key = authority.new_key()
    worker = authority.certify_worker(signing.issuing, key.public_key(), WORKER, now)
    _write_tls(folder, "central", key, [worker, signing.issuing.certificate])
    opening, own = new_opening_key(), Ed25519PrivateKey.generate()
    public = CentralKeys(own.public_key(), opening.public())
    keyfiles.write_public(folder / "fleet.json", keys.fleet_text({}))
    keyfiles.write_public(folder / "central.json", keys.central_keys_text(public))
    keyfiles.write_private(folder / "opening.key", keys.opening_key_text(opening))
    keyfiles.write_private(folder / "signing.key", keys.signing_key_text(own))


def enrol_node(folder: Path, node_id: str, central: Path, signing: Signing, now: datetime) -> None:
    """Make all that a node needs, and enter it into central's fleet list.

    Raises:
        OccupiedError: the folder holds a node's keys, or the fleet a node of this name.
        NotANameError, KeyFileError: as ``authority`` and ``keyfiles`` say.
    """
    fleet_file = central / "fleet.json"
    fleet = _fleet(fleet_file)
    if node_id in fleet:
        raise OccupiedError(f"The fleet has a node {node_id} already: choose another name.")
    key = authority.new_key()
    leaf = authority.certify_node(signing.issuing, key.public_key(), node_id, now)
    _make(folder, "signing.key")
    keyfiles.write_certificates(folder / "ca.crt", [signing.root])
    _write_tls(folder, "node", key, [leaf, signing.issuing.certificate])
    keyfiles.write_public(folder / "central.json", keyfiles.read_text(central / "central.json"))
    catalogue.hand_root(central, folder)
    mandate.hand(folder, node_id, signing.issuing, now)
    own = Ed25519PrivateKey.generate()
    keyfiles.write_private(folder / "signing.key", keys.signing_key_text(own))
    keyfiles.write_public(fleet_file, keys.fleet_text({**fleet, node_id: own.public_key()}))


def renew(folder: Path, signing: Signing, now: datetime) -> list[str]:
    """Make new TLS certificates, each with a new key, in place of those in ``folder``.

    Who they are for, and the keys that sign records, stay as they are. Gives the names renewed.

    Raises:
        KeyFileError: none lies there, or one is not of this authority.
    """
    names = [name for name in ("node", "broker", WORKER) if (folder / f"{name}.crt").exists()]
    if not names:
        raise KeyFileError(
            f"{folder} holds no node.crt, broker.crt or {WORKER}.crt: copy it there first."
        )
    fresh = [(name, _renewed(folder / f"{name}.crt", signing, now)) for name in names]
    for name, (key, leaf) in fresh:
        _write_tls(folder, name, key, [leaf, signing.issuing.certificate])
        if name == "node":
            [node_id] = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            mandate.hand(folder, str(node_id.value), signing.issuing, now)
    keyfiles.write_certificates(folder / "ca.crt", [signing.root])
    return names


def _renewed(
    path: Path, signing: Signing, now: datetime
) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
    chain = keyfiles.read_chain(path)
    try:
        for link, issuer in zip(chain, [*chain[1:], signing.root], strict=True):
            link.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise KeyFileError(f"{path} is not from this authority: enrol anew.") from error
    key = authority.new_key()
    return key, authority.certify_anew(signing.issuing, key.public_key(), chain[0], now)


def _fleet(path: Path) -> dict[str, Ed25519PublicKey]:
    try:
        return keys.read_fleet(keyfiles.read_text(path))
    except MalformedError as error:
        raise KeyFileError(f"{path} is not a fleet list: restore it from its copy.") from error


def _make(folder: Path, witness: str) -> None:
    if (folder / witness).exists():
        raise OccupiedError(f"{folder} holds keys already: choose another folder, or move it away.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(
            f"{folder} cannot be made ({error.strerror}): choose another folder."
        ) from error


def _write_tls(
    folder: Path, name: str, key: EllipticCurvePrivateKey, chain: list[x509.Certificate]
) -> None:
    keyfiles.write_key(folder / f"{name}.key", key)
    keyfiles.write_certificates(folder / f"{name}.crt", chain)
