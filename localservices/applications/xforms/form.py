"""A form, read: what is asked, in which order, and by which rules. Nothing here is filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.scope import Table
from localservices.applications.xforms.syntax import Expression

Names = tuple[str, ...]  # where something stands in the instance, from the root down
Spoken = tuple["str | Expression", ...]  # words, with values in between
Kind = Literal["input", "select", "select1", "rank", "upload", "trigger", "range", "secret"]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of something: by an itext id, or as it stands."""

    id: str | None = None
    plain: Spoken = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One itext in one language. ``media``: files by form (image, audio, video, big-image)."""

    plain: Spoken = ()
    guidance: Spoken = ()
    media: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bind:
    """The rules of a node. ``type``: of XForms, such as string, int, date, geopoint, binary."""

    names: Names
    type: str = "string"
    relevant: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    constraint: Expression | None = None
    calculate: Expression | None = None
    constraint_message: Words = Words()
    required_message: Words = Words()
    preload: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Words


@dataclass(frozen=True, slots=True)
class Itemset:
    """Choices out of a table: which rows, and which fields of theirs say what."""

    nodes: Expression
    value: str
    label: str
    label_is_itext: bool


@dataclass(frozen=True, slots=True)
class Question:
    """``start``, ``end``, ``step`` are those of a range."""

    names: Names
    kind: Kind
    label: Words
    hint: Words = Words()
    appearance: frozenset[str] = frozenset()
    choices: tuple[Choice, ...] = ()
    itemset: Itemset | None = None
    media_type: str = ""
    start: float | None = None
    end: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """``names`` is empty for one that only holds things together on a page."""

    names: Names
    label: Words
    appearance: frozenset[str]
    children: tuple["Element", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A group that may stand several times. ``count``: how often, where the form says so."""

    names: Names
    label: Words
    appearance: frozenset[str]
    children: tuple["Element", ...]
    count: Expression | None = None


Element = Question | Group | Repeat


@dataclass(frozen=True, slots=True)
class Action:
    """A value that is set when something happens. ``trigger``: the question that changed."""

    events: frozenset[str]
    names: Names
    value: Expression | None
    trigger: Names | None = None


@dataclass(frozen=True)
class Form:
    """``texts``: by language and id; ``order``: calculations, each after what it reads."""

    id: str
    version: str
    title: str
    root: Node
    templates: Mapping[Names, Node]
    binds: Mapping[Names, Bind]
    body: tuple[Element, ...]
    tables: Mapping[str, Table]
    texts: Mapping[str, Mapping[str, Text]]
    default_language: str
    actions: tuple[Action, ...]
    order: tuple[Names, ...]
    files: frozenset[str]  # that it names: tables and media

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def everything(self) -> Iterator[Element]:
        """Each element of the body, before what is in it."""
        waiting = list(reversed(self.body))
        while waiting:
            element = waiting.pop()
            yield element
            if not isinstance(element, Question):
                waiting.extend(reversed(element.children))
