"""What phones are shown of the forms: OpenRosa's Form List and Form Manifest as XML. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sync.wire.lanes import Lane
from sync.wire.services import Service

_XF = "{http://www.w3.org/2002/xforms}"
_MODEL_END = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?model\s*>")
_SUBMISSION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?submission\b")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LIST = "http://openrosa.org/xforms/xformsList"
_MANIFEST = "http://openrosa.org/xforms/xformsManifest"
_RESPONSE = "http://openrosa.org/http/response"


@dataclass(frozen=True, slots=True)
class FormFile:
    """A picture, a sound or a list of choices that belongs to a form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PublishedForm:
    """A form as it was published; ``id`` and ``version`` are those of its primary instance."""

    id: str
    version: str
    name: str
    xml: bytes
    service: str  # the manifest's id
    files: tuple[FormFile, ...] = ()
    lane: Lane = Lane.PEOPLE

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.xml).digest()

    def file(self, name: str) -> FormFile | None:
        return next((one for one in self.files if one.name == name), None)


def published(service: Service) -> PublishedForm | None:
    """A service's form under the names that phones know it by; None: it names itself by none."""
    try:
        root = fromstring(service.form, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return None
    instance = root.find(f".//{_XF}model/{_XF}instance")
    primary = None if instance is None else next(iter(instance), None)
    form_id = "" if primary is None else primary.get("id") or ""
    if primary is None or not form_id:
        return None
    said = service.manifest
    files = tuple(FormFile(name, content) for name, content in sorted(service.files.items()))
    version = primary.get("version") or ""
    name = said.title.get("uk") or said.title["en"]
    return PublishedForm(form_id, version, name, service.form, said.id, files, said.lane)


class Forms(Protocol):
    """The forms of this node."""

    def listed(self) -> Sequence[PublishedForm]:
        """The forms in force, one version of each."""
        ...

    def known(self, form_id: str, version: str) -> PublishedForm | None:
        """A form by its exact version, also when it is in force no more."""
        ...


def served(form: PublishedForm, forms_key: str | None) -> bytes:
    """The form as phones get it: encrypting to central's key, unless it names a key of its own.

    ``forms_key`` is an RSA public key, X.509 DER in base64 (the ODK encryption specification).
    """
    if forms_key is None or b"base64RsaPublicKey" in form.xml:
        return form.xml
    key = b' base64RsaPublicKey="' + forms_key.encode() + b'"'
    submission = _SUBMISSION.search(form.xml)
    if submission is not None:
        return form.xml[: submission.end()] + key + form.xml[submission.end() :]
    ends = list(_MODEL_END.finditer(form.xml))
    assert ends, "a published form has a model"
    at = ends[-1].start()
    # The XForms namespace by name: the model may stand under a prefix.
    element = b'<submission xmlns="http://www.w3.org/2002/xforms"' + key + b"/>"
    return form.xml[:at] + element + form.xml[at:]


def form_list(forms: Iterable[PublishedForm], root: str, forms_key: str | None) -> str:
    """``root`` is the address of the door, such as http://10.0.0.5:8300/openrosa."""
    entries = "".join(_entry(form, root, forms_key) for form in forms)
    return f'{_HEAD}<xforms xmlns="{_LIST}">{entries}</xforms>\n'


def manifest(form: PublishedForm, root: str) -> str:
    files = "".join(
        f"<mediaFile><filename>{escape(one.name)}</filename><hash>{_md5(one.content)}</hash>"
        f"<downloadUrl>{escape(_address(root, 'file', form, one.name))}</downloadUrl></mediaFile>"
        for one in form.files
    )
    return f'{_HEAD}<manifest xmlns="{_MANIFEST}">{files}</manifest>\n'


def response(message: str, nature: str) -> str:
    """OpenRosa's answer, whose message the phone shows. ``nature`` is ``submit_success`` or so."""
    return (
        f'{_HEAD}<OpenRosaResponse xmlns="{_RESPONSE}">'
        f"<message nature={quoteattr(nature)}>{escape(message)}</message></OpenRosaResponse>\n"
    )


def _entry(form: PublishedForm, root: str, forms_key: str | None) -> str:
    told = (
        f"<xform><formID>{escape(form.id)}</formID><name>{escape(form.name)}</name>"
        f"<version>{escape(form.version)}</version><hash>{_md5(served(form, forms_key))}</hash>"
        f"<downloadUrl>{escape(_address(root, 'form', form))}</downloadUrl>"
    )
    if form.files:
        told += f"<manifestUrl>{escape(_address(root, 'manifest', form))}</manifestUrl>"
    return told + "</xform>"


def _address(root: str, what: str, form: PublishedForm, name: str | None = None) -> str:
    rest = "" if name is None else "/" + quote(name, safe="")
    return f"{root}/{what}{rest}?{urlencode({'id': form.id, 'version': form.version})}"


def _md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"
