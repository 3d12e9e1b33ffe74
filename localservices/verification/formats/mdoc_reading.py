"""Mobile documents as they are handed over: taken apart, and nothing of it believed yet.

Section numbers are those of ISO/IEC 18013-5:2021.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localservices.verification.formats import cose, packing
from localservices.verification.formats.cose import Embedded, Signed
from localservices.verification.verdict import DocumentError, Reason

TEXT_CHARS_MAX = 2 * 1024 * 1024  # a portrait is some 30 KB
_SALT_BYTES_MIN = 16


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a response, not yet believed.

    Attributes:
        kind: what it is said to be; None: only the issuer says so, in what it signed.
        items: namespace to (digest id, element, its value, the bytes that the digest covers).
        device: what the device signed; None: nothing.
    """

    kind: str | None
    items: Mapping[str, tuple[tuple[int, str, Any, bytes], ...]] = field(repr=False)
    signed: Signed = field(repr=False)
    device: Mapping[Any, Any] | None = field(default=None, repr=False)


def documents(data: bytes) -> list[Document]:
    """Of a DeviceResponse (section 8.3.2.1.2), or an IssuerSigned alone. Raises DocumentError."""
    told = cose.load(data, embedded=True)
    match told:
        case {"documents": [_, *_] as several}:
            return [_document(one) for one in several]
        case {"issuerAuth": _}:
            return [_document({"issuerSigned": told})]
        case _:
            raise DocumentError(Reason.SCHEMA, field="documents")


def _document(told: object) -> Document:
    match told:
        case {"issuerSigned": {"issuerAuth": [*auth], **rest}, **more}:
            spaces, kind = rest.get("nameSpaces", {}), more.get("docType")
        case _:
            raise DocumentError(Reason.SCHEMA, field="issuerSigned")
    if not isinstance(spaces, Mapping) or not spaces:
        raise DocumentError(Reason.SCHEMA, field="nameSpaces")
    if not isinstance(kind, str | None):
        raise DocumentError(Reason.SCHEMA, field="docType")
    device = more.get("deviceSigned")
    signed = cose.of_parts(auth)
    if not signed.chain:
        raise DocumentError(Reason.CHAIN)
    return Document(
        kind,
        {str(space): tuple(_item(one) for one in _list(items)) for space, items in spaces.items()},
        signed,
        device if isinstance(device, Mapping) else None,
    )


def _item(told: object) -> tuple[int, str, Any, bytes]:
    if not isinstance(told, Embedded):
        raise DocumentError(Reason.SCHEMA, field="nameSpaces")
    match cose.load(told.data, embedded=True):
        case {
            "digestID": int(number),
            "random": bytes(salt),
            "elementIdentifier": str(name),
            "elementValue": value,
        } if len(salt) >= _SALT_BYTES_MIN:
            return number, name, value, told.encoded
        case _:
            raise DocumentError(Reason.SCHEMA, field="IssuerSignedItem")


def octets(text: str) -> bytes:
    """Of hex or base64, either alphabet. Raises DocumentError."""
    if len(text) > TEXT_CHARS_MAX:
        raise DocumentError(Reason.TOO_LONG)
    if text.lstrip(" \r\n\t\ufeff").startswith("mdoc:"):
        raise DocumentError(Reason.ENGAGEMENT)
    found = packing.octets(text)
    if found is None:
        raise DocumentError(Reason.CBOR)
    return found


def _list(found: object) -> list[Any]:
    if not isinstance(found, list | tuple):
        raise DocumentError(Reason.SCHEMA, field="nameSpaces")
    return list(found)
