"""What the catalogue gave this node, as verification is handed it."""

from collections.abc import Sequence
from pathlib import Path

# Name in the catalogue, file, and when central last said that there is no newer one (Unix ms).
Given = Sequence[tuple[str, Path, int | None]]
