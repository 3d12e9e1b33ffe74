"""What can be wrong with a form or with an expression in it."""


class FormError(Exception):
    """The bytes are no form that this engine runs; the text says why, for who made it."""


class ExpressionError(FormError):
    """The text is no expression, or uses what this engine does not have."""


class EvaluationError(ExpressionError):
    """The expression has no value here: of the wrong type, or too much work."""


class CycleError(FormError):
    """The form's logic loops; ``names`` are the questions in the loop, in its order."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("the form's logic loops: " + " > ".join(names))
        self.names = names


class AddressError(FormError):
    """No such question, group or repeat in what is being filled in."""
