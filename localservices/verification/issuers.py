"""Whose keys may have signed a JOSE message: named on the trust list, or vouched for by it."""

import base64
import hmac

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.formats.jose import Jws
from localservices.verification.trust import TrustList
from localservices.verification.verdict import DocumentError, Reason
from localservices.verification.x509_signatures import is_issued_by

_TRIED_MAX = 512  # certificates, where the message names none


def keys_of(trust: TrustList, jws: Jws, issuer: str | None, at_ms: int) -> list[PublicKeyTypes]:
    """By the certificate in the header if there is one, which the list must vouch for."""
    if (chain := jws.header.get("x5c")) is not None:
        leaf = _leaf(chain)
        return [] if voucher(leaf, trust, at_ms) is None else [leaf.key]
    named = [one.key for one in trust.keys_of(issuer, jws.kid) if one.is_in_force(at_ms)]
    certified = trust.certificates[:_TRIED_MAX]
    return named + [one.key for one in certified if one.not_before_ms <= at_ms <= one.not_after_ms]


def names(trust: TrustList, jws: Jws, issuer: str | None) -> bool:
    """Whether a key was tried that is this issuer's, and not merely one on the list."""
    return "x5c" in jws.header or bool(trust.keys_of(issuer, jws.kid))


def _leaf(chain: object) -> Certificate:
    match chain:
        case [str(first), *_]:
            try:
                return certificates.read(base64.b64decode(first, validate=True))
            except (ValueError, CertificateError) as error:
                raise DocumentError(Reason.CHAIN) from error
        case _:
            raise DocumentError(Reason.CHAIN)


def voucher(leaf: Certificate, trust: TrustList, at_ms: int) -> Certificate | None:
    """The certificate on the list that is this one, or signed it; each within its time."""
    if not leaf.not_before_ms <= at_ms <= leaf.not_after_ms:
        return None
    for one in trust.certificates:
        if hmac.compare_digest(one.der, leaf.der):
            return one
        if one.not_before_ms <= at_ms <= one.not_after_ms and is_issued_by(leaf, one):
            return one
    return None
