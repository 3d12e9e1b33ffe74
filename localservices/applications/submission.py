"""A filled form as it is kept: an instance as XML (OpenRosa), read as questions and answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sync.wire.kinds.application import SUBMISSION_BYTES_MAX

DEPTH_MAX = 30
ANSWERS_MAX = 5_000
_META = "meta"


class SubmissionError(ValueError):
    """Not an instance of any form."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``path``: names from below the root, such as ``member/member_name``; repeats repeat it."""

    path: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        return self.path[-1]


def answers(xml: bytes) -> list[Answer]:
    """What was answered, in the form's order, without what was left empty.

    Raises:
        SubmissionError: too large, too deep, or not XML without tricks.
    """
    return list(_leaves(_root(xml), ()))


def instance_id(xml: bytes) -> str | None:
    """OpenRosa's ``meta/instanceID``; None: it has none. Raises SubmissionError."""
    for element in _root(xml).iter():
        if _name(element) == "instanceID" and element.text:
            return element.text.strip()[:200] or None
    return None


def text_of(found: list[Answer], names: tuple[str, ...]) -> str:
    """The first answers to these questions, one after the other."""
    first: dict[str, str] = {}
    for answer in found:
        first.setdefault(answer.name, answer.text)
    return " ".join(first[name] for name in names if name in first)


def _root(xml: bytes) -> Element:
    if len(xml) > SUBMISSION_BYTES_MAX:
        raise SubmissionError("larger than a record holds")
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise SubmissionError("not XML") from error
    return root


def _leaves(element: Element, above: tuple[str, ...]) -> Iterator[Answer]:
    if len(above) > DEPTH_MAX:
        raise SubmissionError("too deep")
    count = 0
    for child in element:
        if _name(child) == _META:
            continue
        path = (*above, _name(child))
        below = _leaves(child, path) if len(child) else _said(child, path)
        for answer in below:
            count += 1
            if count > ANSWERS_MAX:
                raise SubmissionError("too many answers")
            yield answer


def _said(element: Element, path: tuple[str, ...]) -> Iterator[Answer]:
    text = (element.text or "").strip()
    if text:
        yield Answer(path, text)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
