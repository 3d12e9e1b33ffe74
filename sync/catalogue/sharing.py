"""What a node hands on of the catalogue to its neighbours, under central's names."""

import json
from collections.abc import Iterable
from pathlib import Path

from sync.catalogue.shelf import Target
from sync.wire.repository import METADATA, PATHS, TARGETS, version_of

_ROLES = ("snapshot", "targets", *PATHS)


def find(name: str, believed: Path, in_force: Iterable[Target]) -> Path | None:
    """Where the file lies; ``believed`` is python-tuf's folder. None: it is not here."""
    folder, _, last = name.partition("/")
    if folder == METADATA:
        return _metadata(last, believed)
    if folder == TARGETS:
        sha256 = name.rpartition("/")[2].partition(".")[0]
        return next((target.path for target in in_force if target.sha256 == sha256), None)
    return None


def _metadata(last: str, believed: Path) -> Path | None:
    version = version_of(last)
    if last == "timestamp.json":
        path = believed / last
    elif last == f"{version}.root.json":
        path = believed / "root_history" / last
    elif last in [f"{version}.{role}.json" for role in _ROLES]:
        path = believed / last.partition(".")[2]
        if _version(path) != version:
            return None
    else:
        return None
    return path if path.is_file() else None


def _version(path: Path) -> int | None:
    try:
        version = json.loads(path.read_bytes())["signed"]["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if isinstance(version, int) else None
