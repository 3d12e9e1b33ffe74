"""VICAL: which authorities' licences a provider vouches for (ISO/IEC 18013-5, annex C.1.7).

Whoever put the list into the catalogue vouches for the provider; here its signature shows that the
list is whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from localservices.verification import certificates, moments
from localservices.verification.certificates import CertificateError
from localservices.verification.formats import cose
from localservices.verification.verdict import DocumentError

CERTIFICATES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Vical:
    """``authorities``: certificate (DER) and the document types that it may vouch for."""

    made_at_ms: int
    authorities: tuple[tuple[bytes, frozenset[str]], ...]


def is_one(data: bytes) -> bool:
    """Whether these bytes are meant as one: a COSE_Sign1, tagged or not."""
    return data[:1] in (b"\x84", b"\xd2")


def read(data: bytes) -> Vical:
    """Raises ValueError: no VICAL, or not whole."""
    try:
        return _read(data)
    except (DocumentError, CertificateError, IndexError) as error:
        raise ValueError("not a VICAL") from error


def _read(data: bytes) -> Vical:
    signed = cose.read(data)
    told = cose.load(signed.payload, embedded=True)
    provider = certificates.read(signed.chain[0])
    if not cose.is_signed_by(signed, provider.key):
        raise ValueError("a VICAL that was changed")
    match told:
        case {"date": moment, "certificateInfos": [*infos]} if len(infos) <= CERTIFICATES_MAX:
            return Vical(moments.of_text(moment, "date"), tuple(_authority(info) for info in infos))
        case _:
            raise ValueError("not a VICAL")


def _authority(info: object) -> tuple[bytes, frozenset[str]]:
    if isinstance(info, Mapping):
        der, kinds = info.get("certificate"), info.get("docType", [])
        if isinstance(der, bytes) and isinstance(kinds, list | tuple):
            return der, frozenset(kind for kind in kinds if isinstance(kind, str))
    raise ValueError("not a VICAL's certificate")
