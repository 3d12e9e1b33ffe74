"""Wiping a node in a moment: what opens it goes first, then all that it would have opened."""

import json
import os
import signal
from contextlib import suppress
from pathlib import Path

from edge.config import Config

_OVERWRITTEN_MAX = 1024 * 1024  # of each file: keys and wrapped keys are small


def wipe(config: Config) -> list[str]:
    """Destroy this node's identity, its wrapped keys and its data; names what could not be.

    A running node is killed first. On flash an overwritten block may live on; what it held was
    encrypted under keys that lay in the files removed first.
    """
    _kill(config.data / "ready.json")
    stubborn: list[str] = []
    for path in [*_keys(config), *_data(config)]:
        try:
            _overwrite(path)
            path.unlink()
        except OSError as error:
            stubborn.append(f"{path} ({error.strerror})")
    return stubborn


def _keys(config: Config) -> list[Path]:
    found = [config.keys / name for name in ("signing.key", "node.key")]
    return [path for path in found if path.exists()]


def _data(config: Config) -> list[Path]:
    """The outbox first: in it lie the wrapped keys of everything else."""
    return sorted(
        (path for path in config.data.glob("*") if path.is_file()),
        key=lambda path: not path.name.startswith("outbox"),
    )


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(min(path.stat().st_size, _OVERWRITTEN_MAX)))
        file.flush()
        os.fsync(file.fileno())


def _kill(ready: Path) -> None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        os.kill(int(json.loads(ready.read_text("utf-8"))["pid"]), signal.SIGKILL)
