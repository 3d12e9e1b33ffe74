"""CMS SignedData (RFC 5652) of passports and master lists: one signer, whose certificate is inside.

What is signed is a set of attributes, of which one has the content's hash.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms

from localservices.verification import certificates
from localservices.verification.certificates import Certificate, CertificateError
from localservices.verification.x509_signatures import HASHES, is_signed

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # 1.2.840.113549.1.7.2
CERTIFICATES_MAX = 16
_SET = b"\x31"
# What the parser raises, which reads lazily: of another type, of no value, nested without end.
_SPOILED = (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError)


class CmsError(Exception):
    """Not a message of this form."""


@dataclass(frozen=True, slots=True)
class Message:
    """Read and not yet believed.

    Attributes:
        kind: of the content, as a dotted OID.
        digest: the name of the hash of the content; it may be one that proves nothing.
        signer: whom the message names, whose certificate is in it.
        made_at_ms: when the signer says that it was signed; None: it does not.
    """

    kind: str
    content: bytes = field(repr=False)
    digest: str
    signer: Certificate
    made_at_ms: int | None
    _algorithm: bytes = field(repr=False)
    _attributes: bytes = field(repr=False)  # as the signature covers them
    _told: tuple[str, bytes] = field(repr=False)  # content type and digest among them
    _signature: bytes = field(repr=False)

    def is_genuine(self) -> bool:
        """Whether the signer signed this content as what it is (section 5.4)."""
        if self.digest not in HASHES:
            return False
        found = hashlib.new(self.digest, self.content).digest()
        if self._told[0] != self.kind or not hmac.compare_digest(self._told[1], found):
            return False
        return is_signed(
            self.signer.key, self._algorithm, self._signature, self._attributes, self.digest
        )


def is_one(data: bytes) -> bool:
    """Whether these bytes are meant as one."""
    return data[:1] == b"\x30" and SIGNED_DATA in data[:24]


def read(data: bytes) -> Message:
    """Raises CmsError."""
    try:
        return _message(data)
    except (*_SPOILED, CertificateError) as error:
        raise CmsError("not a signed message of this form") from error


def _message(data: bytes) -> Message:
    told = cms.ContentInfo.load(data, strict=True)
    if told["content_type"].native != "signed_data":
        raise ValueError("not signed")
    told = told["content"]
    [signer] = told["signer_infos"]
    content = told["encap_content_info"]
    attributes = signer["signed_attrs"]
    made_at = _values(attributes, "signing_time")
    [kind] = _values(attributes, "content_type")
    [digest] = _values(attributes, "message_digest")
    return Message(
        content["content_type"].dotted,
        bytes(content["content"]),
        signer["digest_algorithm"]["algorithm"].native,
        _signer(told["certificates"], signer["sid"]),
        _ms(made_at[0].native) if made_at else None,
        signer["signature_algorithm"].dump(),
        _SET + attributes.dump()[1:],  # signed as the SET OF that the tag [0] hides
        (kind.dotted, digest.native),
        signer["signature"].native,
    )


def _values(attributes: Any, name: str) -> list[Any]:
    """Those of the one attribute of this name (section 11)."""
    found = [one["values"] for one in attributes if one["type"].native == name]
    if len(found) > 1 or any(len(values) != 1 for values in found):
        raise ValueError("an attribute that stands twice")
    return [values[0] for values in found]


def _signer(inside: Any, named: Any) -> Certificate:
    """By serial number or key identifier; whose it is otherwise, its signature shows."""
    if len(inside) > CERTIFICATES_MAX:
        raise ValueError("more certificates than a message needs")
    for one in inside:
        if named.name == "issuer_and_serial_number":
            is_it = one.chosen.serial_number == named.chosen["serial_number"].native
        else:
            is_it = one.chosen.key_identifier == named.chosen.native
        if is_it:
            return certificates.read(one.chosen.dump())
    raise ValueError("without the certificate of its signer")


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
