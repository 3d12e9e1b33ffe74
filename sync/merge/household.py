"""How a household stands after all that is known of its edits: at nodes and at central alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sync.merge import clock
from sync.merge.fields import Edit, Value, merge
from sync.wire.kinds import household_fields
from sync.wire.kinds.household import REMOVED, HouseholdEdited, HouseholdRegistered


@dataclass(frozen=True, slots=True)
class Standing:
    """The household as merged.

    Attributes:
        values: by field, also of fields that nobody edited.
        collisions: fields of which a human must say what is right.
    """

    household: HouseholdRegistered
    values: Mapping[str, Value]
    collisions: tuple[str, ...]

    @property
    def is_removed(self) -> bool:
        return REMOVED in self.values and self.values[REMOVED].text == household_fields.YES

    @property
    def live(self) -> frozenset[bytes]:
        """Stamps of all edits that stand: what somebody has seen who has seen this."""
        return frozenset(edit.stamp for value in self.values.values() for edit in value.live)


def standing(first: HouseholdRegistered, edits: Iterable[HouseholdEdited]) -> Standing:
    """Edits that are not sound change nothing."""
    plain = [
        Edit(edit.stamp, edit.field, edit.new, frozenset(edit.seen))
        for edit in edits
        if is_sound(edit)
    ]
    values = merge(household_fields.to_fields(first), plain)
    texts = {name: value.text for name, value in values.items()}
    merged = household_fields.from_fields(first, texts)
    collisions = [name for name, value in values.items() if value.collides]
    if REMOVED not in collisions and _was_changed_meanwhile(values):
        collisions.append(REMOVED)
    return Standing(merged, values, tuple(collisions))


def is_sound(edit: HouseholdEdited) -> bool:
    """Whether an edit can be one of a node's; what is not belongs in quarantine."""
    stamps = (edit.stamp, *edit.seen)
    return household_fields.is_sound(edit) and all(map(clock.is_sound, stamps))


def _was_changed_meanwhile(values: Mapping[str, Value]) -> bool:
    """Whether it was removed by somebody who had not seen an edit that stands."""
    removal = values.get(REMOVED)
    if removal is None or removal.text != household_fields.YES:
        return False
    seen = {stamp for edit in removal.live for stamp in edit.seen}
    others = (value for name, value in values.items() if name != REMOVED)
    return any(edit.stamp not in seen for value in others for edit in value.live)
