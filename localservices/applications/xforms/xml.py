"""The namespaces of forms, and how their elements are told apart."""

from xml.etree.ElementTree import Element as Xml

XFORMS = "{http://www.w3.org/2002/xforms}"
HTML = "{http://www.w3.org/1999/xhtml}"
JAVAROSA = "{http://openrosa.org/javarosa}"
ODK = "{http://www.opendatakit.org/xforms}"
EVENTS = "{http://www.w3.org/2001/xml-events}"


def local(element: Xml) -> str:
    """Its name without the namespace."""
    return str(element.tag).rpartition("}")[2]


def named(element: Xml, name: str) -> list[Xml]:
    return [child for child in element if local(child) == name]


def first(element: Xml, name: str) -> Xml | None:
    return next(iter(named(element, name)), None)
