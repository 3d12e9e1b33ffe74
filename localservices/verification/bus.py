"""A bus of people: documents checked one after another by one member of staff, and what came of it.

Kept in memory alone, for it shows names; the checks themselves are written down as all are.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from localservices.verification.service import Checked
from localservices.verification.verdict import Tone, tone

ROWS_MAX = 500
BUSES_MAX = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One check. ``number`` counts from 1."""

    number: int
    once: bytes
    checked: Checked


@dataclass(frozen=True, slots=True)
class Bus:
    """The newest first."""

    rows: tuple[Row, ...] = field(default=(), repr=False)

    def counts(self) -> dict[Tone, int]:
        tones = [tone(row.checked.verdict) for row in self.rows]
        return {one: tones.count(one) for one in Tone}

    def with_one(self, once: bytes, checked: Checked) -> "Bus":
        """The same form sent again adds nothing."""
        if any(row.once == once for row in self.rows):
            return self
        number = self.rows[0].number + 1 if self.rows else 1
        return replace(self, rows=(Row(number, once, checked), *self.rows)[:ROWS_MAX])


class Buses:
    """One for each member of staff. Any thread may call."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, Bus] = OrderedDict()
        self._turn = threading.Lock()

    def of(self, staff: str) -> Bus:
        with self._turn:
            return self._of.get(staff, Bus())

    def add(self, staff: str, once: bytes, checked: Checked) -> None:
        with self._turn:
            self._of[staff] = self._of.pop(staff, Bus()).with_one(once, checked)
            while len(self._of) > BUSES_MAX:
                self._of.popitem(last=False)

    def end(self, staff: str) -> None:
        """The bus drives on: what it showed is forgotten."""
        with self._turn:
            self._of.pop(staff, None)
