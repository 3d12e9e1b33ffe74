"""An instance as XML and back: what is filed, and what is kept of a form half filled in."""

from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from localservices.applications.xforms.errors import FormError
from localservices.applications.xforms.form import Form, Names, Repeat
from localservices.applications.xforms.nodes import Node

BYTES_MAX = 1024 * 1024
_OPENROSA = "http://openrosa.org/xforms"

register_namespace("orx", _OPENROSA)


def write(form: Form, root: Node, *, only_relevant: bool) -> bytes:
    """Deterministic: the same answers give the same bytes."""
    element = Xml(_tag(root), {_attribute(one): one.text for one in root.attributes.values()})
    _fill(element, root, only_relevant)
    if form.id and element.get("id") is None:
        element.set("id", form.id)
    made: bytes = tostring(element, encoding="utf-8", xml_declaration=False)
    return made


def read(form: Form, xml: bytes) -> Node:
    """What ``write`` gave, or another program's, laid over the form's own tree.

    Raises:
        FormError: not XML, or of another form.
    """
    if len(xml) > BYTES_MAX:
        raise FormError("too large for what was kept of a form")
    try:
        element: Xml = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError, RecursionError) as error:
        raise FormError("what was kept of a form is no XML") from error
    root = form.root.copy()
    if _local(element) != root.name:
        raise FormError("what was kept is of another form")
    _overlay(form, root, element)
    return root


def _fill(element: Xml, node: Node, only_relevant: bool) -> None:
    element.text = node.text if not node.children else None
    for child in node.children:
        if only_relevant and not child.is_relevant:
            continue
        attributes = {_attribute(one): one.text for one in child.attributes.values()}
        _fill(SubElement(element, _tag(child), attributes), child, only_relevant)


def _tag(node: Node) -> str:
    if node.name in ("meta", "instanceID", "instanceName") and not node.namespace:
        return f"{{{_OPENROSA}}}{node.name}"
    return f"{{{node.namespace}}}{node.name}" if node.namespace else node.name


def _attribute(node: Node) -> str:
    return f"{{{node.namespace}}}{node.name}" if node.namespace else node.name


def _overlay(form: Form, node: Node, element: Xml) -> None:
    """Texts where the form has a place for them; repeats as often as they stand there."""
    if not len(element):
        node.text = (element.text or "").strip() if not node.children else ""
        return
    by_name: dict[str, list[Xml]] = {}
    for child in element:
        by_name.setdefault(_local(child), []).append(child)
    for name in dict.fromkeys(child.name for child in node.children):
        found = by_name.get(name, [])
        standing = node.named(name)
        if _repeats(form, standing[0].names()):
            _again(form, node, standing, found)
        else:
            for one, said in zip(standing, found, strict=False):
                _overlay(form, one, said)


def _again(form: Form, node: Node, standing: list[Node], found: list[Xml]) -> None:
    at = node.children.index(standing[0])
    like = form.templates.get(standing[0].names()) or standing[0]
    for one in standing:
        node.children.remove(one)
    for place, said in enumerate(found):
        _overlay(form, node.add(like.copy(), at + place), said)


def _repeats(form: Form, names: Names) -> bool:
    repeats = (one for one in form.everything() if isinstance(one, Repeat))
    return any(one.names == names for one in repeats)


def _local(element: Xml) -> str:
    return str(element.tag).rpartition("}")[2]
