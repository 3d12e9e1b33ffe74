"""Keys and certificates as files: PEM, written whole or not at all, private ones for us alone."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from provisioning.errors import ExpiredError, KeyFileError, PassphraseError

FILE_BYTES_MAX = 64 * 1024  # a chain of three is under 3 KB; more is not a key or certificate
LIST_BYTES_MAX = 16 * 1024 * 1024  # a fleet of 30,000 is 3 MB
PASSPHRASE_CHARS_MIN = 12

_PRIVATE, _PUBLIC = 0o600, 0o644


def write_key(
    path: Path,
    key: EllipticCurvePrivateKey | Ed25519PrivateKey,
    passphrase: bytes | None = None,
) -> None:
    """Write PKCS #8 PEM (RFC 5958), encrypted if a passphrase is given, readable by us alone.

    Raises:
        PassphraseError: shorter than ``PASSPHRASE_CHARS_MIN``.
        KeyFileError: the folder cannot be written.
    """
    if passphrase is not None and len(passphrase.decode(errors="replace")) < PASSPHRASE_CHARS_MIN:
        raise PassphraseError(
            f"The passphrase is too short: choose at least {PASSPHRASE_CHARS_MIN} characters."
        )
    protection = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    _write(path, pem, _PRIVATE)


def write_certificates(path: Path, chain: Sequence[x509.Certificate]) -> None:
    """Write PEM, the leaf first, each followed by its issuer.

    Raises:
        KeyFileError: the folder cannot be written.
    """
    _write(path, b"".join(link.public_bytes(Encoding.PEM) for link in chain), _PUBLIC)


def write_private(path: Path, text: str) -> None:
    """Write a key that is a line of text, readable by us alone. Raises KeyFileError."""
    _write(path, text.encode(), _PRIVATE)


def write_public(path: Path, text: str) -> None:
    """Write what everybody may read. Raises KeyFileError."""
    _write(path, text.encode(), _PUBLIC)


def read_text(path: Path) -> str:
    """Read what ``write_public`` wrote. Raises KeyFileError."""
    try:
        return _read(path, LIST_BYTES_MAX).decode()
    except UnicodeDecodeError as error:
        raise KeyFileError(f"{path.name} is not text: restore it from its copy.") from error


def read_key(path: Path, passphrase: bytes | None = None) -> EllipticCurvePrivateKey:
    """Read a certificate's key that ``write_key`` wrote.

    Raises:
        KeyFileError: absent, unreadable, or no such key.
        PassphraseError: wrong, missing, or given for a key that has none.
    """
    key = _read_private(path, passphrase)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KeyFileError(f"{path.name} is a key of another kind: use one made here.")
    return key


def read_catalogue_key(path: Path, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """The same for a key of the catalogue."""
    key = _read_private(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path.name} is a key of another kind: use one made here.")
    return key


def _read_private(path: Path, passphrase: bytes | None) -> PrivateKeyTypes:
    pem = _read(path)
    try:
        return load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError) as error:
        if b"ENCRYPTED" in pem or isinstance(error, TypeError):
            raise PassphraseError(
                f"The passphrase does not open {path.name}: type it again, or find the right one."
            ) from error
        raise KeyFileError(
            f"{path.name} is not a private key: restore it from its copy."
        ) from error
    except UnsupportedAlgorithm as error:
        raise KeyFileError(f"{path.name} is a key of another kind: use one made here.") from error


def read_certificate(path: Path, now: datetime) -> x509.Certificate:
    """Read the first certificate of a PEM file, if it is valid at ``now``.

    Raises:
        KeyFileError: absent, unreadable, or no certificate.
        ExpiredError: ``now`` is before or after its time of validity.
    """
    try:
        certificate = x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise KeyFileError(
            f"{path.name} is not a certificate: restore it from its copy."
        ) from error
    if now > certificate.not_valid_after_utc:
        day = certificate.not_valid_after_utc.date()
        raise ExpiredError(f"{path.name} expired on {day}: make a new one.")
    if now < certificate.not_valid_before_utc:
        day = certificate.not_valid_before_utc.date()
        raise ExpiredError(f"{path.name} is valid only from {day}: check this machine's clock.")
    return certificate


def read_chain(path: Path) -> list[x509.Certificate]:
    """Read all of a PEM file, the leaf first, whether they are valid today or not.

    Raises:
        KeyFileError: absent, unreadable, or no certificates.
    """
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError as error:
        raise KeyFileError(
            f"{path.name} is not a certificate: restore it from its copy."
        ) from error


def _read(path: Path, bytes_max: int = FILE_BYTES_MAX) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        raise KeyFileError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error
    if len(data) > bytes_max:
        raise KeyFileError(f"{path.name} is far too large to be a key or a certificate.")
    return data


def _write(path: Path, data: bytes, mode: int) -> None:
    # The temporary file stands in the same folder, so that the rename is one step of one file
    # system; the folder is flushed too, or a power cut may forget the new name.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _fill(draft, data, mode)
        draft.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise KeyFileError(
            f"{path} cannot be written ({error.strerror}): check the folder and its free space."
        ) from error


def _fill(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
