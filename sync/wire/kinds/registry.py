"""What lets a node look into a registry of documents."""

from dataclasses import dataclass, field
from typing import ClassVar

from sync.wire.lanes import Lane


@dataclass(frozen=True, slots=True)
class RegistryKeyGiven:
    """The key under which a registry's documents are hashed; sealed for one node at a time."""

    kind: ClassVar[str] = "registry.key"
    lane: ClassVar[Lane] = Lane.WORK
    retention_hours: ClassVar[int] = 24 * 365 * 10

    name: str  # the registry's
    key: bytes = field(repr=False)
