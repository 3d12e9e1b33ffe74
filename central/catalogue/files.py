"""Files of the catalogue at central: each written whole, on the disk before it has its name."""

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from central.errors import PublishError


def put(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Raises PublishError."""
    _write(path, lambda file: file.write(data), mode)


def copy(source: Path, path: Path) -> None:
    """Raises PublishError."""
    try:
        with source.open("rb") as opened:
            _write(path, lambda file: shutil.copyfileobj(opened, file))
    except OSError as error:
        raise PublishError(
            f"{source} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error


def _write(path: Path, fill: Callable[[IO[bytes]], object], mode: int = 0o644) -> None:
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.touch(mode)
        with draft.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise PublishError(
            f"{path.parent} cannot be written ({error.strerror}): check that it has room."
        ) from error
