"""What was typed on a page of a form, made into answers; what is none is told."""

from collections.abc import Callable, Sequence

from localservices.applications.xforms import answers, showing
from localservices.applications.xforms.answers import AnswerError
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.showing import Asked, Page, Problem

GetList = Callable[[str], Sequence[str]]  # the values of a field, by its name


def put(filling: Filling, page: Page, given: GetList) -> dict[str, Problem]:
    """Let a page's answers in, one after the other; give what could not be taken, by address."""
    problems: dict[str, Problem] = {}
    for asked in page.asked:
        if asked.is_readonly or asked.question.kind == "upload":
            continue
        try:
            filling.put(asked.address, _kept(asked, given(asked.address)))
        except AnswerError as error:
            problems[asked.address] = Problem(error.code)
    return problems


def wrong(filling: Filling, page: Page) -> dict[str, Problem]:
    """What is wrong on a page as it stands, by address. Files are given once it is saved."""
    found = {
        asked.address: showing.problem(filling, asked)
        for asked in page.asked
        if asked.question.kind != "upload"
    }
    return {address: problem for address, problem in found.items() if problem is not None}


def _kept(asked: Asked, given: Sequence[str]) -> str:
    question = asked.question
    offered = [one.value for one in asked.options]
    if question.kind == "rank":
        return answers.ranked(given, offered)
    if question.kind in ("select", "select1"):
        return answers.chosen(given, offered, several=question.kind == "select")
    typed = given[-1] if given else ""
    if question.kind == "trigger":
        return "OK" if typed else ""
    text = answers.kept(asked.type, typed)
    if question.kind == "range" and text:
        _in_range(asked, float(text))
    return text


def _in_range(asked: Asked, number: float) -> None:
    start, end = asked.question.start, asked.question.end
    if start is not None and end is not None and not start <= number <= end:
        raise AnswerError("out_of_range")
