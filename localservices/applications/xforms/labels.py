"""What a form says, in the language of who fills it in: labels, hints, and the choices of now."""

from dataclasses import dataclass, field

from localservices.applications.xforms.errors import EvaluationError
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.form import Itemset, Question, Spoken, Text, Words
from localservices.applications.xforms.nodes import Node

CHOICES_SHOWN_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Option:
    """A choice in the reader's language."""

    value: str
    label: str
    media: dict[str, str] = field(default_factory=dict)


def said(filling: Filling, words: Words, node: Node) -> str:
    """In the filling's language, with the values in between."""
    plain = text_of(filling, words.id).plain if words.id else words.plain
    return spoken(filling, plain, node)


def text_of(filling: Filling, name: str) -> Text:
    """Where a language lacks it, as the form's own has it."""
    form = filling.form
    for language in (filling.language, form.default_language):
        found = form.texts.get(language, {}).get(name)
        if found is not None:
            return found
    return Text()


def spoken(filling: Filling, parts: Spoken, node: Node) -> str:
    texts = (one if isinstance(one, str) else filling.text(one, node) for one in parts)
    return "".join(texts).strip()


def options(filling: Filling, question: Question, node: Node) -> tuple[Option, ...]:
    """The choices as they are now: those of a table depend on other answers."""
    if question.itemset is not None:
        return _of_table(filling, question.itemset, node)
    return tuple(
        Option(one.value, said(filling, one.label, node) or one.value) for one in question.choices
    )


def _of_table(filling: Filling, itemset: Itemset, node: Node) -> tuple[Option, ...]:
    try:
        rows = filling.value(itemset.nodes, node)
    except EvaluationError:
        return ()
    found: list[Option] = []
    for row in rows if isinstance(rows, list) else []:
        fields = {child.name: child.text for child in row.children}
        value, label = fields.get(itemset.value, ""), fields.get(itemset.label, "")
        text = text_of(filling, label) if itemset.label_is_itext else Text((label,))
        found.append(Option(value, spoken(filling, text.plain, node) or value, dict(text.media)))
        if len(found) >= CHOICES_SHOWN_MAX:
            break
    return tuple(found)


def label_of(filling: Filling, value: str, node: Node) -> str:
    names = node.names()
    for element in filling.form.everything():
        if isinstance(element, Question) and element.names == names:
            labels = {one.value: one.label for one in options(filling, element, node)}
            return " ".join(labels.get(one, one) for one in value.split())
    return value
