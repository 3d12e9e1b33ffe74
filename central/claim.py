"""One central a data folder: two would undo each other's work."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from central.errors import ClaimError


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder if it is absent and hold it until the block ends, or we die.

    Raises:
        ClaimError: another process of central holds it, or it cannot be used.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / "lock").open("wb")
    except OSError as error:
        raise ClaimError(
            f"{folder} cannot be used ({error.strerror}): check the folder and its free space."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ClaimError(
                f"A central already runs on {folder}: stop it, or choose another data folder."
            ) from error
        yield
