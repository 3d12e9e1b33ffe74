"""Master lists of passports' authorities (ICAO Doc 9303 part 12, section 9): CMS around a set.

Whoever put the list on the node, or into the catalogue, vouches for its signer; here its signature
shows that the list is whole. The ICAO's directory hands out several of them in one LDIF file
(RFC 2849).
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from localservices.verification import cms
from localservices.verification.asn1 import items
from localservices.verification.cms import CmsError

CERTIFICATES_MAX = 10_000
_KIND = "2.23.136.1.1.2"
_LDIF = (b"dn:", b"version:")
_VALUE = re.compile(rb"^pkdMasterListContent:: (.+)$|^CscaMasterListData:: (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MasterList:
    """``made_at_ms``: when it was signed; None: it does not say. ``authorities``: DER."""

    made_at_ms: int | None
    authorities: tuple[bytes, ...]


def is_ldif(data: bytes) -> bool:
    """Whether these bytes are meant as a file of the directory."""
    return data.startswith(_LDIF)


def of_ldif(data: bytes) -> Iterator[bytes]:
    """The lists in a file of the directory, not opened. Raises ValueError: no base64."""
    for plain, old in _VALUE.findall(re.sub(rb"\r?\n ", b"", data).replace(b"\r", b"")):
        yield base64.b64decode(plain or old, validate=True)


def read(data: bytes) -> MasterList:
    """Raises ValueError: no master list, or not whole."""
    try:
        message = cms.read(data)
        [(_, whole, _)] = items(message.content)
        _version, (_, certificates, _) = items(whole)
        authorities = tuple(der for _, _, der in items(certificates))
    except (CmsError, IndexError) as error:
        raise ValueError("not a master list") from error
    if message.kind != _KIND or len(authorities) > CERTIFICATES_MAX:
        raise ValueError("not a master list")
    if not message.is_genuine():
        raise ValueError("a master list that was changed")
    return MasterList(message.made_at_ms, authorities)
