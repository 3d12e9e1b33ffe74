"""What a submission says of itself: read from the XML that a phone sent, after its size is known.

Sources: OpenRosa Metadata (instanceID), the ODK XForms encryption specification (its manifest).
"""

import hashlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from localservices.refusal import Refusal
from sync.wire.kinds.application import SUBMISSION_BYTES_MAX

ID_CHARS_MAX = 255


@dataclass(frozen=True, slots=True)
class Instance:
    """A filled form, or the manifest of one that is sealed to central."""

    form_id: str
    version: str
    instance_id: str
    is_encrypted: bool


def read(xml: bytes) -> Instance:
    """Raises Refusal: it is not a filled form."""
    if len(xml) > SUBMISSION_BYTES_MAX:
        raise Refusal("openrosa.form_large", most=SUBMISSION_BYTES_MAX // 1024)
    try:
        root = fromstring(xml, forbid_dtd=True)
    # An unknown encoding is a LookupError, and one that does not fit a ValueError.
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise Refusal("openrosa.no_form") from error
    namespace = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
    form_id = (root.get("id") or namespace).strip()
    version = (root.get("version") or "").strip()
    instance_id = _instance_id(root) or f"sha256:{hashlib.sha256(xml).hexdigest()}"
    longest = max(map(len, (form_id, version, instance_id)))
    if not form_id or longest > ID_CHARS_MAX:
        raise Refusal("openrosa.no_form")
    return Instance(form_id, version, instance_id, root.get("encrypted") == "yes")


def _instance_id(root: Element) -> str:
    for child in root:
        if _local(child) == "meta":
            found = next((one.text or "" for one in child if _local(one) == "instanceID"), "")
            if found.strip():
                return found.strip()
    return (root.get("instanceID") or "").strip()


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
