"""The body of a form: questions, groups and repeats in their order."""

from typing import cast, get_args
from xml.etree.ElementTree import Element as Xml

from localservices.applications.xforms.errors import FormError
from localservices.applications.xforms.form import (
    Choice,
    Element,
    Group,
    Itemset,
    Kind,
    Question,
    Repeat,
    Words,
)
from localservices.applications.xforms.reading_model import expression, path, said
from localservices.applications.xforms.syntax import Path
from localservices.applications.xforms.xml import JAVAROSA, first, local, named

_KINDS = frozenset(get_args(Kind))
_SILENT = frozenset(
    {"label", "hint", "setvalue", "setgeopoint", "recordaudio", "help", "alert", "item", "itemset"}
)


def read(body: Xml) -> tuple[Element, ...]:
    """Raises FormError."""
    return _children(body)


def _children(parent: Xml) -> tuple[Element, ...]:
    return tuple(_element(child) for child in parent if local(child) not in _SILENT)


def _element(element: Xml) -> Element:
    name = local(element)
    if name == "group":
        return _group(element)
    if name == "repeat":
        return _repeat(element, Words())
    if name in _KINDS:
        return _question(element, cast(Kind, name))
    raise FormError(f"the body has an element that is not known: <{name[:40]}>")


def _group(element: Xml) -> Group | Repeat:
    """A group around a single repeat is the repeat's own frame."""
    inside = [child for child in element if local(child) not in _SILENT]
    if len(inside) == 1 and local(inside[0]) == "repeat":
        return _repeat(inside[0], said(first(element, "label")))
    ref = element.get("ref") or element.get("nodeset")
    names = path(ref, "a group") if ref else ()
    return Group(names, said(first(element, "label")), _appearance(element), _children(element))


def _repeat(element: Xml, label: Words) -> Repeat:
    where = element.get("nodeset") or ""
    count = expression(element.get(f"{JAVAROSA}count"), f"{where}, count")
    inside = _children(element)
    # pyxform puts the appearance of a page on a group inside the repeat.
    return Repeat(path(where, "a repeat"), label, _appearance(element), inside, count)


def _question(element: Xml, kind: Kind) -> Question:
    where = element.get("ref") or ""
    items = tuple(_choice(one) for one in named(element, "item"))
    itemset = first(element, "itemset")
    return Question(
        names=path(where, "a question"),
        kind=kind,
        label=said(first(element, "label")),
        hint=said(first(element, "hint")),
        appearance=_appearance(element),
        choices=items,
        itemset=None if itemset is None else _itemset(itemset, where),
        media_type=element.get("mediatype") or "",
        start=_number(element.get("start")),
        end=_number(element.get("end")),
        step=_number(element.get("step")),
    )


def _choice(item: Xml) -> Choice:
    value = first(item, "value")
    return Choice("" if value is None else (value.text or "").strip(), said(first(item, "label")))


def _itemset(element: Xml, where: str) -> Itemset:
    nodes = expression(element.get("nodeset"), f"{where}, choices")
    value, label = first(element, "value"), first(element, "label")
    ref = (label.get("ref") or "") if label is not None else ""
    is_itext = ref.startswith("jr:itext(")
    inside = ref[9:-1] if is_itext else ref
    if not isinstance(nodes, Path) and nodes is None:
        raise FormError(f"{where} has choices from nowhere")
    named_value = (value.get("ref") or "") if value is not None else ""
    return Itemset(nodes, named_value.strip() or "name", inside.strip() or "label", is_itext)


def _appearance(element: Xml) -> frozenset[str]:
    return frozenset((element.get("appearance") or "").split())


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise FormError(
            f"{text[:40]!r} of a range is no number" if text else "no number"
        ) from error
