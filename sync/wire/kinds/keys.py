"""A node tells central which key it will sign with next."""

from dataclasses import dataclass
from typing import ClassVar

from sync.wire.lanes import Lane


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """Once central holds this, it believes the new key too, and the node begins to use it."""

    kind: ClassVar[str] = "key.rotated"
    lane: ClassVar[Lane] = Lane.URGENT
    retention_hours: ClassVar[int] = 72

    succession: bytes  # see sync.wire.succession
