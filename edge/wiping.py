"""Wiping a node in a moment: what opens it goes first, then all that it would have opened."""

import fcntl
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
    _end_running(config.data)
    stubborn: list[str] = []
    for path in [*_keys(config), *_data(config)]:
        try:
            _overwrite(path)
            path.unlink()
        except OSError as error:
            stubborn.append(f"{path} ({error.strerror})")
    return stubborn


def _keys(config: Config) -> list[Path]:
    found = [config.keys / name for name in ("signing.key", "signing.next", "node.key")]
    return [path for path in found if path.exists()]


def _data(config: Config) -> list[Path]:
    """The outbox first: in it lie the wrapped keys of everything else."""
    return sorted(
        (path for path in config.data.rglob("*") if path.is_file()),
        key=lambda path: not path.name.startswith("outbox"),
    )


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(bytes(min(path.stat().st_size, _OVERWRITTEN_MAX)))
        file.flush()
        os.fsync(file.fileno())


def _end_running(folder: Path) -> None:
    """Kill the node that holds this folder; an old ``ready.json`` kills nobody else's process."""
    with suppress(OSError), (folder / "lock").open("rb") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _kill(folder / "ready.json"):
                fcntl.flock(claim, fcntl.LOCK_EX)  # free as soon as it is dead


def _kill(ready: Path) -> bool:
    try:
        os.kill(int(json.loads(ready.read_text("utf-8"))["pid"]), signal.SIGKILL)
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True
