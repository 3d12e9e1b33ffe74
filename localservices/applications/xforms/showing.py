"""What a person is shown of a form: page after page, each question with its words and choices."""

from collections.abc import Iterator
from dataclasses import dataclass

from localservices.applications.xforms.answers import AnswerError
from localservices.applications.xforms.answers import kept as sound
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.form import (
    Element,
    Form,
    Group,
    Names,
    Question,
    Repeat,
    Text,
    Words,
)
from localservices.applications.xforms.labels import (
    Option,
    label_of,
    options,
    said,
    spoken,
    text_of,
)
from localservices.applications.xforms.nodes import Node, resolve
from localservices.applications.xforms.scope import Device


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands on a page. ``answer`` is as the instance keeps it."""

    address: str
    question: Question
    type: str
    label: str
    hint: str
    guidance: str
    media: dict[str, str]
    answer: str
    options: tuple[Option, ...]
    is_required: bool
    is_readonly: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's name between questions."""

    label: str


@dataclass(frozen=True, slots=True)
class Another:
    """A place where one more of a repeat may be added."""

    names: Names
    above: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    """``key`` names it while the form stays as it is; ``removable``: the repeat that it shows."""

    key: str
    title: str
    items: tuple[Asked | Heading | Another, ...]
    removable: str | None = None

    @property
    def asked(self) -> list[Asked]:
        return [one for one in self.items if isinstance(one, Asked)]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: a code, or the form's own ``words``."""

    code: str
    words: str = ""


def begin(form: Form, device: Device, kept: bytes | None = None) -> Filling:
    """A filling whose expressions can say choices and texts in its language. As ``Filling``."""
    filling = Filling(form, device, kept)
    filling.world.label = lambda value, node: label_of(filling, value, node)
    filling.world.texts = lambda name: said(filling, Words(id=name), filling.root)
    filling.work_out()
    return filling


def pages(filling: Filling) -> list[Page]:
    """All that is relevant, in the form's order."""
    return list(_pages(filling, filling.form.body, filling.root))


def problem(filling: Filling, asked: Asked) -> Problem | None:
    """What keeps the form from being filed with this answer."""
    node = filling.node(asked.address)
    bind = filling.form.binds.get(node.names())
    if asked.is_readonly or bind is None:
        return None
    if not node.text:
        if not asked.is_required:
            return None
        return Problem("required", said(filling, bind.required_message, node))
    try:
        sound(node.type, node.text)
    except AnswerError as error:
        return Problem(error.code)
    if not filling.meets_constraint(node):
        return Problem("constraint", said(filling, bind.constraint_message, node))
    return None


def _pages(filling: Filling, elements: tuple[Element, ...], above: Node) -> Iterator[Page]:
    for element in elements:
        if isinstance(element, Question):
            asked = _asked(filling, element, above)
            if asked is not None:
                yield Page(asked.address, "", (asked,))
        elif isinstance(element, Repeat):
            yield from _repeated(filling, element, above)
        else:
            yield from _grouped(filling, element, above)


def _grouped(filling: Filling, group: Group, above: Node) -> Iterator[Page]:
    node = _inside(group.names, above)
    if node is None:
        return
    if "field-list" not in group.appearance:
        yield from _pages(filling, group.children, node)
        return
    items = tuple(_items(filling, group.children, node))
    if items:
        yield Page(filling.address(node), said(filling, group.label, node), items)


def _repeated(filling: Filling, repeat: Repeat, above: Node) -> Iterator[Page]:
    label = said(filling, repeat.label, above)
    standing = [one for one in _near(repeat.names, above) if one.counts()]
    is_free = repeat.count is None
    for number, node in enumerate(standing, 1):
        inside = _Inside(filling, repeat, node)
        title = f"{label} {number}".strip()
        where = filling.address(node) if is_free else None
        yield from inside.pages(title, where)
    parent = _parent(repeat.names, above)
    if is_free and parent is not None and parent.counts():
        another = Another(repeat.names, filling.address(parent), label, len(standing))
        yield Page(f"{filling.address(parent)}/{repeat.names[-1]}[+]", label, (another,))


@dataclass(frozen=True, slots=True)
class _Inside:
    """One of a repeat: on one page if the form wants that, else each question on its own."""

    filling: Filling
    repeat: Repeat
    node: Node

    def pages(self, title: str, removable: str | None) -> Iterator[Page]:
        children, appearance = self.repeat.children, self.repeat.appearance
        match children:
            case (Group(names=(), appearance=inner, children=inside),):
                children, appearance = inside, appearance | inner
            case _:
                pass
        if "field-list" in appearance:
            items = tuple(_items(self.filling, children, self.node))
            if items:
                yield Page(self.filling.address(self.node), title, items, removable)
            return
        for number, page in enumerate(_pages(self.filling, children, self.node)):
            yield Page(page.key, page.title or title, page.items, None if number else removable)


def _items(
    filling: Filling, elements: tuple[Element, ...], above: Node
) -> Iterator[Asked | Heading | Another]:
    for element in elements:
        if isinstance(element, Question):
            asked = _asked(filling, element, above)
            if asked is not None:
                yield asked
        elif isinstance(element, Repeat):
            for page in _repeated(filling, element, above):
                yield from ((Heading(page.title), *page.items) if page.asked else page.items)
        elif (node := _inside(element.names, above)) is not None:
            inside = tuple(_items(filling, element.children, node))
            label = said(filling, element.label, node)
            yield from ((Heading(label), *inside) if label and inside else inside)


def _asked(filling: Filling, question: Question, above: Node) -> Asked | None:
    """None: it is not relevant."""
    node = next(iter(_near(question.names, above)), None)
    if node is None or not node.counts():
        return None
    label = text_of(filling, question.label.id) if question.label.id else Text(question.label.plain)
    hint = text_of(filling, question.hint.id) if question.hint.id else Text(question.hint.plain)
    return Asked(
        address=filling.address(node),
        question=question,
        type=node.type,
        label=spoken(filling, label.plain, node),
        hint=spoken(filling, hint.plain, node),
        guidance=spoken(filling, hint.guidance, node),
        media=dict(label.media),
        answer=node.text,
        options=options(filling, question, node),
        is_required=filling.is_required(node),
        is_readonly=filling.is_readonly(node),
    )


def _near(names: Names, above: Node) -> list[Node]:
    """Those of a name below a node, in no other repeat than its own."""
    start = above.names()
    if names[: len(start)] != start:
        top = above
        while top.parent is not None:
            top = top.parent
        return resolve(top, names)
    found = [above]
    for name in names[len(start) :]:
        found = [child for node in found for child in node.named(name)]
    return found


def _inside(names: Names, above: Node) -> Node | None:
    """The node of a group, if it is relevant; a group without one is where it stands."""
    node = next(iter(_near(names, above)), None) if names else above
    return node if node is not None and node.counts() else None


def _parent(names: Names, above: Node) -> Node | None:
    return next(iter(_near(names[:-1], above)), None)
