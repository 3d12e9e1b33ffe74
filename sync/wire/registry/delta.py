"""What changed in a registry since an edition: statuses by rank, new documents by place.

"NZDELTA" 1, then the CBOR array [name, edition before, made (Unix s), changed, added]: for each
status in turn [shift, count, Rice codes] of the ranks that have it now, and of the places that
were added with it. An edition is named by what it follows and what changed, so a chain of changes
has no gap and no branch.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sync.wire import cbor
from sync.wire.errors import MalformedError
from sync.wire.registry.form import GONE, SHIFT_MAX, code, gaps, packed

MAGIC = b"NZDELTA\x01"
BYTES_MAX = 64 * 1024 * 1024
EDITION_BYTES = 16
_LIKELY = 0.69  # ln 2: Rice's best shift is that of the mean gap times this (Kiely, 2004)


@dataclass(frozen=True, slots=True)
class Delta:
    """``changed``: rank to status; ``added``: place to status."""

    name: str
    before: bytes
    made_s: int
    changed: Mapping[int, int] = field(repr=False)
    added: Mapping[int, int] = field(repr=False)


def encode(delta: Delta, count: int, universe: int) -> bytes:
    """``count``, ``universe``: of the registry that the chain began with."""
    changed = _grouped(delta.changed, count)
    added = _grouped(delta.added, universe)
    return MAGIC + cbor.encode([delta.name, delta.before, delta.made_s, changed, added])


def decode(data: bytes, count: int, universe: int) -> tuple[Delta, bytes]:
    """The change, and the name of the edition that it makes. Raises MalformedError."""
    if data[: len(MAGIC)] != MAGIC:
        raise MalformedError("not a registry's change")
    match cbor.decode(data[len(MAGIC) :], BYTES_MAX):
        case [str(name), bytes(before), int(made_s), [*changed], [*added]]:
            told = Delta(name, before, made_s, _read(changed, count), _read(added, universe))
            return told, hashlib.sha256(data).digest()[:EDITION_BYTES]
        case _:
            raise MalformedError("not a registry's change")


def _grouped(statuses: Mapping[int, int], ends: int) -> list[list[int | bytes]]:
    groups: list[list[int]] = [[] for _ in range(GONE + 1)]
    for number, status in sorted(statuses.items()):
        groups[status].append(number)
    return [_coded(group, ends) for group in groups]


def _coded(ordered: Sequence[int], ends: int) -> list[int | bytes]:
    mean = ends / max(1, len(ordered)) * _LIKELY
    shift = min(max(1, int(mean).bit_length() - 1), SHIFT_MAX)
    steps = [after - before for before, after in zip([0, *ordered], ordered, strict=False)]
    return [shift, len(ordered), packed("".join(code(step, shift) for step in steps))]


def _read(groups: Sequence[object], ends: int) -> dict[int, int]:
    found: dict[int, int] = {}
    if len(groups) != GONE + 1:
        raise MalformedError("not a registry's change")
    for status, group in enumerate(groups):
        match group:
            case [int(shift), int(count), bytes(codes)] if 0 < shift <= SHIFT_MAX:
                found |= dict.fromkeys(_numbers(codes, shift, count, ends), status)
            case _:
                raise MalformedError("not a registry's change")
    return found


def _numbers(codes: bytes, shift: int, count: int, ends: int) -> list[int]:
    at, found = 0, []
    for step in islice(gaps(codes, shift), count):
        at += step
        found.append(at)
    if len(found) != count or (found and found[-1] >= ends):
        raise MalformedError("a change beyond the registry")
    return found
