"""What only its reader opens: HPKE (RFC 9180) to a public key, AES-GCM-SIV under a segment key."""

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sync.wire.errors import MalformedError, SealError

SECRET_BYTES = 32
_SEED_BYTES, _MLKEM_PUBLIC_BYTES, _X25519_BYTES = 64, 1184, 32

# ML-KEM-768 with X25519, so that what is recorded today stays closed to tomorrow's machines.
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
# Where every byte counts: 48 of them in place of 1,136, and closed to today's machines only.
_CLASSICAL = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """The public half: whoever holds it can seal to its owner."""

    raw: bytes  # ML-KEM-768 public key, then X25519 public key

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Only the owner of the private half opens it, and only with the same ``info``."""
        return _SUITE.encrypt(plaintext, self._public(), info=info)

    def seal_classical(self, plaintext: bytes, info: bytes) -> bytes:
        """As ``seal``, 48 bytes longer than the plaintext, under the X25519 half alone."""
        public = X25519PublicKey.from_public_bytes(self.raw[-_X25519_BYTES:])
        return _CLASSICAL.encrypt(plaintext, public, info=info)

    def _public(self) -> hpke.MLKEM768X25519PublicKey:
        if len(self.raw) != _MLKEM_PUBLIC_BYTES + _X25519_BYTES:
            raise MalformedError("not a sealing key")
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC_BYTES:]),
        )


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The private half of a sealing key."""

    seed: bytes = field(repr=False)  # ML-KEM-768 seed, then X25519 private key

    def __post_init__(self) -> None:
        if len(self.seed) != _SEED_BYTES + _X25519_BYTES:
            raise MalformedError("not an opening key")

    def public(self) -> SealingKey:
        mlkem, x25519 = self._halves()
        raw = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return SealingKey(raw)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Give what was sealed.

        Raises:
            SealError: sealed to another key, under another ``info``, or altered.
        """
        try:
            return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(*self._halves()), info=info)
        except (InvalidTag, ValueError) as error:
            raise SealError("not sealed to this key") from error

    def open_classical(self, sealed: bytes, info: bytes) -> bytes:
        """Give what was sealed under the X25519 half. Raises SealError."""
        try:
            return _CLASSICAL.decrypt(sealed, self._halves()[1], info=info)
        except (InvalidTag, ValueError) as error:
            raise SealError("not sealed to this key") from error

    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        return (
            MLKEM768PrivateKey.from_seed_bytes(self.seed[:_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(self.seed[_SEED_BYTES:]),
        )


@dataclass(frozen=True, slots=True)
class OpeningRing:
    """The opening key in force, and those before it: what was sealed to them must open for ever."""

    keys: tuple[OpeningKey, ...] = field(repr=False)  # the newest first

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Raises SealError: sealed to none of them, under another ``info``, or altered."""
        for key in self.keys[:-1]:
            with suppress(SealError):
                return key.open(sealed, info)
        return self.keys[-1].open(sealed, info)

    def open_classical(self, sealed: bytes, info: bytes) -> bytes:
        """As ``open``, for what was sealed under the X25519 half."""
        for key in self.keys[:-1]:
            with suppress(SealError):
                return key.open_classical(sealed, info)
        return self.keys[-1].open_classical(sealed, info)


def new_opening_key() -> OpeningKey:
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return OpeningKey(mlkem.private_bytes_raw() + x25519.private_bytes_raw())


class SegmentKey:
    """The keys of one epoch: for entries as they lie, for batches as they travel, for the chain.

    AES-GCM-SIV (RFC 8452) with the place as nonce: nothing of the nonce is stored or sent, and
    a sequence number that is used again after a rolled-back write tells nothing but equality.
    """

    def __init__(self, secret: bytes) -> None:
        assert len(secret) == SECRET_BYTES
        self.secret = secret
        self._entry = AESGCMSIV(_derived(secret, b"entry"))
        self._batch = AESGCMSIV(_derived(secret, b"batch"))
        self._chain = _derived(secret, b"chain")
        self._names = _derived(secret, b"names")

    def __repr__(self) -> str:
        return "SegmentKey(...)"

    def seal_entry(self, place: bytes, plaintext: bytes, bound: bytes) -> bytes:
        """``place`` is 12 bytes, one entry each; ``bound`` is authenticated, not carried."""
        return self._entry.encrypt(place, plaintext, bound)

    def open_entry(self, place: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Raises SealError."""
        return _opened(self._entry, place, sealed, bound)

    def seal_batch(self, place: bytes, plaintext: bytes, bound: bytes) -> bytes:
        return self._batch.encrypt(place, plaintext, bound)

    def open_batch(self, place: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Raises SealError."""
        return _opened(self._batch, place, sealed, bound)

    def derived(self, purpose: bytes) -> "SegmentKey":
        """Another key, for another purpose, that whoever has this one can make."""
        return SegmentKey(_derived(self.secret, purpose))

    def name(self, content: bytes) -> bytes:
        """A name for ``content`` that tells nothing, and confirms no guess, without the key."""
        return hmac.digest(self._names, content, hashlib.sha256)

    def link(self, previous: bytes, place: bytes, entry: bytes) -> bytes:
        """The hash of an entry in its chain; keyed, so that it reveals no guess of the entry."""
        return hmac.digest(self._chain, previous + place + entry, hashlib.sha256)


def down(central_epoch: bytes) -> bytes:
    """The purpose of the key under which central speaks to a start of a node."""
    return b"down " + central_epoch


def _opened(cipher: AESGCMSIV, place: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return cipher.decrypt(place, sealed, bound)
    except (InvalidTag, ValueError) as error:
        raise SealError("does not open at this place") from error


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDFExpand(SHA256(), SECRET_BYTES, b"nezlam/1 " + purpose).derive(secret)
