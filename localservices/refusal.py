"""A service or a form says no. The page turns the code into the person's own language."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818  an answer, not an error
    """The request cannot be done, and the person can do something about it.

    ``code`` is a key of the messages; ``facts`` fill its placeholders. They are shown on the
    screen, so no secrets.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class FormRefusal(Exception):  # noqa: N818  an answer, not an error
    """Every field of a form that a person must correct, in the order of the page."""

    def __init__(self, problems: Mapping[str, Refusal]) -> None:
        super().__init__(", ".join(f"{name}: {problem.code}" for name, problem in problems.items()))
        self.problems = problems
