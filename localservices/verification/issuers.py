"""Who may have signed a message: whom the trust list names, or whom somebody on it vouches for."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.formats.cose import Signed
from localservices.verification.formats.jose import Jws
from localservices.verification.trust import IssuerKey, TrustList
from localservices.verification.verdict import DocumentError, Reason
from localservices.verification.x509_signatures import is_issued_by

CHAIN_MAX = 5  # certificates that a message may bring: more authorities nobody needs
_REMEMBERED = 1024  # pairs of certificates
_TRIED_MAX = 512  # certificates, where the message names none


@dataclass(frozen=True, slots=True)
class Signer:
    """One whose key may have signed.

    Attributes:
        path: from the certificate of the key to the one on the list; (): the list has the key.
        name: the issuer for whom the list has the key; None: whoever signs by it.
        is_in_force: whether all of that is within its time.
        is_revoked: whether any of it is believed no more.
        is_meant: whether the message names this one; otherwise it was only worth a try.
    """

    key: PublicKeyTypes = field(repr=False)
    path: tuple[Certificate, ...] = ()
    name: str | None = None
    is_in_force: bool = True
    is_meant: bool = True
    is_revoked: bool = False

    @property
    def may_sign(self) -> bool:
        """By the key usages along the path (RFC 5280 sections 4.2.1.3 and 4.2.1.9)."""
        if not self.path:
            return True
        first, *above = self.path
        return first.may_sign and all(one.may_certify(below) for below, one in enumerate(above))

    def speaks_for(self, issuer: str | None) -> bool:
        """Whether the certificate bears the issuer's name.

        That is its URI, or the DNS name of its host (draft-ietf-oauth-sd-jwt-vc, on X.509
        certificates as the issuer's mechanism). None: the certificate alone says who it is.
        """
        return not self.path or issuer is None or bool(_names(issuer) & self.path[0].names)

    @property
    def marks(self) -> frozenset[bytes]:
        """Two signers are of one issuer if they share one: the key, its name, or who vouches."""
        found = {self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}
        found |= {one.der for one in self.path[-1:]}
        return frozenset(found | ({self.name.encode()} if self.name is not None else set()))


def signers(trust: TrustList, jws: Jws, issuer: str | None, at_ms: int) -> list[Signer]:
    """By the certificates in the header if there are any; whoever is in force comes first.

    Raises DocumentError: what is there are none.
    """
    if "x5c" in jws.header:
        return of_chain(_chain(jws.header["x5c"]), trust, at_ms)
    named = of_keys(trust.keys_of(issuer, jws.kid), jws.kid, at_ms)
    certified = of_certificates(trust.certificates[:_TRIED_MAX], at_ms, is_meant=issuer is not None)
    found = named + [one for one in certified if one.speaks_for(issuer)]
    return sorted(found, key=lambda one: not one.is_in_force)


def candidates(trust: TrustList, message: Jws | Signed, at_ms: int) -> list[Signer]:
    """For a message that names no issuer: by its certificates, and whoever is on the list.

    Raises DocumentError: its certificates are none.
    """
    if isinstance(message, Jws):
        ders: Sequence[bytes] = _chain(message.header["x5c"]) if "x5c" in message.header else ()
    else:
        ders = message.chain
    found = of_chain(ders, trust, at_ms) + of_keys(trust.keys, None, at_ms)
    return found + of_certificates(trust.certificates, at_ms)


def of_keys(keys: Iterable[IssuerKey], kid: str | None, at_ms: int) -> list[Signer]:
    """As the list has them; ``kid``: what the message calls its key."""
    return [
        Signer(
            one.key,
            name=one.issuer,
            is_in_force=one.is_in_force(at_ms),
            is_meant=one.issuer is not None or (kid is not None and one.kid == kid),
            is_revoked=one.is_revoked,
        )
        for one in keys
    ]


def of_certificates(
    listed: Iterable[Certificate], at_ms: int, *, is_meant: bool = True
) -> list[Signer]:
    """Those on the list who may have signed themselves."""
    return [
        Signer(
            one.key,
            (one,),
            is_in_force=one.is_in_force(at_ms),
            is_meant=is_meant,
            is_revoked=one.is_revoked,
        )
        for one in listed
    ]


def of_chain(ders: Sequence[bytes], trust: TrustList, at_ms: int) -> list[Signer]:
    """Whose certificate is the first, if a path leads from there to the list; else nobody.

    Each of the next vouches for the one before it (RFC 7515 section 4.1.6, RFC 9360 section 2).
    Raises DocumentError: one of those that are looked at is no certificate.
    """
    try:
        chain = [certificates.read(der) for der in ders[:CHAIN_MAX]]
    except CertificateError as error:
        raise DocumentError(Reason.CHAIN) from error
    if (path := _path(chain, trust, at_ms)) is None:
        return []
    is_in_force = all(one.is_in_force(at_ms) for one in path)
    is_revoked = any(one.is_revoked or one.mark in trust.revoked for one in path)
    return [Signer(chain[0].key, path, is_in_force=is_in_force, is_revoked=is_revoked)]


def _path(
    chain: Sequence[Certificate], trust: TrustList, at_ms: int
) -> tuple[Certificate, ...] | None:
    """Through the chain to the first one whom somebody on the list is, or vouches for."""
    listed = trust.certificates
    for count, one in enumerate(chain):
        if count and not _has_issued(one, chain[count - 1]):
            return None
        if itself := next((each for each in listed if each.der == one.der), None):
            return (*chain[:count], itself)
        vouching = sorted(
            (each for each in listed if each.subject == one.issuer),
            key=lambda each: (not each.may_certify(0), not each.is_in_force(at_ms)),
        )
        if voucher := next((each for each in vouching if _has_issued(each, one)), None):
            return (*chain[: count + 1], voucher)
    return None


def _has_issued(authority: Certificate, below: Certificate) -> bool:
    return authority.subject == below.issuer and _is_issued(below.der, authority.der)


# Many documents bear the same signer's certificate: its own signature is verified once.
@lru_cache(_REMEMBERED)
def _is_issued(below_der: bytes, authority_der: bytes) -> bool:
    return is_issued_by(certificates.read(below_der), certificates.read(authority_der))


def _chain(told: object) -> list[bytes]:
    """Of a header: base64 of DER, with padding (RFC 7515 section 4.1.6)."""
    if not isinstance(told, list) or not told or not all(isinstance(one, str) for one in told):
        raise DocumentError(Reason.CHAIN)
    try:
        return [base64.b64decode(one, validate=True) for one in told[:CHAIN_MAX]]
    except ValueError as error:
        raise DocumentError(Reason.CHAIN) from error


def _names(issuer: str) -> set[str]:
    """What a certificate may call the issuer of this name."""
    try:
        parts = urlsplit(issuer)
        host = parts.hostname if parts.scheme == "https" else None
    except ValueError:  # no URL at all
        host = None
    return {issuer} | ({f"dns:{host}"} if host else set())
