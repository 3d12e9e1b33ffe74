"""Issuers who are believed no more, as a trust list or the CRL of their authority says."""

from collections.abc import Iterable
from dataclasses import replace

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from localservices.verification import certificates, trust
from localservices.verification.certificates import Certificate, Mark
from localservices.verification.trust import TrustList


def applied(known: TrustList, revoked: object, crls: object) -> TrustList:
    """The list with those taken off whom ``revoked`` or ``crls`` name, both base64 of DER.

    One that is revoked stays known: so a document by it is by one who lost his right, and not by a
    stranger. A CRL (RFC 5280 section 5) counts if an authority of the same list signed it; any
    other is spoiled. Raises TypeError: not lists of texts.
    """
    bad = trust.of_base64(_texts(revoked), known.made_at_ms)
    marks, spoiled = {one.mark for one in bad.certificates}, bad.spoiled
    for text in _texts(crls):
        found = _serials(trust.der_of(text), known.certificates)
        spoiled += found is None
        marks |= found or set()
    whole = trust.merged([known, replace(bad, purposes=known.purposes, policy=known.policy)])
    whole = replace(whole, spoiled=known.spoiled + spoiled)
    return trust.with_revoked(whole, frozenset(marks))


def _texts(told: object) -> list[str]:
    match told:
        case list() if all(isinstance(one, str) for one in told):
            return told
        case _:
            raise TypeError("what is revoked is a list of texts")


def _serials(der: bytes, authorities: Iterable[Certificate]) -> set[Mark] | None:
    """None: no CRL, or nobody's here who may sign one."""
    try:
        crl = x509.load_der_x509_crl(der)
        issuer = certificates.name_of(crl.issuer.public_bytes())
        named = [one for one in authorities if one.subject == issuer and one.is_authority]
        if not any(_is_signed(crl, one) for one in named):
            return None
        return {(issuer, one.serial_number) for one in crl}
    except (ValueError, IndexError, UnsupportedAlgorithm):
        return None


def _is_signed(crl: x509.CertificateRevocationList, authority: Certificate) -> bool:
    key = authority.key
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        return False
    return crl.is_signature_valid(key)
