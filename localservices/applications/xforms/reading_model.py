"""The model of a form: its tree, the rules of each node, its words, and what happens when."""

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element as Xml

from localservices.applications.xforms import functions, parser
from localservices.applications.xforms.errors import ExpressionError, FormError
from localservices.applications.xforms.form import Action, Bind, Names, Spoken, Text, Words
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.syntax import Expression
from localservices.applications.xforms.xml import EVENTS, JAVAROSA, ODK, XFORMS, first, local, named

_TYPES = frozenset(
    {"string", "int", "decimal", "boolean", "date", "time", "dateTime", "geopoint", "geotrace"}
    | {"geoshape", "binary", "barcode", "intent", "select", "select1", "rank", "odk:rank"}
)
_EVENTS = frozenset(
    {"odk-instance-first-load", "odk-instance-load", "odk-new-repeat", "xforms-value-changed"}
    | {"xforms-ready"}
)
_MEDIA = ("image", "big-image", "audio", "video")


def tree(primary: Xml) -> Node:
    """The instance as nodes; text between elements says nothing."""
    namespace, _, name = primary.tag.rpartition("}")
    node = Node(name, "", _foreign(namespace))
    for key, value in primary.attrib.items():
        space, _, attribute = key.rpartition("}")
        node.put_attribute(attribute, value, space.lstrip("{"))
    for child in primary:
        node.add(tree(child))
    if not len(primary):
        node.text = (primary.text or "").strip()
    return node


def _foreign(namespace: str) -> str:
    """Answers are written without the namespace of forms, as ODK's programs do."""
    return "" if namespace + "}" == XFORMS else namespace.lstrip("{")


def expression(text: str | None, where: str) -> Expression | None:
    """Raises FormError, which names the place."""
    if text is None or not text.strip():
        return None
    try:
        found = parser.parse(text)
        functions.check(found)
    except ExpressionError as error:
        raise FormError(f"{where}: {error}") from error
    return found


def path(text: str, where: str) -> Names:
    """Of a plain path from the root. Raises FormError."""
    parts = text.strip().split("/")
    if len(parts) < 2 or parts[0] or not all(parts[1:]):
        raise FormError(f"{where} names no place: {text[:60]!r}")
    return tuple(
        ("@" if one.startswith("@") else "") + one.rpartition(":")[2].lstrip("@")
        for one in parts[1:]
    )


def words(text: str | None) -> Words:
    """``jr:itext('id')``, or the words themselves."""
    if text is None:
        return Words()
    inside = text.strip()
    if inside.startswith("jr:itext(") and inside.endswith(")"):
        return Words(id=inside[9:-1].strip().strip("'\""))
    return Words(plain=(text.strip(),)) if text.strip() else Words()


def said(element: Xml | None) -> Words:
    """Of a label, a hint, or the like."""
    if element is None:
        return Words()
    if element.get("ref"):
        return words(element.get("ref"))
    return Words(plain=spoken(element))


def spoken(element: Xml) -> Spoken:
    """Words with the values of ``<output>`` in between."""
    parts: list[str | Expression] = [element.text or ""]
    for child in element:
        if local(child) == "output":
            made = expression(child.get("value") or child.get("ref"), "an output")
            parts.append("" if made is None else made)
        else:
            parts.append("".join(child.itertext()))
        parts.append(child.tail or "")
    return tuple(part for part in parts if part != "")


def binds(model: Xml) -> dict[Names, Bind]:
    """Raises FormError."""
    found: dict[Names, Bind] = {}
    for element in named(model, "bind"):
        where = element.get("nodeset") or element.get("ref") or ""
        names = path(where, "a bind")
        preload = element.get(f"{JAVAROSA}preload")
        found[names] = Bind(
            names=names,
            type=_type(element.get("type"), where),
            relevant=expression(element.get("relevant"), f"{where}, relevant"),
            required=expression(element.get("required"), f"{where}, required"),
            readonly=expression(element.get("readonly"), f"{where}, readonly"),
            constraint=expression(element.get("constraint"), f"{where}, constraint"),
            calculate=expression(element.get("calculate"), f"{where}, calculate"),
            constraint_message=words(element.get(f"{JAVAROSA}constraintMsg")),
            required_message=words(element.get(f"{JAVAROSA}requiredMsg")),
            preload=(preload, element.get(f"{JAVAROSA}preloadParams") or "") if preload else None,
        )
    return found


def give_types(root: Node, templates: Mapping[Names, Node], found: Mapping[Names, Bind]) -> None:
    """Each node is read by the type of its bind; a template knows what stands above it."""
    for top in (root, *templates.values()):
        for node in top.everything():
            bind = found.get(node.names())
            if bind is not None:
                node.type = bind.type


def texts(model: Xml) -> tuple[dict[str, dict[str, Text]], str]:
    """By language and id, and the language for whoever chose none."""
    found: dict[str, dict[str, Text]] = {}
    default = ""
    itext = first(model, "itext")
    for translation in [] if itext is None else named(itext, "translation"):
        language = translation.get("lang") or ""
        found[language] = {one.get("id") or "": _text(one) for one in named(translation, "text")}
        if translation.get("default") is not None or not default:
            default = language if translation.get("default") is not None else default or language
    return found, default


def media_of(found: Mapping[str, Mapping[str, Text]]) -> frozenset[str]:
    return frozenset(
        name for by_id in found.values() for text in by_id.values() for name in text.media.values()
    )


def actions(model: Xml, body: Xml) -> tuple[Action, ...]:
    """Raises FormError."""
    found = [_action(one, None) for one in _set_values(model)]
    for control in body.iter():
        ref = control.get("ref") or control.get("nodeset")
        for one in _set_values(control):
            found.append(_action(one, path(ref, "a question") if ref else None))
    return tuple(found)


def _set_values(element: Xml) -> Iterator[Xml]:
    for name in ("setvalue", "setgeopoint"):
        yield from named(element, name)


def _action(element: Xml, trigger: Names | None) -> Action:
    where = element.get("ref") or ""
    events = frozenset((element.get("event") or element.get(f"{EVENTS}event") or "").split())
    if unknown := events - _EVENTS:
        raise FormError(f"{where} is set on an event that is not known: {min(unknown)[:40]!r}")
    if local(element) == "setgeopoint" or element.tag.startswith(f"{ODK}setgeopoint"):
        return Action(events, path(where, "a setgeopoint"), None, trigger)
    value = expression(element.get("value"), f"{where}, setvalue")
    if value is None and (element.text or "").strip():
        value = expression("'" + (element.text or "").strip().replace("'", "") + "'", where)
    return Action(events, path(where, "a setvalue"), value, trigger)


def _text(element: Xml) -> Text:
    plain: Spoken = ()
    guidance: Spoken = ()
    media: dict[str, str] = {}
    for value in named(element, "value"):
        form = value.get("form")
        if form in _MEDIA:
            media[form] = "".join(value.itertext()).strip().rpartition("/")[2]
        elif form == "guidance":
            guidance = spoken(value)
        elif form is None or form == "long":
            plain = spoken(value)
    return Text(plain, guidance, media)


def _type(said_type: str | None, where: str) -> str:
    name = (said_type or "string").rpartition(":")[2] if said_type != "odk:rank" else "rank"
    if name not in _TYPES:
        raise FormError(f"{where} is of a type that is not known: {name[:40]!r}")
    return name
