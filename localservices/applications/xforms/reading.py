"""Reads an XForm, as pyxform and others write it, into a Form. What it cannot run is refused.

Source: the ODK XForms specification. Files that a form names (CSV, XML, GeoJSON) are handed in.
"""

from collections.abc import Mapping
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from localservices.applications.xforms import ordering, reading_body, reading_model, reading_tables
from localservices.applications.xforms.errors import FormError
from localservices.applications.xforms.form import Form, Names
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.xml import HTML, XFORMS

BYTES_MAX = 4 * 1024 * 1024
DEPTH_MAX = 60
ELEMENTS_MAX = 400_000  # 30,000 choices with five fields each


def read(xml: bytes, files: Mapping[str, bytes] | None = None) -> Form:
    """``files``: by name, as the form names them.

    Raises:
        FormError: no form, one that this engine cannot run, or one whose logic loops.
    """
    root = _parsed(xml)
    model = root.find(f".//{XFORMS}model")
    body = root.find(f"{HTML}body")
    if model is None or body is None:
        raise FormError("no XForm: it has no model or no body")
    primary = _primary(model)
    node = reading_model.tree(primary)
    templates = _templates(node)
    binds = reading_model.binds(model)
    reading_model.give_types(node, templates, binds)
    tables = reading_tables.read(model, files or {})
    texts, default = reading_model.texts(model)
    body_elements = reading_body.read(body)
    actions = reading_model.actions(model, body)
    title = root.find(f"{HTML}head/{HTML}title")
    return Form(
        id=primary.get("id") or primary.tag.partition("}")[0].lstrip("{"),
        version=primary.get("version") or "",
        title="" if title is None else "".join(title.itertext()).strip(),
        root=node,
        templates=templates,
        binds=binds,
        body=body_elements,
        tables=tables,
        texts=texts,
        default_language=default,
        actions=actions,
        order=ordering.of(binds),
        files=reading_tables.named_files(model) | reading_model.media_of(texts),
    )


def _parsed(xml: bytes) -> Xml:
    if len(xml) > BYTES_MAX:
        raise FormError(f"more than {BYTES_MAX // 1024**2} MB")
    try:
        root: Xml = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError, RecursionError) as error:
        raise FormError("no XML, or XML with tricks") from error
    _bound(root)
    return root


def _bound(root: Xml) -> None:
    """No deeper, and no more, than a form may be."""
    waiting, count = [(root, 1)], 0
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if depth > DEPTH_MAX or count > ELEMENTS_MAX:
            raise FormError("too deep, or too much of it")
        waiting.extend((child, depth + 1) for child in element)


def _primary(model: Xml) -> Xml:
    for instance in model.findall(f"{XFORMS}instance"):
        children = list(instance)
        if children and instance.get("src") is None:
            return children[0]
        break
    raise FormError("no XForm: its model has no instance")


def _templates(root: Node) -> dict[Names, Node]:
    """Take the templates of repeats out of the tree."""
    found: dict[Names, Node] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for child in [one for one in node.children if "template" in one.attributes]:
            node.children.remove(child)
            child.attributes.pop("template")
            child.parent = node
            found[child.names()] = child
            waiting.append(child)
        waiting.extend(node.children)
    return found
