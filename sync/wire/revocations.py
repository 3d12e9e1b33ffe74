"""All eDocuments that hold no more, as central publishes them: what is not named here stands.

One file for a whole country: an array of [list, its places in ascending order], each place as its
distance from the one before. A list is a stream of a node, a place the sequence of the record by
which the document was issued.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate

from sync.wire import cbor
from sync.wire.errors import MalformedError

TARGET = "status/edocuments.cbor"  # in the catalogue
SCHEME = "nz:"
BYTES_MAX = 32 * 1024 * 1024


def list_of(number: str) -> tuple[str, int]:
    """(list, place) of a document's number. Raises MalformedError: it is none."""
    stream, _, seq = number.rpartition("-")
    if not stream or not seq.isascii() or not seq.isdecimal() or len(seq) > 18:
        raise MalformedError("not the number of a document")
    return SCHEME + stream, int(seq)


def encode(numbers: Iterable[str]) -> bytes:
    """Raises MalformedError: one of them is no number."""
    found: dict[str, set[int]] = {}
    for number in numbers:
        name, place = list_of(number)
        found.setdefault(name, set()).add(place)
    return cbor.encode([[name, _steps(places)] for name, places in sorted(found.items())])


def decode(data: bytes) -> Mapping[str, frozenset[int]]:
    """Raises MalformedError, OversizedError."""
    told = cbor.decode(data, BYTES_MAX)
    if not isinstance(told, list):
        raise MalformedError("not a list of revocations")
    found: dict[str, frozenset[int]] = {}
    for one in told:
        match one:
            case [str(name), [*steps]] if all(type(step) is int and step >= 0 for step in steps):
                found[name] = frozenset(accumulate(steps))
            case _:
                raise MalformedError("not a list of revocations")
    return found


def _steps(places: set[int]) -> list[int]:
    ordered = sorted(places)
    return [after - before for before, after in zip([0, *ordered], ordered, strict=False)]
