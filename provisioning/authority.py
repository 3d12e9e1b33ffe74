"""The authority: an offline root, an issuing CA below it, and certificates for TLS below that.

    root (10 years, in a safe) -> issuing (3 years) -> broker | central's worker | node (1 year)

A certificate says who may use which topics, by its DNS name: brokers read nothing else. The key
of a leaf never comes here, only its public half.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from provisioning import keyfiles
from provisioning.errors import KeyFileError, NotANameError, OccupiedError
from sync.wire.errors import MalformedError
from sync.wire.topics import check_node_id

ROOT_LIFE = timedelta(days=3652)
ISSUING_LIFE = timedelta(days=1096)
LEAF_LIFE = timedelta(days=365)
BACKDATED = timedelta(days=2)  # a node whose clock is a day behind still accepts its peer

ROOT, ISSUING = "root", "issuing"  # file names, each with .crt and .key

_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True)
class Issuer:
    """Something that signs certificates. Hand it out for as long as it is needed, no longer."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Request:
    common_name: str
    public_key: ec.EllipticCurvePublicKey
    life: timedelta
    path_length: int | None = None  # None: not a CA
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    names: tuple[x509.GeneralName, ...] = ()


def new_key() -> ec.EllipticCurvePrivateKey:
    """P-256: what every broker and every TPM 2.0 speaks."""
    return ec.generate_private_key(ec.SECP256R1())


def new_root(now: datetime) -> Issuer:
    """An authority of our own: trusted because its certificate is handed out, by nobody else."""
    key = new_key()
    request = _Request(_title("root", key), key.public_key(), ROOT_LIFE, path_length=1)
    return Issuer(_sign(request, key, None, now), key)


def new_issuing(root: Issuer, now: datetime) -> Issuer:
    """The CA for daily work: it can sign leaves and no further CA."""
    key = new_key()
    request = _Request(_title("issuing", key), key.public_key(), ISSUING_LIFE, path_length=0)
    return Issuer(_sign(request, root.key, root.certificate, now), key)


def certify_broker(
    issuing: Issuer, key: ec.EllipticCurvePublicKey, hosts: Sequence[str], now: datetime
) -> x509.Certificate:
    """For a broker that is dialled by these DNS names and IP addresses.

    Good for both ends of TLS: a cluster's brokers dial each other. Its common name holds dots,
    which no node id does, so that it can't speak as a node where names are taken from there.

    Raises:
        NotANameError: no host given, or one that is neither a name nor an address.
    """
    if not hosts:
        raise NotANameError("Say by which names or addresses the broker will be dialled.")
    names = tuple(_host(host) for host in hosts)
    request = _Request("broker.b.nezlam", key, LEAF_LIFE, None, (_SERVER, _CLIENT), names)
    return _sign(request, issuing.key, issuing.certificate, now)


def certify_worker(
    issuing: Issuer, key: ec.EllipticCurvePublicKey, name: str, now: datetime
) -> x509.Certificate:
    """For one of central's workers, ``name`` being a DNS label.

    Raises:
        NotANameError: ``name`` is no DNS label of ours.
    """
    dns_name = f"{_label(name)}.c.nezlam"
    # The common name holds dots too: a node of the same name is somebody else everywhere.
    return _client(issuing, key, (dns_name, dns_name), now)


def certify_node(
    issuing: Issuer, key: ec.EllipticCurvePublicKey, node_id: str, now: datetime
) -> x509.Certificate:
    """For one node. NATS knows it by DNS name; Mosquitto by common name, which is its id.

    Raises:
        NotANameError: ``node_id`` is no node id.
    """
    return _client(issuing, key, (_label(node_id), f"{node_id}.n.nezlam"), now)


def certify_anew(
    issuing: Issuer, key: ec.EllipticCurvePublicKey, old: x509.Certificate, now: datetime
) -> x509.Certificate:
    """For whom ``old`` was made, with the same names and purposes, ended or not.

    Raises:
        KeyFileError: ``old`` is not a certificate of ours for a party of TLS.
    """
    try:
        [common_name] = old.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        purposes = old.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise KeyFileError("That certificate is not one of ours: enrol anew.") from error
    title = str(common_name.value)
    request = _Request(title, key, LEAF_LIFE, None, tuple(purposes), tuple(names))
    return _sign(request, issuing.key, issuing.certificate, now)


def save(folder: Path, root: Issuer, issuing: Issuer, passphrase: bytes) -> None:
    """Write both keys, encrypted, and both certificates into ``folder``, which is made.

    Raises:
        OccupiedError: an authority lies there already.
        PassphraseError, KeyFileError: as ``keyfiles`` says.
    """
    for name in (ROOT, ISSUING):
        if any((folder / f"{name}{ending}").exists() for ending in (".key", ".crt")):
            raise OccupiedError(
                f"{folder} holds an authority already: choose another folder, or move it away."
            )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(
            f"{folder} cannot be made ({error.strerror}): choose another folder."
        ) from error
    for name, issuer in ((ROOT, root), (ISSUING, issuing)):
        keyfiles.write_key(folder / f"{name}.key", issuer.key, passphrase)
        keyfiles.write_certificates(folder / f"{name}.crt", [issuer.certificate])


def open_issuer(folder: Path, name: str, passphrase: bytes, now: datetime) -> Issuer:
    """Read back ``ROOT`` or ``ISSUING``.

    Raises:
        KeyFileError, PassphraseError, ExpiredError: as ``keyfiles`` says.
    """
    certificate = keyfiles.read_certificate(folder / f"{name}.crt", now)
    key = keyfiles.read_key(folder / f"{name}.key", passphrase)
    if key.public_key() != certificate.public_key():
        raise KeyFileError(f"{name}.key and {name}.crt do not belong together: restore both.")
    return Issuer(certificate, key)


def _client(
    issuing: Issuer, key: ec.EllipticCurvePublicKey, names: tuple[str, str], now: datetime
) -> x509.Certificate:
    common_name, dns_name = names
    request = _Request(common_name, key, LEAF_LIFE, None, (_CLIENT,), (x509.DNSName(dns_name),))
    return _sign(request, issuing.key, issuing.certificate, now)


def _sign(
    request: _Request,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    now: datetime,
) -> x509.Certificate:
    """As RFC 5280 wants it, so that ``openssl verify -x509_strict`` agrees; no issuer: itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, request.common_name)])
    begin = now.replace(microsecond=0) - BACKDATED
    end = now.replace(microsecond=0) + request.life
    is_authority = request.path_length is not None
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(request.public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(begin, issuer.not_valid_before_utc) if issuer else begin)
        .not_valid_after(min(end, issuer.not_valid_after_utc) if issuer else end)
        .add_extension(x509.BasicConstraints(is_authority, request.path_length), critical=True)
        .add_extension(_key_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(request.public_key), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
    )
    if request.purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(request.purposes), critical=False)
    if request.names:
        builder = builder.add_extension(x509.SubjectAlternativeName(request.names), critical=False)
    return builder.sign(key, SHA256())


def _key_usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _title(rank: str, key: ec.EllipticCurvePrivateKey) -> str:
    # Two CAs of one name would be "self-issued" links, which a path length does not count
    # (RFC 5280 section 4.2.1.9); and people must tell one installation from another.
    digest = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest
    return f"Nezlam {rank} {digest.hex()[:8]}"


def _label(name: str) -> str:
    try:
        return check_node_id(name)
    except MalformedError as error:
        raise NotANameError(f"{name!r} cannot be a name here: {error}.") from error


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(".".join(_label(part) for part in host.split(".")))
