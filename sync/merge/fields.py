"""Edits of one thing from several nodes, in any order of arrival, to one result.

Each edit names the edits that its writer saw in the field and meant to replace. What nobody has
replaced is live. One live text is the field's value; several are a collision: the one with the
latest stamp is shown, and the others are kept until somebody has seen them all and decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One field was given a new text. ``seen``: stamps of the edits that this one replaces."""

    stamp: bytes
    field: str
    text: str
    seen: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """What a field says.

    Attributes:
        live: the edits that stand, the latest first; empty: as it was first written.
    """

    text: str
    live: tuple[Edit, ...] = ()

    @property
    def collides(self) -> bool:
        return len({edit.text for edit in self.live}) > 1


def merge(first: Mapping[str, str], edits: Iterable[Edit]) -> dict[str, Value]:
    """Every field of what was ``first`` written, and every one that was edited.

    The same edits in any order, and any of them more than once, give the same.
    """
    by_field: dict[str, dict[bytes, Edit]] = {}
    for edit in edits:
        known = by_field.setdefault(edit.field, {})
        # Two edits under one stamp are a forgery or a fault; all nodes must choose the same one.
        if edit.stamp not in known or _rank(edit) > _rank(known[edit.stamp]):
            known[edit.stamp] = edit
    merged = {name: Value(text) for name, text in first.items()}
    for name, known in by_field.items():
        live = _live(known)
        merged[name] = Value(live[0].text, live)
    return dict(sorted(merged.items()))


def _live(known: Mapping[bytes, Edit]) -> tuple[Edit, ...]:
    """An edit cannot have seen a later one: so something always stands."""
    replaced = {stamp for edit in known.values() for stamp in edit.seen if stamp < edit.stamp}
    live = [edit for stamp, edit in known.items() if stamp not in replaced]
    return tuple(sorted(live, key=lambda edit: edit.stamp, reverse=True))


def _rank(edit: Edit) -> tuple[str, list[bytes]]:
    return edit.text, sorted(edit.seen)
